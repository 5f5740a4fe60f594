package campaigns

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// zone is a time zone that remembers the span it was last asked about. A basket is priced against hundreds of
// schedules that all fall into one span, and the standard library's look-up costs as much as the rest together.
type zone struct {
	loc    *time.Location
	recent atomic.Pointer[span]
}

// span is the seconds [start, end) since 1970 UTC in which one offset from UTC rules.
type span struct{ start, end, offset int64 }

// zones remembers loaded zones, because time.LoadLocation reads and parses a file each time. What it holds
// never changes for a name.
var zones sync.Map

// findZone is the named zone; "" is UTC. There is none for an unknown name, nor for the server's own "Local".
func findZone(name string) (*zone, bool) {
	if name == "" {
		name = "UTC"
	}
	if z, ok := zones.Load(name); ok {
		return z.(*zone), true
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, false
	}
	z, _ := zones.LoadOrStore(name, &zone{loc: loc})
	return z.(*zone), true
}

func (z *zone) span(unix int64) span {
	if s := z.recent.Load(); s != nil && s.start <= unix && unix < s.end {
		return *s
	}
	at := time.Unix(unix, 0).In(z.loc)
	start, end := at.ZoneBounds()
	_, offset := at.Zone()
	s := span{math.MinInt64, math.MaxInt64, int64(offset)}
	if !start.IsZero() {
		s.start = start.Unix()
	}
	if !end.IsZero() {
		s.end = end.Unix()
	}
	z.recent.Store(&s)
	return s
}

// day is the local date at an instant, as days since 1970-01-01.
func (z *zone) day(unix int64) int64 {
	local := unix + z.span(unix).offset
	day := local / daySeconds
	if local%daySeconds < 0 {
		day--
	}
	return day
}

// instant is when clocks in the zone show the local time that is local seconds after the local 1970-01-01 00:00.
// A time that occurs twice is its first occurrence; one that a clock change skips moves forward by the gap.
// time.Date promises neither.
func (z *zone) instant(local int64) int64 {
	s := z.span(local - daySeconds) // no offset is a whole day, so this span begins before the answer
	for {
		candidate := local - s.offset
		if candidate < s.end {
			return candidate
		}
		next := z.span(s.end)
		if local-next.offset < s.end {
			return candidate
		}
		s = next
	}
}
