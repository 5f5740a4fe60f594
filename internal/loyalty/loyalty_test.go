package loyalty_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const ann = "ann000000000000"

// town is an app with one shop whose programme gives a point for each euro.
type town struct {
	testing.TB
	app       core.App
	org, user string
}

func newTown(t testing.TB, rules map[string]any) town {
	t.Helper()
	app := apptest.New(t, loyalty.Register)
	org := apptest.Org(t, app, "shop")
	program := map[string]any{
		"org": org.Id, "name": "Club", "spend_per_point": 100, "point_value": 2,
		"expiry_kind": "never", "timezone": "Europe/Paris",
	}
	for field, value := range rules {
		program[field] = value
	}
	apptest.Record(t, app, "loyalty_programs", program)
	return town{t, app, org.Id, ann}
}

func (w town) do(verb func(tx core.App) error) error { return ledger.Write(w.app, verb) }

func (w town) earn(op string, spent ledger.Amount, at time.Time) (points int64) {
	w.Helper()
	err := w.do(func(tx core.App) (err error) {
		points, err = loyalty.Earn(tx, w.user, w.org, op, spent, at)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return points
}

func (w town) grant(op string, points int64, active, expires, at time.Time) error {
	return w.do(func(tx core.App) error {
		return loyalty.Grant(tx, loyalty.Gift{
			User: w.user, Org: w.org, OpID: op, Points: points, Active: active, Expires: expires, Reason: "test", Actor: "user:test",
		}, at)
	})
}

func (w town) spend(op string, points int64, at time.Time) error {
	return w.do(func(tx core.App) error { return loyalty.Spend(tx, w.user, w.org, op, points, at) })
}

func (w town) refund(op, of string, points int64, at time.Time) error {
	return w.do(func(tx core.App) error { return loyalty.RefundSpend(tx, w.user, w.org, op, of, points, at) })
}

func (w town) revoke(op, of string, points int64, at time.Time) error {
	return w.do(func(tx core.App) error { return loyalty.RevokeEarn(tx, w.user, w.org, op, of, points, at) })
}

func (w town) returnGoods(op, of string, returned, total ledger.Amount, at time.Time) (points int64, err error) {
	err = w.do(func(tx core.App) (err error) {
		points, err = loyalty.RevokeShare(tx, w.user, w.org, op, of, returned, total, at)
		return err
	})
	return points, err
}

func (w town) balance(at time.Time) loyalty.Statement {
	w.Helper()
	s, err := loyalty.Balance(w.app, w.user, w.org, at)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (w town) want(at time.Time, spendable, pending, debt int64) {
	w.Helper()
	if s := w.balance(at); s.Spendable != spendable || s.Pending != pending || s.Debt != debt {
		w.Errorf("at %s: %d spendable, %d pending, %d debt; want %d, %d, %d",
			at.Format(time.DateTime), s.Spendable, s.Pending, s.Debt, spendable, pending, debt)
	}
}

func (w town) refused(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("got %v, want %v", err, want)
	}
}

func (w town) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// sound checks the invariants of the books of points, from the tables alone.
func (w town) sound() {
	w.Helper()
	for what, statement := range map[string]string{
		"the movements of a member sum to the lots less the debt": `SELECT COUNT(*) FROM (
			SELECT user, org, SUM(points) AS total FROM loyalty_movements GROUP BY user, org) m WHERE total <>
			(SELECT COALESCE(SUM(remaining), 0) FROM loyalty_lots l WHERE l.user = m.user AND l.org = m.org) -
			(SELECT COALESCE(SUM(points), 0) FROM loyalty_debts d WHERE d.user = m.user AND d.org = m.org)`,
		"the movements of a lot sum to what is left in it": `SELECT COUNT(*) FROM loyalty_lots l WHERE remaining <>
			(SELECT COALESCE(SUM(points), 0) FROM loyalty_movements m WHERE m.lot = l.id)`,
		"the movements without a lot sum to the debt": `SELECT COUNT(*) FROM loyalty_debts d WHERE points <>
			(SELECT -COALESCE(SUM(points), 0) FROM loyalty_movements m WHERE m.user = d.user AND m.org = d.org AND lot = '')`,
		"a lot holds between nothing and what it was given": `SELECT COUNT(*) FROM loyalty_lots WHERE remaining NOT BETWEEN 0 AND points`,
		"a spend takes what was spent": `SELECT COUNT(*) FROM loyalty_ops o WHERE kind = 'spend' AND points <>
			(SELECT -SUM(points) FROM loyalty_movements m WHERE m.op = o.id AND m.kind = 'spend')`,
		"no more goes back than was taken": `SELECT COUNT(*) FROM loyalty_ops o WHERE kind = 'spend' AND points <
			(SELECT COALESCE(SUM(points), 0) FROM loyalty_movements m WHERE m.of = o.id AND m.kind = 'return')`,
		"no more is taken back than was given": `SELECT COUNT(*) FROM loyalty_ops o WHERE kind IN ('earn', 'grant') AND points <
			(SELECT -COALESCE(SUM(points), 0) FROM loyalty_movements m WHERE m.of = o.id AND m.kind = 'revoke')`,
		"issued is outstanding, spent, expired and revoked": `SELECT COUNT(*) FROM (SELECT
			SUM(CASE WHEN kind IN ('earn', 'grant') THEN points ELSE 0 END) AS issued,
			SUM(CASE WHEN kind IN ('spend', 'return', 'expire', 'revoke') THEN -points ELSE 0 END) AS gone FROM loyalty_movements)
			WHERE issued - gone <> (SELECT COALESCE(SUM(remaining), 0) FROM loyalty_lots) - (SELECT COALESCE(SUM(points), 0) FROM loyalty_debts)`,
	} {
		var broken int
		if err := w.app.DB().NewQuery(statement).Row(&broken); err != nil || broken != 0 {
			w.Fatalf("%s: broken %d times, %v", what, broken, err)
		}
	}
}

type instant time.Time

func (i *instant) UnmarshalJSON(raw []byte) error {
	at, err := time.Parse(`"2006-01-02T15:04:05"`, string(raw))
	*i = instant(at)
	return err
}

// The reference cases, event by event, through the verbs and the tables.
func TestReferenceCases(t *testing.T) {
	var reference struct {
		Cases []struct {
			ID     string `json:"id"`
			Note   string `json:"note"`
			Policy struct {
				GraceDays int `json:"grace_days"`
			} `json:"policy"`
			Events []struct {
				At      instant `json:"at"`
				Op      string  `json:"op"`
				ID      string  `json:"id"`
				Of      string  `json:"of"`
				Points  int64   `json:"points"`
				Active  instant `json:"active_at"`
				Expires instant `json:"expires_at"`
			} `json:"events"`
			Expected []struct {
				Result  string           `json:"result"`
				Active  int64            `json:"active"`
				Pending int64            `json:"pending"`
				Debt    int64            `json:"debt"`
				Lots    map[string]int64 `json:"lots"`
			} `json:"expected_after_each"`
		} `json:"cases"`
	}
	readReference(t, &reference)
	results := map[string]error{
		"ok": nil, "insufficient": loyalty.ErrInsufficientPoints, "bad_amount": loyalty.ErrBadPoints, "exceeds_spend": loyalty.ErrExceedsSpend,
	}
	for _, c := range reference.Cases {
		t.Run(c.ID, func(t *testing.T) {
			w := newTown(t, map[string]any{"grace_days": c.Policy.GraceDays})
			for i, event := range c.Events {
				at, want := time.Time(event.At), c.Expected[i]
				var err error
				switch event.Op {
				case "earn":
					err = w.grant(event.ID, event.Points, time.Time(event.Active), time.Time(event.Expires), at)
				case "spend":
					err = w.spend(event.ID, event.Points, at)
				case "refund_spend":
					err = w.refund(event.ID, event.Of, event.Points, at)
				case "revoke_earn":
					err = w.revoke(event.ID, event.Of, event.Points, at)
				case "read":
				default:
					t.Fatalf("event %s is new", event.Op)
				}
				if result, known := results[want.Result]; want.Result != "" && (!known || !errors.Is(err, result)) {
					t.Errorf("event %d %s: %v, want %s", i, event.Op, err, want.Result)
				}
				w.want(at, want.Active, want.Pending, want.Debt)
				for id, remaining := range want.Lots {
					var got int64 = -1
					if err := w.app.DB().NewQuery("SELECT remaining FROM loyalty_lots WHERE id = {:id}").
						Bind(map[string]any{"id": id}).Row(&got); err != nil || got != remaining {
						t.Errorf("event %d: lot %s has %d left, want %d (%v)", i, id, got, remaining, err)
					}
				}
				w.sound()
			}
		})
	}
}

func readReference(t *testing.T, into any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/loyalty_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// A purchase earns whole points by the programme's rate, with the programme's dates, once.
func TestAPurchaseEarnsByTheProgramme(t *testing.T) {
	w := newTown(t, map[string]any{"expiry_kind": "end_of_month", "expiry_months": 12, "pending_days": 14})
	for range 2 {
		if points := w.earn("order:1", 1999, noon); points != 19 {
			t.Errorf("earned %d", points)
		}
	}
	if points := w.earn("order:2", 99, noon); points != 0 {
		t.Errorf("99 cents earned %d", points)
	}
	begins := time.Date(2026, 12, 7, 23, 0, 0, 0, time.UTC) // 8 December in Paris
	ends := time.Date(2027, 11, 30, 23, 0, 0, 0, time.UTC)
	w.want(noon, 0, 19, 0)
	w.want(begins.Add(-time.Second), 0, 19, 0)
	w.want(begins, 19, 0, 0)
	w.want(ends.Add(-time.Second), 19, 0, 0)
	w.want(ends, 0, 0, 0)
	s := w.balance(begins)
	if len(s.Lots) != 1 || s.Lots[0].Points != 19 || !s.Lots[0].Expires.Equal(ends) || s.Value != 38 || s.Currency != "EUR" || s.OrgName != "shop" {
		t.Errorf("the statement reads %+v", s)
	}
	w.refused(w.do(func(tx core.App) error {
		_, err := loyalty.Earn(tx, w.user, w.org, "order:1", 2000, noon)
		return err
	}), loyalty.ErrOperationMismatch)
	w.sound()
}

// Without a programme a purchase earns nothing, and that is no error; points are worth nothing there.
func TestAnOrganisationWithoutAProgrammeGivesNoPoints(t *testing.T) {
	app := apptest.New(t)
	org := apptest.Org(t, app, "bare")
	w := town{t, app, org.Id, ann}
	if points := w.earn("order:1", 100_000, noon); points != 0 {
		t.Errorf("earned %d", points)
	}
	if points, err := loyalty.PointsFor(app, org.Id, 100_000); points != 0 || err != nil {
		t.Errorf("would earn %d, %v", points, err)
	}
	_, err := loyalty.ValueOf(app, org.Id, 5)
	w.refused(err, loyalty.ErrNoProgram)
	w.refused(w.spend("s", 1, noon), loyalty.ErrInsufficientPoints)
}

// One operation id is one operation: the same again changes nothing, anything else under it is refused, and a
// refused operation can be tried again.
func TestAnOperationIsDoneOnce(t *testing.T) {
	w := newTown(t, nil)
	w.refused(w.spend("s", 60, noon), loyalty.ErrInsufficientPoints)
	w.earn("a", 10_000, noon)
	for range 3 {
		w.ok(w.spend("s", 60, noon))
	}
	w.want(noon, 40, 0, 0)
	w.refused(w.spend("s", 61, noon), loyalty.ErrOperationMismatch)
	w.refused(w.spend("a", 60, noon), loyalty.ErrOperationMismatch)
	for range 3 {
		w.ok(w.refund("r", "s", 10, noon))
		w.ok(w.revoke("v", "a", 20, noon))
	}
	w.want(noon, 30, 0, 0)
	w.sound()
}

// A refund goes back to what was really spent, by the same person, and never more of it.
func TestARefundGivesBackWhatWasSpent(t *testing.T) {
	w := newTown(t, nil)
	w.earn("a", 10_000, noon)
	w.ok(w.spend("s", 60, noon))
	w.refused(w.refund("r1", "nothing", 1, noon), loyalty.ErrUnknownOperation)
	w.refused(w.refund("r1", "a", 1, noon), loyalty.ErrUnknownOperation)
	w.refused(w.do(func(tx core.App) error {
		return loyalty.RefundSpend(tx, "bob000000000000", w.org, "r1", "s", 1, noon)
	}), loyalty.ErrUnknownOperation)
	w.refused(w.refund("r1", "s", 0, noon), loyalty.ErrBadPoints)
	w.refused(w.refund("r1", "s", 61, noon), loyalty.ErrExceedsSpend)
	w.ok(w.refund("r1", "s", 60, noon))
	w.refused(w.refund("r2", "s", 1, noon), loyalty.ErrExceedsSpend)
	w.want(noon, 100, 0, 0)
	w.sound()
}

// Without days of grace, points that go back to a lot that has ended end with it, in two visible movements.
func TestARefundToAnEndedLotEndsAgain(t *testing.T) {
	w := newTown(t, nil)
	end := noon.Add(24 * time.Hour)
	w.ok(w.grant("a", 100, noon, end, noon))
	w.ok(w.spend("s", 80, noon))
	w.ok(w.refund("r", "s", 50, end))
	w.want(end, 0, 0, 0)
	var kinds []string
	for _, line := range w.balance(end).History {
		kinds = append(kinds, fmt.Sprint(line.Kind, line.Points))
	}
	if got := fmt.Sprint(kinds); got != "[expire-70 return50 spend-80 grant100]" {
		t.Errorf("the history reads %s", got)
	}
	w.sound()
}

// A debt is repaid by points as they become active, before they can be spent and before they can end.
func TestPendingPointsRepayADebtWhenTheyBegin(t *testing.T) {
	w := newTown(t, nil)
	w.ok(w.grant("a", 100, noon, time.Time{}, noon))
	w.ok(w.spend("s", 100, noon))
	begins, ends := noon.Add(24*time.Hour), noon.Add(48*time.Hour)
	w.ok(w.grant("b", 60, begins, ends, noon))
	w.ok(w.revoke("v", "a", 100, noon))
	w.want(noon, -100, 60, 100)
	w.want(begins, -40, 0, 40)
	w.want(ends, -40, 0, 40) // they repaid before they ended, though nothing was written down meanwhile
	if lots, err := loyalty.Expire(w.app, ends.Add(time.Hour)); err != nil || lots != 0 {
		t.Errorf("%d lots ended with points left, %v", lots, err)
	}
	w.want(ends, -40, 0, 40)
	w.sound()
}

// Any number of part returns take back as much as one return of everything, and never more.
func TestPartReturnsAddUpToTheWhole(t *testing.T) {
	for _, steps := range [][]ledger.Amount{{1000}, {333, 666, 1000}, {1, 2, 3, 500, 999, 1000}, {500, 500, 1000}, {999}} {
		w := newTown(t, map[string]any{"spend_per_point": 142})
		earned := w.earn("o", 1000, noon)
		var taken int64
		for i, returned := range steps {
			points, err := w.returnGoods(fmt.Sprint("r", i), "o", returned, 1000, noon)
			w.ok(err)
			taken += points
			w.sound()
		}
		want := earned
		if taken != want { // 999 of 1000 rounds to all of 7 points too
			t.Errorf("returns %v took back %d of %d", steps, taken, earned)
		}
		w.want(noon, earned-want, 0, 0)
	}
}

// What a return refuses.
func TestAReturnNeedsAnOrderThatEarned(t *testing.T) {
	w := newTown(t, nil)
	w.earn("o", 10_000, noon)
	for _, bad := range [][2]ledger.Amount{{-1, 100}, {101, 100}, {0, 0}, {1, ledger.MaxAmount + 1}} {
		_, err := w.returnGoods("r", "o", bad[0], bad[1], noon)
		w.refused(err, ledger.ErrBadAmount)
	}
	_, err := w.returnGoods("r", "unknown", 1, 100, noon)
	w.refused(err, loyalty.ErrUnknownOperation)
	w.refused(w.revoke("v", "o", 101, noon), loyalty.ErrExceedsEarn)
	w.ok(w.revoke("v", "o", 60, noon))
	w.refused(w.revoke("v2", "o", 41, noon), loyalty.ErrExceedsEarn)
	w.want(noon, 40, 0, 0)
	w.sound()
}

// Points that ended unspent have no value to take back: who returns goods after that owes nothing for them.
func TestExpiredPointsAreNotTakenBackTwice(t *testing.T) {
	for name, swept := range map[string]bool{"swept": true, "not swept yet": false} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, nil)
			end := noon.Add(24 * time.Hour)
			w.ok(w.grant("a", 100, noon, end, noon))
			w.ok(w.spend("s", 30, noon))
			w.ok(w.grant("b", 50, noon, time.Time{}, noon))
			if swept {
				if lots, err := loyalty.Expire(w.app, end); err != nil || lots != 1 {
					t.Fatalf("swept %d, %v", lots, err)
				}
			}
			w.ok(w.revoke("v", "a", 100, end)) // 70 are gone already, 30 were enjoyed
			w.want(end, 20, 0, 0)
			w.sound()
		})
	}
}

// A lot ends at its instant whether or not the job has come, and the job writes it down once.
func TestExpiryIsADateNotAJob(t *testing.T) {
	w := newTown(t, map[string]any{"expiry_kind": "rolling", "expiry_months": 1})
	w.earn("a", 10_000, noon)
	ends := time.Date(2026, 12, 24, 23, 0, 0, 0, time.UTC)
	w.want(ends.Add(-time.Millisecond), 100, 0, 0)
	w.want(ends, 0, 0, 0)
	w.refused(w.spend("late", 1, ends), loyalty.ErrInsufficientPoints)
	for _, want := range []int{1, 0} {
		if lots, err := loyalty.Expire(w.app, ends); err != nil || lots != want {
			t.Errorf("the job ended %d lots, %v; want %d", lots, err, want)
		}
	}
	w.want(ends, 0, 0, 0)
	w.sound()
}

// Points cannot be spent twice, however many tills try at once.
func TestPointsAreSpentOnceHoweverManyTry(t *testing.T) {
	w := newTown(t, nil)
	w.earn("a", 10_000, noon)
	results := make(chan error, 40)
	for i := range cap(results) {
		go func() { results <- w.spend(fmt.Sprint("s", i), 7, noon) }()
	}
	spent := 0
	for range cap(results) {
		if err := <-results; err == nil {
			spent++
		} else {
			w.refused(err, loyalty.ErrInsufficientPoints)
		}
	}
	if spent != 14 {
		t.Errorf("%d spends of 7 from 100 points", spent)
	}
	w.want(noon, 2, 0, 0)
	w.sound()
}
