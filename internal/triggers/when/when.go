// Package when says when a program's function runs by itself: at which times of a timer, and at which events.
//
// It is pure, so that the check of a package on a laptop, the server and the documentation read the same. The
// invariant: what follows an instant is later than it and is named by the spec, and a clock change neither doubles a
// period nor makes an instant that no clock shows.
package when
