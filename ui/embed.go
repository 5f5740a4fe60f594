// Package ui carries the built web client, the console and the program frame inside the binary.
// What is built is what is served: nothing here changes a file on its way out.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var built embed.FS

// Dist is the built interface, rooted at index.html; it is empty in a tree that was never built.
var Dist fs.FS = rooted()

func rooted() fs.FS {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		panic(err) // only an invalid path fails, and this one is a constant
	}
	return dist
}
