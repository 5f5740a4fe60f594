// Package confined starts this binary again as a process that may do little: what reads untrusted code or
// packages runs in one.
//
// The idea: the parent keeps all rights and talks over pipes; the child gives up everything before it reads a
// byte. The invariant: a confined process has no environment, no more memory, files and processor time than its
// limits say, and ends with its parent. It knows nothing of what it is used for.
package confined

import (
	"os/exec"
	"sync"
)

// Limits is what a confined process may use in its whole life.
type Limits struct {
	MemoryBytes int64  // of data; on systems other than Linux the parent watches it instead
	FileBytes   uint64 // the largest file that it may write
	Descriptors uint64 // open files
	CPUSeconds  uint64
}

// Command is this binary, to be started with those arguments, an environment of its own alone, and what it says
// on standard error kept in said.
func Command(said *Tail, environment []string, arguments ...string) (*exec.Cmd, error) {
	exe, err := executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(exe, arguments...)
	command.Env = environment
	command.Dir = rootFolder
	command.Stderr = said
	command.SysProcAttr = attributes()
	return command, nil
}

// Tail keeps the first and the last bytes that a process writes to its standard error.
type Tail struct {
	mu         sync.Mutex
	first, end []byte
}

const tailBytes = 4 << 10

// Write keeps what fits; it never fails.
func (t *Tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := tailBytes - len(t.first); room > 0 {
		t.first = append(t.first, b[:min(room, len(b))]...)
	}
	t.end = append(t.end, b...)
	if over := len(t.end) - tailBytes; over > 0 {
		t.end = append([]byte(nil), t.end[over:]...)
	}
	return len(b), nil
}

func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.first) + string(t.end)
}
