//go:build !linux

package check

import (
	"io/fs"
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

func processAttributes() *syscall.SysProcAttr { return nil }

func isOwn(fs.FileInfo) bool { return true } // the cache is in the user's own folder

// watchMemory looks at the worker's resident memory from outside, since only Linux limits the data of a
// process, and ends it when it is over. Where there is no ps, only the worker's own soft limit is left.
func watchMemory(w *worker) {
	go func() {
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		for {
			select {
			case <-w.died:
				return
			case <-ticker.C:
			}
			out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(w.cmd.Process.Pid)).Output()
			if err != nil {
				continue
			}
			kilobytes, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
			if err == nil && kilobytes<<10 > memoryLimit {
				w.kill(ErrMemory)
				return
			}
		}
	}()
}

func confine(int64) error { return nil }
