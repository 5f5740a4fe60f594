// Package miniprograms embeds the first-party mini programs.
//
// Each folder is an ordinary WeChat-format project. The invariant: a folder's only way into a running Plaza
// is the upload and release that a stranger's program goes through; nothing here is trusted.
package miniprograms

import "embed"

// Files holds one folder per program.
//
//go:embed all:*
var Files embed.FS
