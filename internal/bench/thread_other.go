//go:build !linux

package bench

import "time"

var began = time.Now()

// threadTime is the time on the wall where a thread's own is not to be had.
func threadTime() (time.Duration, error) { return time.Since(began), nil }
