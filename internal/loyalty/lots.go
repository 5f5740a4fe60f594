package loyalty

import (
	"cmp"
	"math/bits"
	"slices"
	"time"
)

// maxPoints is the largest number of points: the largest integer that a JSON number holds exactly.
const maxPoints = 1<<53 - 1

// The kinds of movement.
const (
	earned   = "earn"
	granted  = "grant"
	spent    = "spend"
	returned = "return"
	revoked  = "revoke"
	repaid   = "repay"
	expired  = "expire"
)

// graced is the kind of a lot that a late refund opens in place of one that has ended.
const graced = "grace"

// change is one movement: of a lot, or of the debt when lot is empty. Its points are what the member gains.
type change struct {
	kind   string
	lot    string
	points int64
	of     string // the operation that a return or a revocation undoes
}

// member is what somebody has at one organisation, and what an operation does to it. It is pure: an operation
// is worked out here and written down by whoever loaded the member.
type member struct {
	lots    []Lot
	debt    int64
	opened  []string // lots that are new
	changes []change
}

// taken is what a spend took from one lot.
type taken struct {
	Lot    string `db:"lot"`
	Points int64  `db:"points"`
}

func (l Lot) begun(now time.Time) bool { return !l.Active.After(now) }

func (l Lot) over(now time.Time) bool { return !l.Expires.IsZero() && !l.Expires.After(now) }

// spendable is what may be spent at now; below zero while the debt exceeds the active lots.
func (m *member) spendable(now time.Time) int64 {
	sum := -m.debt
	for _, l := range m.lots {
		if l.begun(now) && !l.over(now) {
			sum += l.Remaining
		}
	}
	return sum
}

// pending is what will be spendable later.
func (m *member) pending(now time.Time) int64 {
	var sum int64
	for _, l := range m.lots {
		if !l.begun(now) && !l.over(now) {
			sum += l.Remaining
		}
	}
	return sum
}

// settle does what time alone has done up to now: points that became active repaid the debt, in the order in
// which they did, and lots whose end has come lost what was left. Because every operation and every reading
// begins with it, it does not matter when it was last written down.
func (m *member) settle(now time.Time) {
	slices.SortStableFunc(m.lots, func(a, b Lot) int { return cmp.Or(a.Active.Compare(b.Active), spendOrder(a, b)) })
	for i := range m.lots {
		l := &m.lots[i]
		if points := min(m.debt, l.Remaining); points > 0 && l.begun(now) && !l.over(l.Active) {
			m.move(l, repaid, -points, "")
			m.owe(repaid, -points, "")
		}
	}
	slices.SortStableFunc(m.lots, spendOrder)
	for i := range m.lots {
		if l := &m.lots[i]; l.over(now) && l.Remaining > 0 {
			m.move(l, expired, -l.Remaining, "")
		}
	}
}

// spendOrder is soonest end first, then the oldest, then by id.
func spendOrder(a, b Lot) int {
	if a.Expires.IsZero() != b.Expires.IsZero() {
		if a.Expires.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(a.Expires.Compare(b.Expires), a.Granted.Compare(b.Granted), cmp.Compare(a.ID, b.ID))
}

// open gives the member a new lot.
func (m *member) open(l Lot, kind, of string) {
	points := l.Points
	l.Remaining = 0
	m.lots = append(m.lots, l)
	m.opened = append(m.opened, l.ID)
	m.move(&m.lots[len(m.lots)-1], kind, points, of)
}

// spend takes points from the active lots, or refuses and takes none.
func (m *member) spend(points int64, now time.Time) error {
	if available := m.spendable(now); available < points {
		return ErrInsufficientPoints.With("available", available)
	}
	m.take(points, spent, "", now)
	return nil
}

// take takes up to points from the active lots in spend order and says how many it found.
func (m *member) take(points int64, kind, of string, now time.Time) int64 {
	slices.SortStableFunc(m.lots, spendOrder)
	left := points
	for i := range m.lots {
		l := &m.lots[i]
		if n := min(left, l.Remaining); n > 0 && l.begun(now) && !l.over(now) {
			m.move(l, kind, -n, of)
			left -= n
		}
	}
	return points - left
}

// refund gives points of a spend back to the lots that it took, the last taken first; before is how many went
// back already. What belongs to a lot that has ended meanwhile ends again at once, or gets a new lot for the
// days of grace.
func (m *member) refund(points int64, from []taken, before int64, op, of string, graceDays int, now time.Time) error {
	var total int64
	for _, t := range from {
		total += t.Points
	}
	if points > total-before {
		return ErrExceedsSpend.With("spent", total).With("returned", before)
	}
	skip := before
	for _, t := range slices.Backward(from) {
		passed := min(skip, t.Points)
		skip -= passed
		n := min(points, t.Points-passed)
		if n == 0 {
			continue
		}
		points -= n
		l := m.find(t.Lot)
		switch {
		case !l.over(now):
			m.move(l, returned, n, of)
		case graceDays > 0:
			m.open(Lot{
				ID: l.ID + "/grace/" + op, Kind: graced, Points: n, Granted: now, Active: now, Expires: now.AddDate(0, 0, graceDays),
			}, returned, of)
		default:
			m.move(l, returned, n, of)
			m.move(l, expired, -n, of)
		}
	}
	return nil
}

// revoke takes back points: from the lot that was earned, pending or not, then from the other active lots; what
// is missing becomes a debt.
func (m *member) revoke(points int64, own *Lot, of string, now time.Time) {
	if n := min(points, own.Remaining); n > 0 {
		m.move(own, revoked, -n, of)
		points -= n
	}
	points -= m.take(points, revoked, of, now)
	if points > 0 {
		m.owe(revoked, points, of)
	}
}

func (m *member) move(l *Lot, kind string, points int64, of string) {
	l.Remaining += points
	m.changes = append(m.changes, change{kind: kind, lot: l.ID, points: points, of: of})
}

// owe changes the debt; the member gains the opposite.
func (m *member) owe(kind string, points int64, of string) {
	m.debt += points
	m.changes = append(m.changes, change{kind: kind, points: -points, of: of})
}

// justExpired is how many points of the lot ended by settling, which is not written down yet.
func (m *member) justExpired(lot string) int64 {
	var points int64
	for _, c := range m.changes {
		if c.lot == lot && c.kind == expired {
			points -= c.points
		}
	}
	return points
}

func (m *member) find(id string) *Lot {
	for i := range m.lots {
		if m.lots[i].ID == id {
			return &m.lots[i]
		}
	}
	return nil
}

// share is points × part ÷ whole, rounded half up, for 0 ≤ part ≤ whole. The product may exceed 64 bits.
func share(points, part, whole int64) int64 {
	high, low := bits.Mul64(uint64(points), uint64(part))
	quotient, rest := bits.Div64(high, low, uint64(whole))
	if rest >= uint64(whole)-rest {
		quotient++
	}
	return int64(quotient)
}
