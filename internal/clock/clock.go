// Package clock is the one time that the whole house goes by.
//
// Verbs take the time as their last argument; only handlers, jobs and hooks ask Now, and they ask it
// here, so that a demonstration or a test can move the clock of a running server. The invariant: every
// price, lot and schedule of one app is judged by the same clock, and a local day begins for all of them at the
// same instant.
package clock

import (
	"time"

	"github.com/pocketbase/pocketbase/core"
)

const storeKey = "plaza.clock.offset"

// Now is the app's present instant, in UTC.
func Now(app core.App) time.Time {
	return time.Now().Add(Ahead(app)).UTC()
}

// Ahead is how far the app's clock is ahead of the machine's; zero but in demonstrations and tests.
func Ahead(app core.App) time.Duration {
	offset, _ := app.Store().Get(storeKey).(time.Duration)
	return offset
}

// Set moves the app's clock so that it shows at now and runs on from there.
// It is for demonstrations and tests: a production server has no route that calls it.
func Set(app core.App, at time.Time) {
	app.Store().Set(storeKey, time.Until(at))
}

// Reset puts the app's clock back on the machine's.
func Reset(app core.App) {
	app.Store().Remove(storeKey)
}
