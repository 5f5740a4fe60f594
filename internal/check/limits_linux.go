package check

import (
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

const rootFolder = "/"

// executable is this process's own file, also after an upgrade has replaced it on the disk.
func executable() (string, error) { return "/proc/self/exe", nil }

// processAttributes make the system end a worker whose parent has ended, and keep the terminal's signals away.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// watchMemory does nothing here: the worker limits itself before it reads the first job.
func watchMemory(*worker) {}

func isOwn(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}

const (
	maxCPUSeconds  = 1_200 // of a worker's whole life; the parent ends it long before
	maxDescriptors = 64
)

// confine takes from this process what a worker does not need.
func confine(memory int64) error {
	data := uint64(memory)
	if raceDetector {
		data = unix.RLIM_INFINITY
	}
	for resource, limit := range map[int]uint64{
		unix.RLIMIT_DATA:   data,
		unix.RLIMIT_CORE:   0,
		unix.RLIMIT_FSIZE:  maxBundle,
		unix.RLIMIT_NOFILE: maxDescriptors,
		unix.RLIMIT_CPU:    maxCPUSeconds,
	} {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return fmt.Errorf("limit %d: %w", resource, err)
		}
	}
	signal.Ignore(syscall.SIGXFSZ) // writing too much is an error and not the end
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("not dumpable: %w", err)
	}
	return nil
}
