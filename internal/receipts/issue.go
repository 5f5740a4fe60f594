package receipts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
)

var (
	referencePattern = regexp.MustCompile(`^[A-Za-z0-9_\-.:*|]{1,64}$`)
	currencyPattern  = regexp.MustCompile(`^[A-Z]{3}$`)
)

// day is the time within which StatedPerDay counts.
const day = 24 * time.Hour

// row is a receipt as it is kept.
type row struct {
	Number    string `db:"number"`
	Program   string `db:"program"`
	AppID     string `db:"appid"`
	Reference string `db:"reference"`
	Bill      string `db:"bill"`
	OpenID    string `db:"openid"`
	Digest    string `db:"digest"`
	Token     string `db:"token"`
	Path      string `db:"path"`
	Demo      bool   `db:"demo"`
	Created   string `db:"created"`
}

// Issue signs the receipt, or finds the one of that reference: the words of the first stand, and what it is about
// (the person, the bill, the amount) must be the same. It keeps its PDF among the program's files, as the person's.
func Issue(ctx context.Context, app core.App, program programs.Program, d Draft, now time.Time) (Receipt, error) {
	if err := d.judge(); err != nil {
		return Receipt{}, err
	}
	by, err := signerOf(app)
	if err != nil {
		return Receipt{}, err
	}
	var issued row
	err = ledger.Write(app, func(tx core.App) (err error) {
		issued, err = enter(tx, by, program, d, now)
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	missing, err := keepPaper(ctx, app, issued, now)
	if err != nil {
		return Receipt{}, err
	}
	receipt, err := issued.seen(app, now)
	receipt.Missing = missing
	return receipt, err
}

// judge refuses what no program could have signed.
func (d *Draft) judge() error {
	switch {
	case !referencePattern.MatchString(d.Reference):
		return ErrBad.With("field", "reference").With("max", ReferenceLimit)
	case !readable(d.Title, TitleLimit):
		return ErrBad.With("field", "title").With("max", TitleLimit)
	case len(d.Lines) > MaxLines:
		return ErrBad.With("field", "lines").With("max", MaxLines)
	case d.Language != "en" && d.Language != "fr" && d.Language != "zh":
		return ErrBad.With("field", "language")
	case d.Amount < 0 || d.Amount > MaxAmount:
		return ErrBad.With("field", "amount").With("max", MaxAmount)
	case d.Bill == "" && d.Amount > 0 && !currencyPattern.MatchString(d.Currency):
		return ErrBad.With("field", "currency")
	}
	for n, line := range d.Lines {
		if !readable(line.Label, LabelLimit) || !readable(line.Value, ValueLimit) {
			return ErrBad.With("field", fmt.Sprintf("lines[%d]", n)).With("max", ValueLimit)
		}
	}
	return nil
}

// readable keeps out of signed words what hides, breaks the line or turns the direction of writing.
func readable(text string, limit int) bool {
	return check.IsLine(text) && len([]rune(text)) <= limit
}

// enter finds the receipt or writes it down.
func enter(tx core.App, by signer, program programs.Program, d Draft, now time.Time) (row, error) {
	about := d.digest()
	known, err := find(tx, "program = {:program} AND reference = {:reference}", dbx.Params{"program": program.ID, "reference": d.Reference})
	if err == nil && known.Digest != about {
		return row{}, ErrReferenceUsed.With("reference", d.Reference)
	}
	if err == nil || !errors.Is(err, ErrNotFound) {
		return known, err
	}
	claims, err := d.claims(tx, program, now)
	if err != nil {
		return row{}, err
	}
	if err := room(tx, program.ID, d.Bill, now); err != nil {
		return row{}, err
	}
	token, err := by.sign(claims)
	if err != nil {
		return row{}, err
	}
	if over := len(claims.Issuer+verifyPath+token) - AddressLimit; over > 0 {
		return row{}, ErrTooLong.With("over", over)
	}
	made := row{
		Number: claims.Number, Program: program.ID, AppID: program.AppID, Reference: d.Reference, Bill: d.Bill, OpenID: d.OpenID,
		Digest: about, Token: token, Path: "receipts/" + strings.ToLower(rand.Text()) + "/" + claims.Number + ".pdf",
		Demo: claims.Demo, Created: stamp(now),
	}
	if err := by.remember(tx, now); err != nil {
		return row{}, err
	}
	if err := made.insert(tx); err != nil {
		return row{}, err
	}
	return made, ledger.Audit(tx, "program:"+program.AppID, "receipts.issue", made.Number, map[string]any{"reference": d.Reference, "bill": d.Bill}, now)
}

// claims is what the token will say. With a bill it also settles whose the receipt is.
func (d *Draft) claims(tx core.App, program programs.Program, now time.Time) (Claims, error) {
	claims := Claims{
		Issuer: origin(tx), Number: newNumber(), AppID: program.AppID, Program: program.Name, Org: program.OrgName,
		Certified: program.Certified, Reference: d.Reference, Title: d.Title, Amount: d.Amount, IssuedAt: now.Unix(),
		Language: d.Language, Demo: d.Demo || program.Trial,
	}
	if name := program.Names[d.Language]; name != "" {
		claims.Program = name
	}
	if d.Amount > 0 {
		claims.Currency = d.Currency
	}
	for _, line := range d.Lines {
		claims.Lines = append(claims.Lines, [2]string{line.Label, line.Value})
	}
	zone, err := zoneOf(tx, program.Org)
	if err != nil {
		return claims, err
	}
	claims.Zone = zone
	if d.Bill == "" {
		_, err := identity.ByOpenID(tx, d.OpenID, program.AppID)
		return claims, err
	}
	bill, err := bills.OfProgram(tx, program.ID, d.Bill, "", now)
	switch {
	case err != nil:
		return claims, err
	case bill.PaidAt == "" || bill.Status == bills.Refunded:
		return claims, bills.ErrNotPaid.With("status", bill.Status)
	case d.OpenID != "" && d.OpenID != bill.OpenID:
		return claims, ErrBad.With("field", "openid")
	}
	paid, err := time.Parse("2006-01-02 15:04:05.000Z", bill.PaidAt)
	d.OpenID, claims.Amount, claims.Currency, claims.Paid = bill.OpenID, bill.Amount, bill.Currency, paid.Unix()
	claims.Demo = claims.Demo || bill.Trial
	return claims, err
}

// digest is what the receipt is about, which may not differ under one reference: a bill, or whom and how much.
func (d Draft) digest() string {
	about := []any{d.Bill}
	if d.Bill == "" {
		about = append(about, d.OpenID, d.Amount, d.Currency)
	}
	text, _ := json.Marshal(about) // texts and numbers always encode
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// room refuses a second receipt of a bill, and too many of none.
func room(tx core.App, program, bill string, now time.Time) error {
	if bill != "" {
		first, err := find(tx, "bill = {:bill}", dbx.Params{"bill": bill})
		if err == nil {
			return ErrBillUsed.With("reference", first.Reference)
		}
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	}
	var stated int
	err := tx.DB().NewQuery("SELECT count(*) FROM receipts WHERE program = {:program} AND bill = '' AND created > {:since}").
		Bind(dbx.Params{"program": program, "since": stamp(now.Add(-day))}).Row(&stated)
	if err != nil {
		return fmt.Errorf("count receipts of %s: %w", program, err)
	}
	if stated >= StatedPerDay {
		return ErrTooMany
	}
	return nil
}

func (r row) insert(tx core.App) error {
	_, err := ledger.Statement(tx, `INSERT INTO receipts (number, program, appid, reference, bill, openid, digest, token, path, demo, created)
		VALUES ({:number}, {:program}, {:appid}, {:reference}, {:bill}, {:openid}, {:digest}, {:token}, {:path}, {:demo}, {:created})`).
		Bind(dbx.Params{
			"number": r.Number, "program": r.Program, "appid": r.AppID, "reference": r.Reference, "bill": r.Bill, "openid": r.OpenID,
			"digest": r.Digest, "token": r.Token, "path": r.Path, "demo": r.Demo, "created": r.Created,
		}).Execute()
	if err != nil {
		return fmt.Errorf("write receipt %s: %w", r.Number, err)
	}
	return nil
}

// numberAlphabet has no letters that are taken for another or for a digit.
const numberAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newNumber is sixty random bits in three groups of four.
func newNumber() string {
	var random [12]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the process instead
	var number strings.Builder
	for n, b := range random {
		if n > 0 && n%4 == 0 {
			number.WriteByte('-')
		}
		number.WriteByte(numberAlphabet[b%32])
	}
	return number.String()
}

// verifyPath is the page that verifies; what follows it never leaves the reader's device.
const verifyPath = "/verify#"

// origin is where people reach the house, as the operator has set it.
func origin(app core.App) string { return strings.TrimRight(app.Settings().Meta.AppURL, "/") }

func zoneOf(app core.App, org string) (string, error) {
	if org == "" {
		return "", nil
	}
	var zone string
	if err := app.DB().NewQuery("SELECT timezone FROM orgs WHERE id = {:id}").Bind(dbx.Params{"id": org}).Row(&zone); err != nil {
		return "", fmt.Errorf("timezone of %s: %w", org, err)
	}
	return zone, nil
}

func find(app core.App, condition string, params dbx.Params) (found row, err error) {
	err = app.DB().NewQuery("SELECT number, program, appid, reference, bill, openid, digest, token, path, demo, created FROM receipts WHERE " + condition).
		Bind(params).One(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return found, ErrNotFound
	}
	if err != nil {
		return found, fmt.Errorf("find receipt: %w", err)
	}
	return found, nil
}

// OfProgram is the receipt of that program by its number or, without one, by the program's reference.
func OfProgram(app core.App, programID, number, reference string, now time.Time) (Receipt, error) {
	condition, params := "program = {:program} AND reference = {:reference}", dbx.Params{"program": programID, "reference": reference}
	if number != "" {
		condition, params = "program = {:program} AND number = {:number}", dbx.Params{"program": programID, "number": number}
	}
	found, err := find(app, condition, params)
	if err != nil {
		return Receipt{}, err
	}
	return found.seen(app, now)
}

// StandingOf is what anybody may know of the receipt of that number.
func StandingOf(app core.App, number string, now time.Time) (Standing, error) {
	found, err := find(app, "number = {:number}", dbx.Params{"number": strings.ToUpper(number)})
	if err != nil {
		return Standing{}, err
	}
	status, err := found.status(app)
	return Standing{Number: found.Number, Status: status, Demo: found.Demo, AsOf: now.UTC()}, err
}

// status is what became of the money, which the bill alone knows.
func (r row) status(app core.App) (string, error) {
	if r.Bill == "" {
		return Valid, nil
	}
	var status string
	if err := app.DB().NewQuery("SELECT status FROM bills WHERE id = {:id}").Bind(dbx.Params{"id": r.Bill}).Row(&status); err != nil {
		return "", fmt.Errorf("bill of receipt %s: %w", r.Number, err)
	}
	switch status {
	case bills.Refunded:
		return Refunded, nil
	case bills.PartlyRefunded:
		return PartlyRefunded, nil
	}
	return Valid, nil
}

// stamp is how PocketBase writes an instant: the order of such texts is the order of time.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.000Z") }
