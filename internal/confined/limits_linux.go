package confined

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const rootFolder = "/"

// executable is this process's own file, also after an upgrade has replaced it on the disk.
func executable() (string, error) { return "/proc/self/exe", nil }

// attributes make the system end a worker whose parent has ended, and keep the terminal's signals away.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// Watch does nothing here: the process limits itself before it reads anything.
func Watch(*exec.Cmd, int64, <-chan struct{}, func()) {}

// Enter takes from this process what a worker does not need. Writing too large a file is an error then, and not
// the end.
func Enter(limits Limits) error {
	data := uint64(limits.MemoryBytes)
	if RaceDetector {
		data = unix.RLIM_INFINITY
	}
	signal.Ignore(syscall.SIGXFSZ)
	for resource, limit := range map[int]uint64{
		unix.RLIMIT_DATA:   data,
		unix.RLIMIT_CORE:   0,
		unix.RLIMIT_FSIZE:  limits.FileBytes,
		unix.RLIMIT_NOFILE: limits.Descriptors,
		unix.RLIMIT_CPU:    limits.CPUSeconds,
	} {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return fmt.Errorf("limit %d: %w", resource, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("not dumpable: %w", err)
	}
	return nil
}

// lowered is the priority of who lets others go first: beside one who does not, it gets a tenth.
const lowered = 10

// Lower lets other processes go before this child of ours, with all its threads: they are a group of their own. One
// processor it leaves to the others altogether, if there are several. A priority alone is not enough: Linux may let a
// process of any priority go on until its next tick, some milliseconds later, though one that was waited for is ready.
func Lower(pid int) {
	_ = unix.Setpriority(unix.PRIO_PGRP, pid, lowered) // it fails only when the process has ended
	var processors unix.CPUSet
	if unix.SchedGetaffinity(0, &processors) != nil || processors.Count() < 2 {
		return
	}
	first := 0
	for !processors.IsSet(first) {
		first++
	}
	processors.Clear(first)
	for range 2 { // a thread that is made meanwhile is as the one that makes it was
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			return // it has ended
		}
		for _, thread := range threads {
			if id, err := strconv.Atoi(thread.Name()); err == nil {
				_ = unix.SchedSetaffinity(id, &processors)
			}
		}
	}
}

// ProcessorTime is what a child has used of the processors so far; false when it has ended.
func ProcessorTime(pid int) (time.Duration, bool) {
	const processClock = 2 // CPUCLOCK_SCHED of a whole process, see clock_getcpuclockid(3)
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|processClock), &used); err != nil {
		return 0, false
	}
	return time.Duration(used.Nano()), true
}
