//go:build !linux

package confined

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	rootFolder = ""
	pollEvery  = 50 * time.Millisecond
)

func executable() (string, error) { return os.Executable() }

func attributes() *syscall.SysProcAttr { return nil }

// Watch looks at a started process's resident memory from outside, since only Linux limits the data of a
// process, and calls over once when it is over. Where there is no ps, only the worker's own soft limit is left.
func Watch(command *exec.Cmd, memory int64, died <-chan struct{}, over func()) {
	go func() {
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		for {
			select {
			case <-died:
				return
			case <-ticker.C:
			}
			out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(command.Process.Pid)).Output()
			if err != nil {
				continue
			}
			kilobytes, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
			if err == nil && kilobytes<<10 > memory {
				over()
				return
			}
		}
	}()
}

// Enter does nothing here; see Watch.
func Enter(Limits) error { return nil }

// Lower does nothing here: the system shares its processors as it likes.
func Lower(int) {}

// ProcessorTime is not known here.
func ProcessorTime(int) (time.Duration, bool) { return 0, false }
