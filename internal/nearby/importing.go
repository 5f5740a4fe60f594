package nearby

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/nearby/hours"
)

const (
	// importBatch is how many rows go in with one transaction, for which everybody waits.
	importBatch = 200
	// importNow is how many rows are imported while the operator waits; more become a job.
	importNow = 2_000
	// errorsShown is how many errors a report names.
	errorsShown = 1_000
	importsKept = 50
	importKind  = "nearby.import"
	sourceLimit = 40
)

// The states of an import.
const (
	ImportWaiting = "waiting"
	ImportRunning = "running"
	ImportDone    = "done"
	ImportFailed  = "failed"
)

// Asked is how a file shall be imported.
type Asked struct {
	Format      string `json:"format"`
	Source      string `json:"source"` // under which ids of the file are known; by default the format
	DryRun      bool   `json:"dry_run"`
	Datum       string `json:"datum"`    // of the file's positions: wgs84 or gcj02
	Timezone    string `json:"timezone"` // of the places; by default the house's
	Attribution string `json:"attribution"`
	Actor       string `json:"actor"`
}

// osmAttribution is what OpenStreetMap asks for.
const osmAttribution = "© OpenStreetMap contributors, ODbL"

// check fills in what was left out.
func (a *Asked) check(app core.App) error {
	a.Source = cmp.Or(strings.TrimSpace(a.Source), a.Format)
	a.Datum = cmp.Or(a.Datum, WGS84)
	wrong := func(field, sentence string) error { return ErrBadImport.With("field", field).Saying("%s", sentence) }
	switch {
	case a.Format != FormatOSM && a.Format != FormatGeoJSON && a.Format != FormatCSV:
		return wrong("format", "A format is osm, geojson or csv.")
	case a.Datum != WGS84 && a.Datum != GCJ02:
		return wrong("datum", "A datum is wgs84 or gcj02.")
	case len(a.Source) > sourceLimit || a.Source == SourceMerchant:
		return wrong("source", "A source is a short name of your own, such as osm.")
	case len(a.Attribution) > textLimit:
		return wrong("attribution", "The attribution is too long.")
	}
	if a.Format == FormatOSM {
		a.Attribution = cmp.Or(a.Attribution, osmAttribution)
	}
	if a.Timezone == "" {
		if err := app.DB().NewQuery("SELECT timezone FROM orgs WHERE kind = 'host' ORDER BY created LIMIT 1").Row(&a.Timezone); err != nil {
			a.Timezone = "UTC"
		}
	}
	if _, err := time.LoadLocation(a.Timezone); err != nil || a.Timezone == "Local" {
		return wrong("timezone", "There is no such time zone. Use a name like Europe/Paris.")
	}
	return nil
}

// Import brings the listings of a file in: at once when there are few, as a job when there are many.
func Import(app core.App, asked Asked, file []byte, now time.Time) (Report, error) {
	if err := asked.check(app); err != nil {
		return Report{}, err
	}
	rows, err := readImport(asked.Format, bytes.NewReader(file))
	if err != nil {
		return Report{}, err
	}
	if len(rows) <= importNow {
		return bring(app, asked, rows, now, nil)
	}
	report := asked.report(len(rows))
	report.State = ImportWaiting
	err = ledger.Write(app, func(tx core.App) error {
		collection, err := tx.FindCachedCollectionByNameOrId("nearby_imports")
		if err != nil {
			return err
		}
		kept, err := filesystem.NewFileFromBytes(file, "import."+asked.Format)
		if err != nil {
			return err
		}
		record := core.NewRecord(collection)
		record.Load(map[string]any{"state": ImportWaiting, "asked": asked, "report": report, "asked_by": asked.Actor})
		record.Set("file", kept)
		if err := tx.Save(record); err != nil {
			return fmt.Errorf("keep import: %w", err)
		}
		report.ID, report.CreatedAt = record.Id, record.GetString("created")
		return jobs.Add(tx, importKind, record.Id, record.Id, now)
	})
	return report, err
}

// ImportAll brings all listings of a file in while its caller waits, however many there are.
func ImportAll(app core.App, asked Asked, file []byte, now time.Time) (Report, error) {
	if err := asked.check(app); err != nil {
		return Report{}, err
	}
	rows, err := readImport(asked.Format, bytes.NewReader(file))
	if err != nil {
		return Report{}, err
	}
	return bring(app, asked, rows, now, nil)
}

func (a Asked) report(rows int) Report {
	return Report{State: ImportDone, Format: a.Format, Source: a.Source, DryRun: a.DryRun, Rows: rows, Errors: []RowError{}}
}

// bring imports the rows, telling progress after each batch.
func bring(app core.App, asked Asked, rows []imported, now time.Time, progress func(Report) error) (Report, error) {
	known, err := categoriesKnown()
	if err != nil {
		return Report{}, err
	}
	report, seen := asked.report(len(rows)), map[string]bool{}
	for batch := range slices.Chunk(rows, importBatch) {
		var good []listing
		for _, row := range batch {
			l, fault, skipped := asked.listing(known, row)
			switch {
			case skipped:
				report.Skipped++
			case fault != nil:
				report.fail(*fault)
			case seen[l.SourceID]:
				report.fail(RowError{row.row, l.SourceID, "source_id", "double_row", "This id stands in the file twice."})
			default:
				seen[l.SourceID] = true
				good = append(good, l)
			}
		}
		var done Report
		act := func(tx core.App) error {
			done = Report{} // the verb may run again
			return asked.write(tx, good, &done, now)
		}
		if asked.DryRun {
			err = act(app)
		} else {
			err = ledger.Write(app, act)
		}
		if err != nil {
			return report, err
		}
		report.Created, report.Updated, report.Unchanged = report.Created+done.Created, report.Updated+done.Updated, report.Unchanged+done.Unchanged
		report.Kept, report.Unread, report.Done = report.Kept+done.Kept, report.Unread+done.Unread, report.Done+len(batch)
		if progress != nil {
			if err := progress(report); err != nil {
				return report, err
			}
		}
	}
	if asked.DryRun {
		return report, nil
	}
	return report, ledger.Write(app, func(tx core.App) error {
		short := report
		short.Errors = nil
		return ledger.Audit(tx, asked.Actor, "nearby.import", asked.Source, short, now)
	})
}

func (r *Report) fail(fault RowError) {
	r.Failed++
	if len(r.Errors) < errorsShown {
		r.Errors = append(r.Errors, fault)
	}
}

// listing is what a row says, or what is wrong with it; or it is nothing that has a name and a category, of which a map
// is full. In a table every row is meant, so there that is wrong.
func (a Asked) listing(known *catalogue, row imported) (l listing, fault *RowError, skipped bool) {
	id := row.id
	if len(id) > nameLimit {
		id = ""
	}
	bad := func(field, code, message string) (listing, *RowError, bool) {
		return listing{}, &RowError{row.row, id, field, code, message}, false
	}
	kind := known.byKey[row.tags[keyTag]]
	if kind == nil {
		kind = known.ofTags(row.tags)
	}
	name := clean(first(row.tags, "name", "name:en", "name:fr", "name:zh", "brand"), nameLimit)
	switch {
	case (name == "" || kind == nil) && a.Format == FormatOSM:
		return l, nil, true
	case name == "":
		return bad("name", "name_missing", "There is no name.")
	case kind == nil:
		return bad("category", "category_unknown", "There is no such category.")
	case id == "":
		return bad("source_id", "id_missing", "There is no id, by which a second import would know it again.")
	case math.IsNaN(row.lat) || math.IsNaN(row.lon) || !onEarth(row.lat, row.lon) || (row.lat == 0 && row.lon == 0):
		return bad("lat", "bad_position", "There is no position on the earth.")
	}
	l = listing{
		Name: name, Category: kind.key, Address: clean(address(row.tags), textLimit), Phone: clean(first(row.tags, "phone", "contact:phone"), phoneLimit),
		Website: clean(first(row.tags, "website", "contact:website", "url"), websiteLimit), Cuisine: clean(strings.ReplaceAll(row.tags["cuisine"], ";", ", "), textLimit),
		Hours: clean(row.tags["opening_hours"], hours.ValueLimit+1), HappyHours: clean(first(row.tags, "happy_hours"), hours.ValueLimit+1),
		Timezone: cmp.Or(row.tags["timezone"], a.Timezone), Source: a.Source, SourceID: id, Attribution: a.Attribution, Names: types.JSONMap[string]{},
	}
	if !strings.HasPrefix(l.Website, "http") {
		l.Website = ""
	}
	for _, language := range languages {
		if other := clean(row.tags["name:"+language], nameLimit); other != "" && other != name {
			l.Names[language] = other
		}
	}
	switch {
	case len(l.Hours) > hours.ValueLimit || len(l.HappyHours) > hours.ValueLimit:
		return bad("hours", "hours_too_long", "The opening hours are longer than opening hours can be.")
	case l.moveTo(row.lat, row.lon, &a.Datum) != nil:
		return bad("lat", "bad_position", "There is no position on the earth.")
	}
	if _, err := time.LoadLocation(l.Timezone); err != nil || l.Timezone == "Local" {
		return bad("timezone", "bad_timezone", "There is no such time zone.")
	}
	return l, nil, false
}

// clean is a text in a line, cut to so many bytes.
func clean(text string, most int) string {
	text = oneLine(text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

func address(tags map[string]string) string {
	if full := tags["addr:full"]; full != "" {
		return full
	}
	street := strings.TrimSpace(tags["addr:housenumber"] + " " + tags["addr:street"])
	town := strings.TrimSpace(tags["addr:postcode"] + " " + tags["addr:city"])
	if street == "" || town == "" {
		return street + town
	}
	return street + ", " + town
}

// write puts listings in that are new, changes those that say something else, and leaves those alone that a merchant
// has claimed or somebody has edited.
func (a Asked) write(tx core.App, rows []listing, done *Report, now time.Time) error {
	ids := make([]string, len(rows))
	for i, l := range rows {
		ids[i] = l.SourceID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	var there []listing
	if err := tx.DB().NewQuery("SELECT " + columns + " FROM nearby_listings WHERE source = {:source} AND source_id != '' AND source_id IN (SELECT value FROM json_each({:ids}))").
		Bind(dbx.Params{"source": a.Source, "ids": string(list)}).All(&there); err != nil {
		return fmt.Errorf("find listings: %w", err)
	}
	known := make(map[string]*listing, len(there))
	for i := range there {
		known[there[i].SourceID] = &there[i]
	}
	for _, l := range rows {
		if l.Hours != "" {
			if _, err := hours.Parse(l.Hours); err != nil {
				done.Unread++
			}
		}
		old := known[l.SourceID]
		switch {
		case old == nil:
			done.Created++
		case old.Org != "" || old.Edited:
			done.Kept++
			continue
		case !old.take(l):
			done.Unchanged++
			continue
		default:
			done.Updated++
			l = *old
		}
		if a.DryRun {
			continue
		}
		if err := l.save(tx, now); err != nil {
			return err
		}
	}
	return nil
}

// take makes the listing say what the other one says, and tells whether that is anything new.
func (l *listing) take(other listing) bool {
	before := fmt.Sprint(l.params("", time.Time{}))
	l.Name, l.Names, l.Category, l.Lat, l.Lon, l.Datum = other.Name, other.Names, other.Category, other.Lat, other.Lon, cmp.Or(other.Datum, WGS84)
	l.Address, l.Phone, l.Website, l.Cuisine, l.Hours = other.Address, other.Phone, other.Website, other.Cuisine, other.Hours
	l.HappyHours, l.Timezone, l.Attribution = other.HappyHours, other.Timezone, other.Attribution
	return fmt.Sprint(l.params("", time.Time{})) != before
}

// runImport does a long import. It may run again: what is in already stays as it is.
func runImport(app core.App, payload []byte, now time.Time) error {
	var id string
	if err := json.Unmarshal(payload, &id); err != nil {
		return err
	}
	record, err := app.FindRecordById("nearby_imports", id)
	if err != nil || record.GetString("state") == ImportDone {
		return nil //nolint:nilerr // it was taken away, or is done
	}
	var asked Asked
	if err := record.UnmarshalJSONField("asked", &asked); err != nil {
		return err
	}
	report, err := bringKept(app, record, asked, now)
	if err != nil {
		report.State, report.Failure = ImportFailed, "The import stopped because of an error; the server's log tells which."
		app.Logger().Error("import of listings failed", "import", id, "error", err)
	}
	if kept := keepReport(app, id, report, true); kept != nil {
		return errors.Join(err, kept)
	}
	return nil
}

func bringKept(app core.App, record *core.Record, asked Asked, now time.Time) (Report, error) {
	files, err := app.NewFilesystem()
	if err != nil {
		return asked.report(0), err
	}
	defer files.Close() //nolint:errcheck // nothing was written
	file, err := files.GetReader(record.BaseFilesPath() + "/" + record.GetString("file"))
	if err != nil {
		return asked.report(0), err
	}
	defer file.Close() //nolint:errcheck // it was only read
	rows, err := readImport(asked.Format, io.LimitReader(file, ImportBytes))
	if err != nil {
		return asked.report(0), err
	}
	batches := 0
	return bring(app, asked, rows, now, func(report Report) error {
		if batches++; batches%10 != 1 {
			return nil
		}
		report.State = ImportRunning
		return keepReport(app, record.Id, report, false)
	})
}

// keepReport writes down how far an import is. One that is over needs its file no more.
func keepReport(app core.App, id string, report Report, over bool) error {
	report.ID = id
	return ledger.Write(app, func(tx core.App) error {
		record, err := tx.FindRecordById("nearby_imports", id)
		if err != nil {
			return err
		}
		record.Set("state", report.State)
		record.Set("report", report)
		if over {
			record.Set("file", "")
		}
		return tx.Save(record)
	})
}

// ImportByID is how far a long import is.
func ImportByID(app core.App, id string) (Report, error) {
	record, err := app.FindRecordById("nearby_imports", id)
	if err != nil {
		return Report{}, ErrImportUnknown
	}
	return reportOf(record)
}

func reportOf(record *core.Record) (Report, error) {
	var report Report
	err := record.UnmarshalJSONField("report", &report)
	report.ID, report.State, report.CreatedAt = record.Id, record.GetString("state"), record.GetString("created")
	return report, err
}

// ListImports is the long imports, the newest first, without their errors.
func ListImports(app core.App) (Imports, error) {
	records, err := app.FindRecordsByFilter("nearby_imports", "", "-created", importsKept, 0)
	if err != nil {
		return Imports{}, fmt.Errorf("imports: %w", err)
	}
	out := Imports{Items: []Report{}}
	for _, record := range records {
		report, err := reportOf(record)
		if err != nil {
			return out, err
		}
		report.Errors = []RowError{}
		out.Items = append(out.Items, report)
	}
	return out, nil
}
