package loyalty

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// ErrBadProgram refuses a programme whose rules contradict themselves; data.field says which one.
var ErrBadProgram = refusal.New(http.StatusBadRequest, "bad_program", "The loyalty programme cannot work like this.")

// program is the rules of an organisation's points.
type program struct {
	name          string
	currency      string
	spendPerPoint int64
	pointValue    int64
	pendingDays   int
	graceDays     int
	expiry        expiry
}

// programOf is the programme of org, or ErrNoProgram.
func programOf(app core.App, org string) (program, error) {
	var p program
	var zone, date string
	err := ledger.Statement(app, `SELECT p.name, o.currency, p.spend_per_point, p.point_value, p.pending_days, p.grace_days,
		p.expiry_kind, p.expiry_months, p.expiry_date, p.timezone
		FROM loyalty_programs p JOIN orgs o ON o.id = p.org WHERE p.org = {:org}`).Bind(dbx.Params{"org": org}).
		Row(&p.name, &p.currency, &p.spendPerPoint, &p.pointValue, &p.pendingDays, &p.graceDays,
			&p.expiry.kind, &p.expiry.months, &date, &zone)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNoProgram.With("org", org)
	}
	if err != nil {
		return p, fmt.Errorf("loyalty programme of %s: %w", org, err)
	}
	if p.expiry.zone, err = zoneOf(app, zone); err != nil {
		return p, fmt.Errorf("loyalty programme of %s: %w", org, err)
	}
	if p.expiry.kind == expiryFixed {
		p.expiry.month, p.expiry.day, err = yearly(date)
	}
	return p, err
}

// zoneOf keeps the zones it has read, because Go reads the file each time and every purchase asks.
func zoneOf(app core.App, name string) (*time.Location, error) {
	key := "plaza.loyalty.zone." + name
	if known, ok := app.Store().Get(key).(*time.Location); ok {
		return known, nil
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		app.Store().Set(key, zone)
	}
	return zone, err
}

// yearly reads "12-31".
func yearly(date string) (time.Month, int, error) {
	month, day, _ := strings.Cut(date, "-")
	m, errMonth := strconv.Atoi(month)
	d, errDay := strconv.Atoi(day)
	if err := errors.Join(errMonth, errDay); err != nil {
		return 0, 0, fmt.Errorf("yearly date %q: %w", date, err)
	}
	if m < 1 || m > 12 || d < 1 || d > lastDay(2000, time.Month(m)) {
		return 0, 0, fmt.Errorf("yearly date %q does not exist", date)
	}
	return time.Month(m), d, nil
}

func (p program) points(spent ledger.Amount) int64 {
	return max(0, int64(spent)) / p.spendPerPoint
}

// worth is the money that points pay, at most what an Amount can be.
func (p program) worth(points int64) ledger.Amount {
	if points <= 0 || p.pointValue == 0 {
		return 0
	}
	if points > int64(ledger.MaxAmount)/p.pointValue {
		return ledger.MaxAmount
	}
	return ledger.Amount(points * p.pointValue)
}

// checkProgram refuses what the fields' own rules cannot see.
func checkProgram(e *core.RecordEvent) error {
	bad := func(field, format string, args ...any) error {
		return refusal.API(ErrBadProgram.Saying(format, args...).With("field", field))
	}
	if zone := e.Record.GetString("timezone"); zone != "" {
		if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
			return bad("timezone", "%q is not an IANA time zone such as Europe/Paris.", zone)
		}
	}
	switch e.Record.GetString("expiry_kind") {
	case expiryRolling, expiryEndOfMonth:
		if e.Record.GetInt("expiry_months") < 1 {
			return bad("expiry_months", "Say after how many months points end.")
		}
	case expiryFixed:
		if _, _, err := yearly(e.Record.GetString("expiry_date")); err != nil {
			return bad("expiry_date", "Say on which day of the year points end, such as 12-31.")
		}
	}
	return e.Next()
}
