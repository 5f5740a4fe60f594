package orders

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/identity"
)

// What the door can say to an exit code.
const (
	ExitOK          = "ok"
	ExitAlreadyUsed = "already_used"
	ExitWrongPlace  = "wrong_place"
	ExitExpired     = "expired"
	ExitUnknown     = "unknown"
	ExitAudit       = "audit" // look into the bag, then check the code again: that lets the customer out
)

// ExitCheck is the door's answer. Order is left out when it is none of the clerk's business.
type ExitCheck struct {
	Result string       `json:"result"`
	Order  *core.Record `json:"order,omitempty"`
}

// The chance of being looked at, in basis points. Everybody has some, nobody is certain of it, and neither
// age nor origin plays a part.
const (
	auditBase       = 200
	auditFirstVisit = 800
	auditHighValue  = 500
	auditFloor      = 200
	auditCeiling    = 2500
	highValue       = 15_000 // minor units
)

// audit is the draw as it is stored: enough to explain it, and to draw it again.
type audit struct {
	Drawn             bool     `json:"drawn"`
	Seed              string   `json:"seed"`
	ChanceBasisPoints int64    `json:"chance_bp"`
	Reasons           []string `json:"reasons"`
	Announced         string   `json:"announced"` // when the door was told; the next check lets out
}

const auditStore = "plaza.orders.audit"

// SetAuditChance makes every draw of this app have that chance, from 0 to 10000: for demonstrations and tests.
func SetAuditChance(app core.App, basisPoints int64) { app.Store().Set(auditStore, basisPoints) }

// CheckExit lets the owner of an exit code out, once. With a place the code must be of that place. A basket
// that is drawn for an audit answers ExitAudit the first time; the clerk looks, and checks again.
func CheckExit(app core.App, clerk *core.Record, code, place string, now time.Time) (ExitCheck, error) {
	var check ExitCheck
	_, err := write(app, func(tx core.App) (*core.Record, error) {
		result, order, err := checkExit(tx, clerk, code, place, now)
		check = ExitCheck{Result: result, Order: order}
		return order, err
	})
	return check, err
}

func checkExit(tx core.App, clerk *core.Record, code, place string, now time.Time) (string, *core.Record, error) {
	if err := atTheDoor(tx, clerk, place); err != nil {
		return "", nil, err
	}
	order, err := byExitCode(tx, code)
	if errors.Is(err, ErrOrderNotFound) {
		return ExitUnknown, nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	if _, err := identity.Require(tx, clerk, order.GetString("org")); err != nil {
		if errors.Is(err, identity.ErrNotStaff) {
			return ExitWrongPlace, nil, nil // another organisation's order stays its own affair
		}
		return "", nil, err
	}
	switch {
	case place != "" && order.GetString("place") != place:
		return ExitWrongPlace, order, nil
	case order.GetString("status") != Paid:
		return ExitAlreadyUsed, order, nil
	case !now.Before(order.GetDateTime("exit_expires_at").Time()):
		return ExitExpired, order, nil
	}
	return letOut(tx, clerk, order, now)
}

// atTheDoor refuses people who stand at no door: codes are not for guessing.
func atTheDoor(app core.App, clerk *core.Record, place string) error {
	query := app.DB().Select("count(*)").From("staff").Where(dbx.HashExp{"staff.user": clerk.Id})
	if place != "" {
		query = query.InnerJoin("places", dbx.NewExp("places.org = staff.org")).AndWhere(dbx.HashExp{"places.id": place})
	}
	var jobs int
	if err := query.Row(&jobs); err != nil {
		return fmt.Errorf("staff of the door: %w", err)
	}
	if jobs == 0 {
		return identity.ErrNotStaff
	}
	return nil
}

func byExitCode(app core.App, code string) (*core.Record, error) {
	code = strings.ToUpper(strings.Join(strings.FieldsFunc(code, func(r rune) bool { return r == ' ' || r == '-' }), ""))
	if code == "" {
		return nil, ErrOrderNotFound
	}
	order, err := app.FindFirstRecordByData(collection, "exit_code", code)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrOrderNotFound
	}
	return order, err
}

func letOut(tx core.App, clerk, order *core.Record, now time.Time) (string, *core.Record, error) {
	draw, err := drawOnce(tx, order)
	if err != nil {
		return "", nil, err
	}
	if draw.Drawn && draw.Announced == "" {
		draw.Announced = now.UTC().Format(time.RFC3339)
		order.Set("audit", draw)
		return ExitAudit, order, save(tx, order)
	}
	// The condition is what makes the code single use, whoever else is at another door right now.
	used, err := tx.DB().NewQuery("UPDATE orders SET status = 'checked' WHERE id = {:id} AND status = 'paid'").
		Bind(dbx.Params{"id": order.Id}).Execute()
	if err != nil {
		return "", nil, fmt.Errorf("exit of order %s: %w", order.Id, err)
	}
	if n, err := used.RowsAffected(); err != nil || n != 1 {
		return ExitAlreadyUsed, order, err
	}
	order.Set("audit", draw)
	order.Set("status", Checked)
	order.Set("checked_at", now)
	order.Set("checked_by", clerk.GetString("name"))
	return ExitOK, order, save(tx, order)
}

// drawOnce is the order's draw: made at the first check, after the payment, and the same ever after.
func drawOnce(app core.App, order *core.Record) (audit, error) {
	var draw audit
	if order.GetString("audit") != "null" && order.GetString("audit") != "" {
		err := order.UnmarshalJSONField("audit", &draw)
		return draw, err
	}
	var before int
	err := app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM orders WHERE customer = {:customer} AND org = {:org}
		AND id != {:id} AND paid_at != '')`).
		Bind(dbx.Params{"customer": order.GetString("customer"), "org": order.GetString("org"), "id": order.Id}).Row(&before)
	if err != nil {
		return draw, fmt.Errorf("earlier visits: %w", err)
	}
	chance, reasons := auditChance(before == 0, order.GetInt64("total"))
	if fixed, ok := app.Store().Get(auditStore).(int64); ok {
		chance = fixed
	}
	return drawAudit(security.RandomString(16), chance, reasons), nil
}

// auditChance is how likely a basket is to be looked at, and why.
func auditChance(firstVisit bool, total int64) (int64, []string) {
	chance, reasons := int64(auditBase), []string{"random"}
	if firstVisit {
		chance, reasons = chance+auditFirstVisit, append(reasons, "first_visit")
	}
	if total >= highValue {
		chance, reasons = chance+auditHighValue, append(reasons, "high_value")
	}
	return min(max(chance, auditFloor), auditCeiling), reasons
}

// drawAudit is the draw itself: the seed decides, so a stored draw can be proved.
func drawAudit(seed string, chance int64, reasons []string) audit {
	sum := sha256.Sum256([]byte(seed))
	lot := int64(binary.BigEndian.Uint64(sum[:8]) % 10_000)
	return audit{Drawn: lot < chance, Seed: seed, ChanceBasisPoints: chance, Reasons: reasons}
}
