package check

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
)

// Archive zips the files in the order of their names, without times: the same files give the same bytes.
func Archive(contents map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	if err := writeArchive(&out, contents); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// packed are files that deflating does not make smaller.
var packed = []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".mp3", ".mp4", ".webm", ".aac", ".ogg", ".woff", ".woff2"}

func writeArchive(out io.Writer, contents map[string][]byte) error {
	w := zip.NewWriter(out)
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if slices.Contains(packed, strings.ToLower(path.Ext(name))) {
			header.Method = zip.Store
		}
		entry, err := w.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(contents[name]); err != nil {
			return err
		}
	}
	return w.Close()
}

// writeBundle writes the bundle's file durably and gives its hash and size.
func writeBundle(name string, contents map[string][]byte) (hash string, size int64, err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", 0, fmt.Errorf("write bundle: %w", err)
	}
	sum := sha256.New()
	counted := &counter{w: io.MultiWriter(file, sum)}
	err = errors.Join(writeArchive(counted, contents), file.Sync(), file.Close())
	if errors.Is(err, syscall.EFBIG) {
		return "", 0, ErrBundleTooLarge.With("limit", maxBundle)
	}
	if err != nil {
		return "", 0, fmt.Errorf("write bundle: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), counted.n, nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
