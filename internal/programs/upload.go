package programs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/weapp"
)

const (
	// PackageLimit is how many bytes a package may have as a zip.
	PackageLimit = 20 << 20
	// compileLimit is how long checking and compiling one package may take.
	compileLimit = 30 * time.Second
)

// checked is a package that has passed: what goes on disk and into the version's row.
type checked struct {
	manifest manifest
	source   []byte // manifest.json as it was sent
	findings []weapp.Finding
	bundle   []byte
}

// Upload adds a package to the program as its next version, and makes the program if it is new. The same
// bytes again are the same version. A package that does not pass is refused with ErrInvalid and leaves
// nothing behind. Whether the actor may do this for the organisation is the caller's question.
func Upload(app core.App, orgID, appid string, packed []byte, actor string, now time.Time) (*core.Record, error) {
	if !appIDPattern.MatchString(appid) {
		return nil, ErrBadAppID
	}
	if len(packed) > PackageLimit {
		return nil, ErrTooLarge.With("limit", PackageLimit).With("size", len(packed))
	}
	pkg := digest(packed)
	r := registryOf(app)
	// One package at a time: compiling is what costs, and a second upload of the same bytes finds the first.
	r.uploading.Lock()
	defer r.uploading.Unlock()

	if known, err := uploaded(app, orgID, appid, pkg); err != nil || known != nil {
		return known, err
	}
	sound, err := check(appid, packed)
	if err != nil {
		return nil, err
	}
	if err := store(r.root, pkg, packed, sound.bundle); err != nil {
		return nil, fmt.Errorf("store package %s: %w", pkg, err)
	}
	var id string
	err = ledger.Write(app, func(tx core.App) error {
		version, err := enter(tx, orgID, appid, pkg, len(packed), sound, actor, now)
		if err == nil {
			id = version.Id
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("programs_versions", id)
}

// uploaded is the version that has these bytes already, or nil; it refuses an appid of another organisation.
func uploaded(app core.App, orgID, appid, pkg string) (*core.Record, error) {
	program, err := programRecord(app, appid)
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // "not yet" is an answer here, and the only caller asks for it
	}
	if err != nil {
		return nil, err
	}
	if program.GetString("org") != orgID {
		return nil, ErrAppIDTaken.With("appid", appid)
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

// check unzips, reads the manifest and compiles. Everything that is wrong is told at once, as far as the
// package can be read.
func check(appid string, packed []byte) (checked, error) {
	files, err := weapp.Unzip(packed)
	if err != nil {
		return checked{}, refused(err)
	}
	out := checked{source: files[manifestFile]}
	var findings []weapp.Finding
	out.manifest, findings = readManifest(out.source, appid)
	bundle, err := compile(files)
	if err != nil {
		return checked{}, refused(err)
	}
	findings = append(findings, bundle.Findings...)
	if !failed(findings) {
		findings = append(findings, contradictions(out.source, out.manifest, bundle)...)
	}
	if failed(findings) {
		return checked{}, invalid(findings)
	}
	out.findings = findings
	out.bundle, err = pack(bundle)
	return out, err
}

// compile bounds the compiler: a deadline, and a panic in it is a finding and not the end of the server.
func compile(files map[string][]byte) (bundle *weapp.Bundle, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), compileLimit)
	defer cancel()
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w (cause: %v)\n%s", crashed("The compiler stopped on this package."), cause, debug.Stack())
		}
	}()
	bundle, err = weapp.Compile(ctx, files)
	return bundle, err
}

// refused turns what the archive or the compiler refuses as a whole into a finding, so that an author reads
// every "no" in the same place.
func refused(err error) error {
	var no *refusal.Refusal
	if !errors.As(err, &no) || errors.Is(err, ErrInvalid) {
		return err
	}
	file, _ := no.Details["file"].(string)
	return invalid([]weapp.Finding{{File: file, Severity: weapp.SeverityError, Code: no.Code, Message: no.Message}})
}

func crashed(message string) error {
	return invalid([]weapp.Finding{{Severity: weapp.SeverityError, Code: "compile_failed", Message: message}})
}

func failed(findings []weapp.Finding) bool {
	return slices.ContainsFunc(findings, func(f weapp.Finding) bool { return f.Severity == weapp.SeverityError })
}

func invalid(findings []weapp.Finding) error {
	return ErrInvalid.With("findings", findings)
}

// enter writes the rows of a new version.
func enter(tx core.App, orgID, appid, pkg string, size int, sound checked, actor string, now time.Time) (*core.Record, error) {
	if known, err := uploaded(tx, orgID, appid, pkg); err != nil || known != nil {
		return known, err
	}
	program, err := programRecord(tx, appid)
	if errors.Is(err, ErrNotFound) {
		program, err = create(tx, orgID, appid, sound.manifest, actor)
	}
	if err != nil {
		return nil, err
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
		"program": program.Id, "number": last + 1, "name": sound.manifest.Version.Name, "state": "checked",
		"package": pkg, "bundle": digest(sound.bundle), "size": size, "manifest": string(sound.source), "report": sound.findings,
	})
	if err := tx.Save(version); err != nil {
		return nil, fmt.Errorf("save version: %w", err)
	}
	return version, ledger.Audit(tx, actor, "programs.upload", appid, map[string]any{"number": last + 1, "package": pkg}, now)
}

func create(tx core.App, orgID, appid string, m manifest, actor string) (*core.Record, error) {
	collection, err := tx.FindCollectionByNameOrId("programs")
	if err != nil {
		return nil, err
	}
	program := core.NewRecord(collection)
	program.Load(map[string]any{"appid": appid, "org": orgID, "status": "draft", "kind": "app"})
	if owner, err := tx.FindRecordById("users", actor); err == nil {
		program.Set("owner", owner.Id) // the seeder has no account
	}
	describe(program, m, "")
	if err := tx.Save(program); err != nil {
		return nil, fmt.Errorf("save program: %w", err)
	}
	return program, nil
}

// describe copies what people see of a program from its manifest. An icon is a name of the icon set, or the
// address of a file in the package.
func describe(program *core.Record, m manifest, pkg string) {
	icon := m.Plaza.Icon
	if icon == "" && len(m.Icons) > 0 && pkg != "" {
		icon = Address(program.GetString("appid"), pkg) + resource(m.Icons[0].Src)
	}
	program.Load(map[string]any{
		"name": m.Name, "names": spoken(m.Plaza.Names), "description": m.Description, "descriptions": spoken(m.Plaza.Descriptions),
		"icon": icon, "color": m.Plaza.Color, "category": m.Plaza.Category, "scopes": m.Plaza.Scopes,
	})
}
