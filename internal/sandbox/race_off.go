//go:build !race

package sandbox

// raceDetector says that this binary carries the race detector.
const raceDetector = false
