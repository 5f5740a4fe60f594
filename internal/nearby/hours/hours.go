// Package hours reads opening hours as OpenStreetMap writes them, and tells whether a place is open.
//
// It knows no app and no clock: a value goes in, states of instants come out, in the zone of the instants that are
// asked for. The invariant: a value is read whole or not at all; one that cannot be read is an error, which its
// caller calls unknown, and never a guess.
package hours

import "time"

// State is what a schedule says of an instant.
type State int

// The states.
const (
	Closed State = iota
	Open
	Unknown
)

// Interval is a stretch of time in one state that is not Closed; Until is not in it.
type Interval struct {
	From, Until time.Time
	State       State
	Comment     string
}
