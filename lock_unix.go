//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

var errFolderTaken = errors.New("another server is using this data folder: stop it, or use another --dir")

// lockFolder makes this server the only one of the data folder, until the file is closed or the process ends in
// whatever way. Two would each run the jobs, and each keep prices that the other has changed. A file system that
// has no locks is no reason not to start.
func lockFolder(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "serve.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(errFolderTaken, file.Close())
	}
	return file, nil
}
