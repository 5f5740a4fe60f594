//go:build !unix

package check

import "io/fs"

func isOwn(fs.FileInfo) bool { return true } // the cache is in the user's own folder
