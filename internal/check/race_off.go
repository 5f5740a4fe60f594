//go:build !race

package check

// raceDetector says that this binary carries the race detector.
const raceDetector = false
