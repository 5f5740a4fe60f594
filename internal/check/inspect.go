package check

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/weapp"
)

// inspector is one check of one package, inside a worker.
type inspector struct {
	findings
	policy    Policy
	manifest  Manifest
	files     map[string][]byte
	names     []string // of files, sorted
	root      string   // the folder of the pages, "" or with a slash at the end
	functions string   // the folder of the cloud functions, or ""
	uses      map[string]*Use
	hosts     map[string]bool
	report    Report
}

// maxHosts is how many hosts of the code a report names.
const maxHosts = 100

// inspect checks and compiles the package at path. The bundle's files are nil when the package fails. An error
// means that the check could not end: the context is over, or the machine failed.
func inspect(ctx context.Context, compiler *weapp.Compiler, packed, appid string, policy Policy) (Report, map[string][]byte, error) {
	i := &inspector{policy: policy, uses: map[string]*Use{}, hosts: map[string]bool{}}
	i.report.Policy = policy.Number
	bundle, err := i.run(ctx, compiler, packed, appid)
	if err != nil {
		return Report{}, nil, err
	}
	i.conclude()
	if i.report.Failed() {
		return i.report, nil, nil
	}
	contents, err := contentsOf(bundle)
	if declared := i.files[query.SchemaFile]; declared != nil && err == nil {
		contents[BundleDatabase] = declared
	}
	return i.report, contents, err
}

func (i *inspector) run(ctx context.Context, compiler *weapp.Compiler, packed, appid string) (*weapp.Bundle, error) {
	if err := i.open(packed); err != nil || i.files == nil {
		return nil, err
	}
	made := i.manifestMade(appid)
	if made {
		i.manifest = i.makeManifest(appid)
	} else {
		var found []weapp.Finding
		i.manifest, found = ParseManifest(i.files[manifestFile], appid, i.policy)
		i.take(found...)
	}
	bundle, err := compiler.CompileKind(ctx, i.kind(), i.files)
	if err != nil {
		if errors.Is(err, weapp.ErrCompileTimeout) || !i.refused(err) {
			return nil, err
		}
		bundle = &weapp.Bundle{Kind: i.kind(), Config: json.RawMessage("{}")}
	}
	i.take(bundle.Findings...)
	i.report.Kind, i.root, i.functions = cmp.Or(bundle.Kind, KindApp), bundle.Root, bundle.FunctionRoot
	var config weapp.Config
	if err := json.Unmarshal(bundle.Config, &config); err != nil {
		return nil, fmt.Errorf("program table: %w", err)
	}
	i.sizes(config)
	i.strangers()
	i.schemas(config)
	i.scopesOfApp()
	i.database()
	i.code(bundle, config)
	if made {
		i.scopesUsed()
	}
	i.images()
	i.secrets()
	i.contradictions(bundle)
	i.triggers(bundle)
	i.desk(bundle, config)
	return bundle, nil
}

// open unpacks the archive. What it refuses is a finding, and leaves files nil.
func (i *inspector) open(packed string) error {
	file, err := os.Open(packed)
	if err != nil {
		return fmt.Errorf("open package: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open package: %w", err)
	}
	i.report.Sizes.Package = info.Size()
	if limit := i.policy.Limits.PackageBytes; info.Size() > int64(limit) {
		i.fail("package_too_large", "", spot{}, "The package has %s; the limit is %s.", bytesOf(int(info.Size())), bytesOf(limit))
		return nil
	}
	files, err := weapp.UnzipFrom(file, info.Size())
	if err != nil {
		if !i.refused(err) {
			return err
		}
		return nil
	}
	i.files, i.names = files, slices.Sorted(maps.Keys(files))
	return nil
}

// kind is what the manifest says the program is, or "" to go by its files.
func (i *inspector) kind() string {
	if slices.Contains([]string{KindApp, KindGame, KindWeb}, i.manifest.Plaza.Kind) {
		return i.manifest.Plaza.Kind
	}
	return ""
}

// schemas compares the configuration files with their schemas, those of libraries excepted.
func (i *inspector) schemas(config weapp.Config) {
	conform := func(schema, file string) {
		source, ok := i.files[file]
		if !ok || i.has("bad_json", file) && !i.mistyped(file) || len(source) > weapp.MaxSourceBytes {
			return
		}
		i.conform(schema, file, string(source))
	}
	if !i.has("manifest_json", manifestFile) && !i.has("manifest_too_large", manifestFile) {
		conform("manifest", manifestFile)
	}
	conform("project", "project.config.json")
	conform("app", i.root+"app.json")
	conform("game", i.root+"game.json")
	for _, name := range config.Order {
		if file := i.root + name + ".json"; !isLibrary(file) {
			conform("page", file)
		}
	}
}

// database looks at what the project declares of its cloud database, in its root.
func (i *inspector) database() {
	if _, err := query.ParseSchema(i.files[query.SchemaFile]); err != nil {
		i.fail("bad_cloud_database", query.SchemaFile, spot{line: 1, column: 1}, "%v", err)
	}
}

// mistyped says whether the compiler's finding in a JSON file was a member of the wrong type. The schema says
// that too, and of all members, so that its findings take that one's place.
func (i *inspector) mistyped(file string) bool {
	if _, err := locate(strings.TrimPrefix(string(i.files[file]), "\ufeff")); err != nil {
		return false
	}
	i.list = slices.DeleteFunc(i.list, func(f weapp.Finding) bool { return f.Code == "bad_json" && f.File == file })
	return true
}

// code looks through what became part of the bundle: scripts, templates, documents.
func (i *inspector) code(bundle *weapp.Bundle, config weapp.Config) {
	using := map[string]map[string]string{}
	for name, component := range config.Components {
		tags := maps.Clone(component.Using)
		for generic := range component.Generics {
			tags[generic] = ""
		}
		using[i.root+name+".wxml"] = tags
	}
	for _, file := range bundle.Sources {
		switch path.Ext(file) {
		case ".js", ".ts", ".mjs", ".cjs":
			i.script(file, string(i.files[file]), false)
		case ".wxml":
			i.template(file, string(i.files[file]), using[file])
		}
	}
	for _, file := range i.names {
		ext := strings.ToLower(path.Ext(file))
		inFunctions := i.functions != "" && strings.HasPrefix(file, i.functions)
		switch {
		case strings.Contains("/"+file, "/node_modules/"):
		case inFunctions && (ext == ".js" || ext == ".ts"):
			i.script(file, string(i.files[file]), true)
		case inFunctions || bundle.Kind != KindWeb:
		case ext == ".html" || ext == ".htm" || ext == ".xhtml":
			i.document(file, string(i.files[file]))
		case ext == ".js" || ext == ".mjs":
			i.script(file, string(i.files[file]), false)
		}
	}
}

// desk judges the page that the manifest names for staff: it must be one that the program can open.
func (i *inspector) desk(bundle *weapp.Bundle, config weapp.Config) {
	page := i.manifest.Plaza.Desk
	if page == "" || bundle.Failed() {
		return
	}
	judge := inspection{source: i.files[manifestFile]}
	switch {
	case config.Kind == KindGame || config.Kind == KindWeb:
		judge.say(weapp.SeverityError, "desk", "manifest_desk", "A desk is a page, which only a program of kind app has.")
	case !slices.Contains(pagesOf(config), page):
		judge.say(weapp.SeverityError, "desk", "manifest_desk", "x_plaza.desk names %q, but the package has no such page.", short(page, maxMessage))
	}
	i.take(judge.findings...)
}

// pagesOf is the pages of the program, those of its sub-packages too.
func pagesOf(config weapp.Config) []string {
	pages := slices.Clone(config.Pages)
	for _, part := range config.Subpackages {
		for _, page := range part.Pages {
			pages = append(pages, path.Join(part.Root, page))
		}
	}
	return pages
}

// contradictions compares the manifest with what the package holds.
func (i *inspector) contradictions(bundle *weapp.Bundle) {
	judge := inspection{source: i.files[manifestFile]}
	for _, function := range i.manifest.Plaza.Functions {
		if _, ok := bundle.Functions[function]; !ok && !bundle.Failed() {
			judge.say(weapp.SeverityError, function, "manifest_function", "x_plaza.functions names %q, but the package has no such cloud function.", function)
		}
	}
	if bundle.Resources != nil {
		for _, icon := range i.manifest.Icons {
			if _, ok := bundle.Resources[Resource(icon.Src)]; !ok {
				judge.say(weapp.SeverityError, icon.Src, "manifest_icon", "icons names %q, but the package has no such file.", icon.Src)
			}
		}
		for _, picture := range i.manifest.Plaza.Screenshots {
			if _, ok := bundle.Resources[Resource(picture)]; !ok {
				judge.say(weapp.SeverityError, picture, "manifest_screenshots", "x_plaza.screenshots names %q, but the package has no such file.", picture)
			}
		}
	}
	if said := i.manifest.Plaza.Kind; said == "" && i.report.Kind == KindWeb {
		judge.say(weapp.SeverityWarning, "x_plaza", "manifest_kind", "Say x_plaza.kind: \"web\"; without it the program is taken for what its files look like.")
	}
	i.take(judge.findings...)
}

func (i *inspector) host(name string) {
	if len(i.hosts) < maxHosts {
		i.hosts[name] = true
	}
}

// maxReport is how many bytes of JSON a report may have; its row keeps a little more.
const maxReport = 800_000

// conclude puts the report together.
func (i *inspector) conclude() {
	r := &i.report
	r.Kind = cmp.Or(r.Kind, i.kind(), KindApp)
	r.Manifest = i.manifest
	r.Findings = i.sorted()
	r.Uses = i.compatibility()
	r.Domains = nonNil(i.manifest.Plaza.Domains.All())
	r.Scopes = nonNil(i.manifest.Plaza.Scopes)
	r.Hosts = nonNil(slices.Sorted(maps.Keys(i.hosts)))
	r.Sizes.Largest = nonNil(r.Sizes.Largest)
	r.Sizes.Subpackages = nonNil(r.Sizes.Subpackages)
	for {
		// Names of files may be long, and an author may have many of them.
		encoded, err := json.Marshal(r)
		if err != nil || len(encoded) <= maxReport || len(r.Findings)+len(r.Uses)+len(r.Sizes.Subpackages) < 10 {
			return
		}
		slices.SortStableFunc(r.Findings, func(a, b weapp.Finding) int { return cmp.Compare(a.Severity, b.Severity) }) // errors first
		r.Findings = r.Findings[:(len(r.Findings)+1)/2]
		r.Uses = r.Uses[:len(r.Uses)/2]
		r.Sizes.Subpackages = r.Sizes.Subpackages[:len(r.Sizes.Subpackages)/2]
	}
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Names in the one file that holds a compiled bundle.
const (
	BundleScript    = "app.js"
	BundleConfig    = "config.json"
	BundleFunctions = "functions.json"
	BundleDatabase  = query.SchemaFile // what the project declares of its cloud database; may be missing
	BundleResources = "res/"
)

// contentsOf are the files of a bundle.
func contentsOf(bundle *weapp.Bundle) (map[string][]byte, error) {
	functions, err := json.Marshal(bundle.Functions) // maps are written in the order of their keys
	if err != nil {
		return nil, err
	}
	contents := map[string][]byte{BundleScript: bundle.Script, BundleConfig: bundle.Config, BundleFunctions: functions}
	for name, content := range bundle.Resources {
		contents[BundleResources+strings.TrimPrefix(name, BundleResources)] = content
	}
	return contents, nil
}
