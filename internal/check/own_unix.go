//go:build unix

package check

import (
	"io/fs"
	"os"
	"syscall"
)

// isOwn says whether the file belongs to the user whose process this is.
func isOwn(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
