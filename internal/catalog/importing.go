package catalog

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const (
	// batchRows is how many rows go in with one transaction: a tenth of a second for which others wait.
	batchRows = 200
	// errorsShown is how many errors a report names.
	errorsShown = 1000
	exportPage  = 500
)

// Report is what an import did, or with DryRun what it would do. Rows that have errors were left out; all others
// went in. Failed counts the rows with errors, of which Errors names the first thousand.
type Report struct {
	DryRun    bool       `json:"dry_run"`
	Rows      int        `json:"rows"`
	Created   int        `json:"created"`
	Updated   int        `json:"updated"`
	Unchanged int        `json:"unchanged"`
	Failed    int        `json:"failed"`
	Ignored   []string   `json:"ignored_columns"`
	Errors    []RowError `json:"errors"`
}

func handleImport(e *core.RequestEvent) error {
	org, err := requireManager(e)
	if err != nil {
		return err
	}
	if e.Request.ContentLength > MaxImportBytes {
		return route.ErrBodyTooLarge.With("limit", MaxImportBytes)
	}
	body := http.MaxBytesReader(e.Response, e.Request.Body, MaxImportBytes)
	dryRun, _ := strconv.ParseBool(e.Request.URL.Query().Get("dry_run"))
	report, err := Import(e.App, org, body, dryRun, e.Auth.Id, clock.Now(e.App))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return route.ErrBodyTooLarge.With("limit", MaxImportBytes)
	}
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, report)
}

// Import creates and updates the organisation's products from CSV. The whole file is read and checked before the
// first row is written. Good rows go in, in batches of one transaction each; the others are in the report.
func Import(app core.App, org string, from io.Reader, dryRun bool, actor string, now time.Time) (Report, error) {
	table, err := readCSV(from)
	if err != nil {
		return Report{}, err
	}
	var currency string
	if err := app.DB().Select("currency").From("orgs").Where(dbx.HashExp{"id": org}).Row(&currency); err != nil {
		return Report{}, fmt.Errorf("currency of organisation %q: %w", org, err)
	}
	report := Report{DryRun: dryRun, Rows: table.count, Ignored: table.ignored, Errors: table.errors}
	for batch := range slices.Chunk(table.rows, batchRows) {
		work := &importing{table: table, org: org, currency: currency, actor: actor, now: now, dryRun: dryRun}
		var done Report
		var err error
		if dryRun {
			err = work.batch(app, batch, &done)
		} else {
			err = ledger.Write(app, func(tx core.App) error {
				done = Report{} // the verb may run again
				return work.batch(tx, batch, &done)
			})
		}
		if err != nil {
			return Report{}, err
		}
		report.Created += done.Created
		report.Updated += done.Updated
		report.Unchanged += done.Unchanged
		report.Errors = append(report.Errors, done.Errors...)
	}
	slices.SortStableFunc(report.Errors, func(x, y RowError) int { return cmp.Compare(x.Row, y.Row) })
	rows := map[int]bool{}
	for _, e := range report.Errors {
		rows[e.Row] = true
	}
	report.Failed = len(rows)
	report.Errors = report.Errors[:min(len(report.Errors), errorsShown)]
	return report, nil
}

// importing is what the rows of one import have in common.
type importing struct {
	table                *table
	org, currency, actor string
	now                  time.Time
	dryRun               bool
}

func (w *importing) batch(tx core.App, rows []row, done *Report) error {
	gtins := make([]any, len(rows))
	for i, r := range rows {
		gtins[i] = r.GTIN
	}
	found, err := tx.FindAllRecords("products", dbx.And(dbx.HashExp{"org": w.org}, dbx.In("gtin", gtins...)))
	if err != nil {
		return fmt.Errorf("find products: %w", err)
	}
	known := make(map[string]*core.Record, len(found))
	for _, record := range found {
		known[record.GetString("gtin")] = record
	}
	collection, err := tx.FindCachedCollectionByNameOrId("products")
	if err != nil {
		return fmt.Errorf("collection products: %w", err)
	}
	for _, r := range rows {
		if r.Currency != "" && r.Currency != w.currency {
			done.Errors = append(done.Errors, RowError{
				Row: r.number, Field: "currency", Code: ErrCurrency.Code, Message: "The currency of this organisation is " + w.currency + ".",
			})
			continue
		}
		record := known[r.GTIN]
		if record == nil {
			record = core.NewRecord(collection)
			record.Set("org", w.org)
			record.Set("gtin", r.GTIN)
			record.Set("currency", w.currency)
		}
		if err := w.save(tx, record, r, done); err != nil {
			return err
		}
	}
	return nil
}

func (w *importing) save(tx core.App, record *core.Record, r row, done *Report) error {
	before := record.GetInt64("price")
	changed := w.fill(record, r)
	switch {
	case record.IsNew():
		done.Created++
	case !changed:
		done.Unchanged++
		return nil
	default:
		done.Updated++
	}
	if w.dryRun {
		return nil
	}
	if before != int64(r.Price) {
		record.Set("priced_at", w.now)
	}
	if err := tx.Save(record); err != nil {
		return fmt.Errorf("save row %d: %w", r.number, err)
	}
	if before == int64(r.Price) {
		return nil
	}
	return auditPrice(tx, record, before, w.actor, w.now)
}

// fill puts the columns that the file has into the record and tells whether anything is new.
func (w *importing) fill(record *core.Record, r row) bool {
	changed := false
	for name, value := range map[string]any{
		"name": r.Name, "brand": r.Brand, "quantity": r.Quantity, "category": r.Category,
		"price": int64(r.Price), "vat_bp": r.VATBasisPoints, "min_age": r.MinAge, "archived": r.archived,
	} {
		if _, given := w.table.columns[name]; !given {
			continue
		}
		before := fmt.Sprint(record.Get(name))
		record.Set(name, value)
		changed = changed || fmt.Sprint(record.Get(name)) != before
	}
	return changed
}

func handleExport(e *core.RequestEvent) error {
	org := e.Request.PathValue("org")
	if _, err := identity.Require(e.App, e.Auth, org); err != nil {
		return err
	}
	header := e.Response.Header()
	header.Set("Content-Type", "text/csv; charset=utf-8")
	header.Set("Content-Disposition", `attachment; filename="products.csv"`)
	header.Set("Cache-Control", "no-store")
	return Export(e.App, org, e.Response)
}

// Export writes all products of the organisation as CSV in UTF-8 with a byte order mark, by which spreadsheets
// know it, and with cells that they would run as formulas made harmless.
func Export(app core.App, org string, to io.Writer) error {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(to)
	if err := out.Write(columns[:]); err != nil {
		return err
	}
	type line struct {
		Product
		Archived bool `db:"archived"`
	}
	for last := ""; ; {
		page := []line{}
		err := app.DB().Select(productColumns[:]...).AndSelect("archived").From("products").
			Where(dbx.And(dbx.HashExp{"org": org}, dbx.NewExp("gtin > {:last}", dbx.Params{"last": last}))).
			OrderBy("gtin").Limit(exportPage).All(&page)
		if err != nil {
			return fmt.Errorf("export products of %s: %w", org, err)
		}
		for _, p := range page {
			cells := []string{
				p.GTIN, p.Name, p.Brand, p.Quantity, p.Category, strconv.FormatInt(int64(p.Price), 10), p.Currency,
				strconv.FormatInt(p.VATBasisPoints, 10), strconv.FormatInt(p.MinAge, 10), strconv.FormatBool(p.Archived),
			}
			for i := range cells {
				cells[i] = guard(cells[i])
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
		out.Flush()
		if len(page) < exportPage || out.Error() != nil {
			return out.Error()
		}
		last = page[len(page)-1].GTIN
	}
}

func withProduct(err error, product string) error {
	var r *refusal.Refusal
	if errors.As(err, &r) {
		return r.With("product", product)
	}
	return err
}
