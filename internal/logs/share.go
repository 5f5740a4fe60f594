package logs

import "time"

const (
	// ChatterPerMinute is how many lines of debug and info a program may write in a minute.
	ChatterPerMinute = 6_000
	// TroublePerMinute is how many warnings and errors it may write besides, so that chatter never hides them.
	TroublePerMinute = 1_500
	// BytesPerMinute is how much all of them may hold.
	BytesPerMinute = 4 << 20

	sharesKept = 2_000 // programs that are remembered before those that owe nothing are forgotten
)

// shares holds what each program may still write. A share fills up within a minute.
type shares struct{ left map[string]share }

type share struct {
	chatter, trouble, bytes float64
	at                      time.Time
}

func newShares() *shares { return &shares{left: map[string]share{}} }

var whole = share{chatter: ChatterPerMinute, trouble: TroublePerMinute, bytes: BytesPerMinute}

// filled is the share at a later time.
func (s share) filled(now time.Time) share {
	minutes := max(now.Sub(s.at).Minutes(), 0)
	return share{
		chatter: min(s.chatter+minutes*whole.chatter, whole.chatter),
		trouble: min(s.trouble+minutes*whole.trouble, whole.trouble),
		bytes:   min(s.bytes+minutes*whole.bytes, whole.bytes),
		at:      now,
	}
}

// allow takes a line off the program's share, or tells that there is none left.
func (s *shares) allow(appid string, level, size int, now time.Time) bool {
	left, known := s.left[appid]
	if !known {
		s.makeRoom(now)
		left = whole
		left.at = now
	}
	left = left.filled(now)
	lines := &left.chatter
	if level >= rank(Warn) {
		lines = &left.trouble
	}
	allowed := *lines >= 1 && left.bytes >= float64(size)
	if allowed {
		*lines--
		left.bytes -= float64(size)
	}
	s.left[appid] = left
	return allowed
}

// makeRoom forgets the programs whose share is whole again.
func (s *shares) makeRoom(now time.Time) {
	if len(s.left) < sharesKept {
		return
	}
	for appid, left := range s.left {
		if now.Sub(left.at) >= time.Minute {
			delete(s.left, appid)
		}
	}
}
