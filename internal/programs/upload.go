package programs

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/weapp"
)

// noteLimit is how many characters an author may say about a version.
const noteLimit = 2000

// parcel is an upload on disk, in a folder that has no name yet. Nothing of it is in memory.
type parcel struct {
	folder string
	hash   string
	size   int64
}

func (p parcel) packed() string { return filepath.Join(p.folder, packageFile) }
func (p parcel) bundle() string { return filepath.Join(p.folder, bundleFile) }

// discard removes what was not stored; after a store there is nothing left to remove.
func (p parcel) discard() { _ = os.RemoveAll(p.folder) }

// Upload adds a package to the program as its next version, and makes the program if it is new. The same bytes
// again are the same version. A package that does not pass is refused with ErrInvalid and leaves nothing behind.
// Whether the actor may do this for the owner is the caller's question.
func Upload(app core.App, owner Owner, appid string, packed io.Reader, note, actor string, now time.Time) (*core.Record, error) {
	if err := admissible(app, owner, appid); err != nil {
		return nil, err
	}
	if len([]rune(note)) > noteLimit {
		return nil, ErrBadText.With("limit", noteLimit)
	}
	policy, err := CurrentPolicy(app)
	if err != nil {
		return nil, err
	}
	r := registryOf(app)
	arrived, err := receive(r.root, packed, int64(policy.Limits.PackageBytes))
	if err != nil {
		return nil, err
	}
	defer arrived.discard()
	// The same bytes are checked once: whoever sends them meanwhile waits, and then finds their version.
	defer r.uploads.take(arrived.hash)()

	if known, err := uploaded(app, owner, appid, arrived.hash); err != nil || known != nil {
		return known, err
	}
	report, err := inspect(arrived, appid, policy, arrived.bundle())
	if err != nil {
		return nil, err
	}
	if report.Failed() {
		return nil, invalid(report)
	}
	if err := store(r.root, arrived); err != nil {
		return nil, fmt.Errorf("store package %s: %w", arrived.hash, err)
	}
	var id string
	err = ledger.Write(app, func(tx core.App) error {
		version, err := enter(tx, owner, appid, arrived, report, note, actor, now)
		if err == nil {
			id = version.Id
		}
		return err
	})
	if err != nil {
		_ = os.RemoveAll(filepath.Join(r.root, arrived.hash)) // no row names it, and nobody else stores this hash now
		return nil, err
	}
	return app.FindRecordById("programs_versions", id)
}

// Check says what is wrong with a package, as Upload would, and keeps nothing.
func Check(app core.App, appid string, packed io.Reader) (check.Report, error) {
	if !check.IsAppID(appid) {
		return check.Report{}, ErrBadAppID
	}
	policy, err := CurrentPolicy(app)
	if err != nil {
		return check.Report{}, err
	}
	arrived, err := receive(registryOf(app).root, packed, int64(policy.Limits.PackageBytes))
	if err != nil {
		return check.Report{}, err
	}
	defer arrived.discard()
	return inspect(arrived, appid, policy, "")
}

// admissible refuses an appid under which this owner may have no program.
func admissible(app core.App, owner Owner, appid string) error {
	if !check.IsAppID(appid) {
		return ErrBadAppID
	}
	program, err := programRecord(app, appid)
	switch {
	case errors.Is(err, ErrNotFound) && reserved(appid):
		return ErrReserved.With("appid", appid)
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case ownerOf(program) != owner:
		return ErrAppIDTaken.With("appid", appid)
	case program.GetString("status") == "deleted":
		return ErrDeleted.With("appid", appid)
	}
	return nil
}

// receive writes an upload to disk while it comes in, and stops as soon as it is too large.
func receive(root string, packed io.Reader, limit int64) (parcel, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return parcel{}, err
	}
	folder, err := os.MkdirTemp(root, unfinished)
	if err != nil {
		return parcel{}, err
	}
	arrived := parcel{folder: folder}
	if err := arrived.fill(packed, limit); err != nil {
		arrived.discard()
		return parcel{}, err
	}
	return arrived, nil
}

func (p *parcel) fill(packed io.Reader, limit int64) error {
	f, err := os.OpenFile(p.packed(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	p.size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(packed, limit+1))
	p.hash = hex.EncodeToString(sum.Sum(nil))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("receive package: %w", err)
	}
	if p.size > limit {
		return ErrTooLarge.With("limit", limit)
	}
	return nil
}

// inspect runs the checks and the compiler. A package on which the compiler itself gave up is reported like any
// other that does not pass, so that an author reads every "no" in the same place.
func inspect(arrived parcel, appid string, policy check.Policy, out string) (check.Report, error) {
	report, err := check.Package(context.Background(), arrived.packed(), appid, policy, out)
	var no *refusal.Refusal
	if errors.As(err, &no) && no.Status == http.StatusUnprocessableEntity {
		file, _ := no.Details["file"].(string)
		report.Policy = policy.Number
		report.Findings = append(report.Findings, weapp.Finding{
			File: file, Severity: weapp.SeverityError, Code: no.Code, Message: no.Message,
		})
		return report, nil
	}
	if err != nil {
		return report, fmt.Errorf("check package %s: %w", arrived.hash, err)
	}
	return report, nil
}

func invalid(report check.Report) error {
	return ErrInvalid.With("findings", report.Findings).With("report", report)
}

// uploaded is the version that has these bytes already, or nil; it refuses an appid of another owner.
func uploaded(app core.App, owner Owner, appid, pkg string) (*core.Record, error) {
	if err := admissible(app, owner, appid); err != nil {
		return nil, err
	}
	program, err := programRecord(app, appid)
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // "not yet" is an answer here, and the only caller asks for it
	}
	if err != nil {
		return nil, err
	}
	version, err := app.FindFirstRecordByFilter("programs_versions", "program = {:program} && package = {:package}",
		dbx.Params{"program": program.Id, "package": pkg})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // see above
	}
	return version, err
}

func programRecord(app core.App, appid string) (*core.Record, error) {
	program, err := app.FindFirstRecordByData("programs", "appid", appid)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound.With("appid", appid)
	}
	return program, err
}

func versionRecord(app core.App, appid string, number int) (program, version *core.Record, err error) {
	program, err = programRecord(app, appid)
	if err != nil {
		return nil, nil, err
	}
	version, err = app.FindFirstRecordByFilter("programs_versions", "program = {:program} && number = {:number}",
		dbx.Params{"program": program.Id, "number": number})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, ErrVersionNotFound.With("number", number)
	}
	return program, version, err
}

// enter writes the rows of a new version.
func enter(tx core.App, owner Owner, appid string, arrived parcel, report check.Report, note, actor string, now time.Time) (*core.Record, error) {
	if known, err := uploaded(tx, owner, appid, arrived.hash); err != nil || known != nil {
		return known, err
	}
	program, err := programRecord(tx, appid)
	if errors.Is(err, ErrNotFound) {
		program, err = newProgram(tx, owner, appid, report.Kind, actor)
	}
	if err != nil {
		return nil, err
	}
	if program.GetString("status") == "draft" { // nobody sees it yet: it is what its latest upload says
		describe(program, report.Manifest, report.Kind, "")
		if err := tx.Save(program); err != nil {
			return nil, fmt.Errorf("save program: %w", err)
		}
	}
	var last int
	if err := tx.DB().NewQuery("SELECT COALESCE(MAX(number), 0) FROM programs_versions WHERE program = {:program}").
		Bind(dbx.Params{"program": program.Id}).Row(&last); err != nil {
		return nil, err
	}
	collection, err := tx.FindCollectionByNameOrId("programs_versions")
	if err != nil {
		return nil, err
	}
	version := core.NewRecord(collection)
	version.Load(map[string]any{
		"program": program.Id, "number": last + 1, "name": report.Manifest.Version.Name, "state": "checked", "note": note,
		"kind": report.Kind, "package": arrived.hash, "size": arrived.size, "bundle": report.BundleHash, "bundle_size": report.BundleSize,
		"manifest": report.Manifest, "report": report, "policy": report.Policy,
		"scopes": listed(report.Manifest.Plaza.Scopes), "reasons": report.Manifest.Plaza.Reasons, "desk": report.Manifest.Plaza.Desk, "domains": listed(report.Domains), "uploaded_by": personID(tx, actor),
	})
	if err := tx.Save(version); err != nil {
		return nil, fmt.Errorf("save version: %w", err)
	}
	return version, ledger.Audit(tx, actor, "programs.upload", appid, map[string]any{"number": last + 1, "package": arrived.hash}, now)
}

// newProgram is the row of a program that is nobody's to see yet; it is not saved.
func newProgram(tx core.App, owner Owner, appid, kind, actor string) (*core.Record, error) {
	collection, err := tx.FindCollectionByNameOrId("programs")
	if err != nil {
		return nil, err
	}
	if err := roomForDraft(tx, owner); err != nil {
		return nil, err
	}
	program := core.NewRecord(collection)
	person := owner.User
	if person == "" {
		person = personID(tx, actor)
	}
	program.Load(map[string]any{
		"appid": appid, "org": owner.Org, "owner": person, "status": "draft", "kind": kind, "tier": TierUnverified,
	})
	return program, nil
}

// roomForDraft refuses an owner who holds MaxDrafts appids already without having released any of them: names
// are for ever, and one person must not take them all.
func roomForDraft(tx core.App, owner Owner) error {
	var drafts int
	err := tx.DB().NewQuery(`SELECT count(*) FROM programs
		WHERE status = 'draft' AND org = {:org} AND ({:org} != '' OR owner = {:user})`).
		Bind(dbx.Params{"org": owner.Org, "user": owner.User}).Row(&drafts)
	if err != nil {
		return fmt.Errorf("count drafts: %w", err)
	}
	if drafts >= MaxDrafts {
		return ErrTooManyDrafts.With("limit", MaxDrafts)
	}
	return nil
}

// personID is the actor if it is a person: the house has no account.
func personID(app core.App, actor string) string {
	if user, err := app.FindRecordById("users", actor); err == nil {
		return user.Id
	}
	return ""
}

// describe copies what people see of a program from its manifest. What the manifest leaves out stays as the
// makers wrote it. An icon is a name of the icon set, or the address of a file in the package.
func describe(program *core.Record, m check.Manifest, kind, pkg string) {
	icon := m.Plaza.Icon
	if icon == "" && len(m.Icons) > 0 && pkg != "" {
		icon = Address(program.GetString("appid"), pkg) + check.Resource(m.Icons[0].Src)
	}
	program.Load(map[string]any{
		"name": m.Name, "kind": kind, "icon": icon, "color": m.Plaza.Color, "scopes": listed(m.Plaza.Scopes), "keywords": listed(m.Plaza.Keywords),
	})
	if m.Description != "" {
		program.Set("description", m.Description)
	}
	if m.Plaza.Category != "" {
		program.Set("category", m.Plaza.Category)
	}
	if len(m.Plaza.Names) > 0 {
		program.Set("names", check.Spoken(m.Plaza.Names))
	}
	if len(m.Plaza.Descriptions) > 0 {
		program.Set("descriptions", check.Spoken(m.Plaza.Descriptions))
	}
}

// listed is the list as JSON shows it: [] and never null.
func listed(list []string) []string { return append([]string{}, list...) }
