//go:build !unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// lockFolder opens the lock file; this system has no lock that ends with its process, so the operator keeps a
// second server away.
func lockFolder(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "serve.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	return file, nil
}
