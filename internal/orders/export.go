package orders

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/identity"
)

var exportColumns = []string{
	"number", "paid_at", "place", "customer", "channel", "status", "method", "currency",
	"subtotal", "discount", "total", "points_used", "points_value", "points_earned",
}

// Export writes the paid orders of org with from ≤ paid_at < to as CSV for a spreadsheet, oldest first.
// A zero bound is open. Amounts are in major units, with a point.
func Export(app core.App, out io.Writer, org string, from, to time.Time) error {
	query := app.ConcurrentDB().NewQuery(`SELECT o.number, o.paid_at, p.name, o.customer_name, o.channel, o.status, o.method,
		o.currency, o.subtotal, o.discount_total, o.total, o.points_used, o.points_value, o.points_earned
		FROM orders o LEFT JOIN places p ON p.id = o.place
		WHERE o.org = {:org} AND o.paid_at != '' AND o.paid_at >= {:from} AND ({:to} = '' OR o.paid_at < {:to})
		ORDER BY o.paid_at, o.number`)
	rows, err := query.Bind(dbx.Params{"org": org, "from": bound(from), "to": bound(to)}).Rows()
	if err != nil {
		return fmt.Errorf("export orders of %s: %w", org, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells what matters
	// With the mark, spreadsheets read UTF-8 as UTF-8.
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return err
	}
	sheet := csv.NewWriter(out)
	if err := sheet.Write(exportColumns); err != nil {
		return err
	}
	for rows.Next() {
		cells, err := exportRow(rows.Scan)
		if err != nil {
			return fmt.Errorf("export orders of %s: %w", org, err)
		}
		if err := sheet.Write(cells); err != nil {
			return err
		}
	}
	sheet.Flush()
	if err := rows.Err(); err != nil {
		return err
	}
	return sheet.Error()
}

func exportRow(scan func(...any) error) ([]string, error) {
	var text [8]string
	var subtotal, discount, total, used, value, earned int64
	err := scan(&text[0], &text[1], &text[2], &text[3], &text[4], &text[5], &text[6], &text[7],
		&subtotal, &discount, &total, &used, &value, &earned)
	if err != nil {
		return nil, err
	}
	currency := text[7]
	cells := make([]string, 0, len(exportColumns))
	for _, cell := range text {
		cells = append(cells, inert(cell))
	}
	return append(cells, major(subtotal, currency), major(discount, currency), major(total, currency),
		fmt.Sprint(used), major(value, currency), fmt.Sprint(earned)), nil
}

// inert keeps a spreadsheet from running what somebody chose as a name: a cell that would start a formula
// gets an apostrophe.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// wholeCurrencies have no minor unit in use (ISO 4217 exponent 0).
var wholeCurrencies = []string{"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"}

func major(amount int64, currency string) string {
	if slices.Contains(wholeCurrencies, currency) {
		return fmt.Sprint(amount)
	}
	return fmt.Sprintf("%d.%02d", amount/100, amount%100)
}

// bound is how the database writes an instant, so that text order is time order.
func bound(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(types.DefaultDateLayout)
}

func handleExport(e *core.RequestEvent) error {
	query := e.Request.URL.Query()
	org := query.Get("org")
	if _, err := identity.Require(e.App, e.Auth, org); err != nil {
		return err
	}
	from, err := instant(query.Get("from"))
	if err != nil {
		return err
	}
	to, err := instant(query.Get("to"))
	if err != nil {
		return err
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return ErrBadPeriod
	}
	e.Response.Header().Set("Content-Type", "text/csv; charset=utf-8")
	e.Response.Header().Set("Content-Disposition", `attachment; filename="orders.csv"`)
	e.Response.WriteHeader(http.StatusOK)
	return Export(e.App, e.Response, org, from, to)
}

func instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, ErrBadPeriod.With("value", text)
	}
	return at, nil
}
