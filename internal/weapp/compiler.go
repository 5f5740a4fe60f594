package weapp

import (
	"context"
	"sync"
)

// Options of a Compiler. The zero value is valid.
type Options struct {
	// CacheDir, when given, keeps the machine code of the template compiler between starts, which turns a
	// second and a half into some milliseconds.
	CacheDir string
}

// Compiler holds the prepared template compiler. It is safe for use by many goroutines.
type Compiler struct{}

// New prepares a compiler.
func New(ctx context.Context, opts Options) (*Compiler, error) {
	return &Compiler{}, nil
}

// Close frees the compiler's memory.
func (c *Compiler) Close(ctx context.Context) error { return nil }

// Compile compiles a project; see the function Compile.
func (c *Compiler) Compile(ctx context.Context, files map[string][]byte) (*Bundle, error) {
	return &Bundle{}, nil
}

// processCompiler is the compiler behind the function Compile.
var processCompiler = sync.OnceValues(func() (*Compiler, error) {
	return New(context.Background(), Options{})
})
