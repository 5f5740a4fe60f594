//go:build !race

package confined

// RaceDetector says that this binary carries the race detector.
const RaceDetector = false
