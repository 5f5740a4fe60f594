//go:build race

package confined

// RaceDetector says that this binary carries the race detector, whose shadow memory no limit on data allows.
// Such a binary is for tests: its workers have only the soft limit.
const RaceDetector = true
