package bench

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	startLimit  = 2 * time.Second
	sizeLimit   = 80 << 20  // bytes
	memoryLimit = 120 << 20 // bytes
	settleTime  = 8 * time.Second
)

// binary measures this very program: from an empty folder to its first answer, its size, its memory at rest.
func binary(Register) ([]Row, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	var took []float64
	var memory int64
	for range rounds {
		first, resident, err := startOnce(program, len(took) == rounds-1)
		if err != nil {
			return nil, err
		}
		took, memory = append(took, first.Seconds()), resident
	}
	seconds := median(took)
	return []Row{
		atMost("empty folder to first answered request", seconds, "s", "limit of 2 s", seconds/startLimit.Seconds(), 1),
		atMost("binary size", float64(info.Size())/(1<<20), "MiB", "limit of 80 MiB", float64(info.Size())/sizeLimit, 1),
		atMost("idle memory", float64(memory)/(1<<20), "MiB", "limit of 120 MiB", float64(memory)/memoryLimit, 1),
	}, nil
}

// startOnce starts the program in an empty folder. With rest it also waits until the first-party programs are
// published and everything is quiet, and answers the resident memory of the server and its workers.
func startOnce(program string, rest bool) (time.Duration, int64, error) {
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	address, err := freeAddress()
	if err != nil {
		return 0, 0, err
	}
	command := exec.Command(program, "serve", "--http", address)
	command.Dir = dir
	began := time.Now()
	if err := command.Start(); err != nil {
		return 0, 0, err
	}
	defer func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	}()
	first, err := firstAnswer("http://"+address+"/api/plaza", began)
	if err != nil || !rest {
		return first, 0, err
	}
	time.Sleep(settleTime)
	memory, err := residentMemory(command.Process.Pid)
	return first, memory, err
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

func firstAnswer(url string, began time.Time) (time.Duration, error) {
	for time.Since(began) < 30*time.Second {
		answer, err := http.Get(url)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return 0, fmt.Errorf("%s did not answer", url)
}

// residentMemory is the memory that the server and its workers hold, from Linux's /proc: what each has for itself, and
// once the largest of what they have of files, for that is the one binary that all of them run.
func residentMemory(pid int) (int64, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil || len(stats) == 0 {
		return 0, fmt.Errorf("this figure needs Linux's /proc: %w", err)
	}
	var own, files int64
	for _, file := range stats {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		fields := map[string]string{}
		for line := range strings.Lines(string(data)) {
			name, value, _ := strings.Cut(line, ":")
			fields[name] = strings.TrimSpace(value)
		}
		if fields["Pid"] != strconv.Itoa(pid) && fields["PPid"] != strconv.Itoa(pid) {
			continue
		}
		own += kilobytes(fields["RssAnon"]) + kilobytes(fields["RssShmem"])
		files = max(files, kilobytes(fields["RssFile"]))
	}
	return own + files, nil
}

// kilobytes is a figure of /proc in bytes; 0 when it is none.
func kilobytes(text string) int64 {
	number, err := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return number << 10
}
