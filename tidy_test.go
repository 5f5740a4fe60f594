package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "plaza.internal/plaza/"

// deps is the architecture: each package and the packages of ours that it may import. Downward only: the
// ground (clock, refusal, route, sqlite) knows nobody, the kernel knows the ground, money knows the kernel,
// bridge and programs know many, main knows all. A new line here is a decision.
var deps = map[string]string{
	".":                      "*",
	"hooks":                  "",
	"mini_programs":          "",
	"pb_migrations":          "",
	"ui":                     "",
	"internal/apptest":       "internal/sqlite pb_migrations internal/catalog internal/ledger internal/identity internal/payments internal/clock",
	"internal/apptest/shop":  "internal/apptest internal/catalog internal/clock internal/ledger",
	"internal/backend":       "internal/check internal/clock internal/identity internal/inbox internal/ledger internal/programs internal/refusal internal/route",
	"internal/bench":         "*",
	"internal/bills":         "internal/check internal/clock internal/events internal/identity internal/jobs internal/ledger internal/payments internal/programs internal/refusal internal/route",
	"internal/bridge":        "internal/backend internal/bills internal/campaigns internal/catalog internal/check internal/clock internal/clouddb internal/cloudfiles internal/identity internal/inbox internal/leaderboards internal/ledger internal/logs internal/loyalty internal/nearby internal/orders internal/programs internal/proxy internal/receipts internal/refusal internal/route internal/sandbox",
	"internal/campaigns":     "internal/catalog internal/clock internal/events internal/identity internal/jobs internal/ledger internal/refusal internal/route internal/triggers/when",
	"internal/catalog":       "internal/clock internal/identity internal/ledger internal/refusal internal/route",
	"internal/check":         "internal/clouddb/query internal/confined internal/refusal internal/triggers/when internal/weapp",
	"internal/clock":         "",
	"internal/clouddb":       "internal/clock internal/clouddb/query internal/identity internal/refusal internal/sqlite",
	"internal/clouddb/query": "internal/refusal",
	"internal/cloudfiles":    "internal/clock internal/clouddb/query internal/identity internal/ledger internal/refusal internal/route",
	"internal/confined":      "",
	"internal/demo":          "internal/bills internal/campaigns internal/catalog internal/check internal/clock internal/contacts internal/clouddb internal/figures internal/gateway internal/identity internal/ledger internal/logs internal/loyalty internal/mp internal/nearby internal/orders internal/payments internal/programs internal/store internal/weapp mini_programs",
	"internal/contacts":      "internal/check internal/clock internal/jobs internal/ledger internal/refusal internal/route",
	"internal/erasure":       "internal/clock internal/clouddb internal/cloudfiles internal/identity internal/jobs internal/leaderboards internal/ledger internal/refusal internal/route",
	"internal/events":        "internal/jobs internal/ledger internal/triggers/when",
	"internal/figures":       "internal/clock internal/identity internal/jobs internal/ledger internal/logs internal/programs internal/refusal internal/route",
	"internal/gateway":       "internal/clock internal/identity internal/jobs internal/refusal internal/route",
	"internal/identity":      "internal/clock internal/jobs internal/ledger internal/refusal internal/route",
	"internal/inbox":         "internal/check internal/clock internal/identity internal/jobs internal/ledger internal/programs internal/refusal internal/route",
	"internal/jobs":          "internal/clock internal/ledger internal/refusal internal/route",
	"internal/leaderboards":  "internal/check internal/clock internal/contacts internal/identity internal/jobs internal/ledger internal/loyalty internal/programs internal/refusal internal/route internal/triggers/when",
	"internal/ledger":        "internal/clock internal/refusal internal/route",
	"internal/logs":          "internal/clock internal/jobs internal/programs internal/refusal internal/route",
	"internal/loyalty":       "internal/clock internal/events internal/identity internal/jobs internal/ledger internal/refusal internal/route internal/triggers/when",
	"internal/mp":            "internal/check internal/gateway internal/proxy internal/refusal internal/sqlite internal/weapp",
	"internal/nearby":        "internal/campaigns internal/clock internal/identity internal/jobs internal/ledger internal/nearby/hours internal/programs internal/proxy internal/refusal internal/route internal/search",
	"internal/nearby/hours":  "",
	"internal/orders":        "internal/campaigns internal/catalog internal/clock internal/events internal/identity internal/jobs internal/ledger internal/loyalty internal/payments internal/refusal internal/route internal/triggers/when",
	"internal/payments":      "internal/clock internal/identity internal/jobs internal/ledger internal/refusal internal/route",
	"internal/playtime":      "internal/clock internal/identity internal/jobs internal/ledger internal/refusal internal/route",
	"internal/programs":      "internal/check internal/clock internal/clouddb/query internal/identity internal/jobs internal/ledger internal/playtime internal/refusal internal/route internal/sandbox internal/weapp",
	"internal/proof":         "internal/clock internal/identity internal/jobs internal/ledger internal/refusal internal/route",
	"internal/proxy":         "internal/refusal",
	"internal/receipts":      "internal/bills internal/check internal/clock internal/clouddb/query internal/cloudfiles internal/identity internal/ledger internal/programs internal/refusal internal/route",
	"internal/refusal":       "",
	"internal/route":         "internal/refusal",
	"internal/sandbox":       "internal/confined internal/refusal",
	"internal/search":        "",
	"internal/sqlite":        "",
	"internal/store":         "internal/check internal/clock internal/identity internal/jobs internal/ledger internal/programs internal/refusal internal/route internal/search",
	"internal/triggers":      "internal/check internal/clock internal/events internal/identity internal/jobs internal/ledger internal/logs internal/programs internal/refusal internal/route internal/triggers/when",
	"internal/triggers/when": "",
	"internal/weapp":         "internal/refusal",
}

// owners says which packages may import a library. PocketBase belongs to everyone but the pure ones.
var owners = map[string]string{
	"github.com/pocketbase/pocketbase":         "*",
	"github.com/pocketbase/dbx":                "*",
	"github.com/dop251/goja":                   "internal/sandbox pb_migrations",
	"github.com/dop251/goja_nodejs":            "internal/sandbox",
	"github.com/robfig/cron/v3":                "internal/jobs internal/triggers/when",
	"github.com/tetratelabs/wazero":            "internal/weapp",
	"github.com/evanw/esbuild":                 "internal/weapp",
	"github.com/santhosh-tekuri/jsonschema/v6": "internal/check",
	"github.com/tdewolff/parse/v2":             "internal/weapp",
	"codeberg.org/go-pdf/fpdf":                 "internal/receipts",
	"github.com/boombuler/barcode":             "internal/programs internal/mp internal/receipts",
	"github.com/invopop/jsonschema":            "internal/route",
	"github.com/fsnotify/fsnotify":             "internal/mp",
	"github.com/schollz/progressbar/v3":        "internal/demo internal/mp",
	"github.com/spf13/cobra":                   ". internal/mp",
	"github.com/spf13/pflag":                   "internal/mp",
	"golang.org/x/term":                        "internal/mp",
	"github.com/pocketbase/ozzo-validation/v4": "internal/campaigns internal/catalog internal/programs internal/identity internal/loyalty",
	"golang.org/x/sys":                         "internal/confined internal/bench",
	"code.dny.dev/ssrf":                        "internal/proxy",
	"github.com/coder/websocket":               "internal/proxy internal/bridge",
	"golang.org/x/net":                         "internal/proxy",
	"golang.org/x/text":                        "internal/catalog internal/programs internal/search",
	"github.com/disintegration/imaging":        "internal/nearby",
	"modernc.org/sqlite":                       "internal/sqlite",
}

// interfaces lists the interfaces that we declare. Each has two implementations, or stands here with a reason.
var interfaces = []string{
	"transactional", // ledger: PocketBase has the method, its App interface lacks it
	"sqliteConn",    // sqlite: what the driver's unexported connection must go on offering when it is wrapped
	"sqliteRows",    // sqlite: the same of its rows
}

var vague = regexp.MustCompile(`(?i)^(utils?|help\w*|common|shared|misc|base|types?|models?|services?|repositor(y|ies)|controllers?|managers?)$`)

// The architecture, executable: a forbidden import, an unowned library or a name that says nothing fails here.
func TestTidy(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || name == "dist" || name == "pb_data") {
				return filepath.SkipDir
			}
		}
		if stem, _, _ := strings.Cut(name, "."); vague.MatchString(stem) {
			t.Errorf("%s: the name says nothing; name it after what it holds", path)
		}
		if strings.HasSuffix(name, ".go") {
			checkFile(t, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkFile(t *testing.T, path string) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	pkg := filepath.ToSlash(filepath.Dir(path))
	if _, known := deps[pkg]; !known {
		t.Errorf("%s: package %s has no line in deps", path, pkg)
	}
	for _, spec := range file.Imports {
		checkImport(t, path, pkg, strings.Trim(spec.Path.Value, `"`))
	}
	if strings.HasSuffix(path, "_test.go") {
		return
	}
	if lines := files.Position(file.End()).Line; lines > 500 {
		t.Logf("remark: %s has %d lines; it may hold two ideas", path, lines)
	}
	ast.Inspect(file, func(node ast.Node) bool {
		remark(t, files, path, node)
		return true
	})
}

func checkImport(t *testing.T, path, pkg, imported string) {
	test := strings.HasSuffix(path, "_test.go")
	if ours, ok := strings.CutPrefix(imported, module); ok {
		allowed := deps[pkg]
		// A story may bind the packages that it plays in, so tests look wider than the code.
		if !test && allowed != "*" && !slices.Contains(strings.Fields(allowed), ours) {
			t.Errorf("%s: %s may not import %s", path, pkg, ours)
		}
		return
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return // the standard library
	}
	for library, owner := range owners {
		if imported == library || strings.HasPrefix(imported, library+"/") {
			if owner != "*" && !test && !slices.Contains(strings.Fields(owner), pkg) {
				t.Errorf("%s: %s belongs to %s", path, library, owner)
			}
			return
		}
	}
	t.Errorf("%s: %s has no owner", path, imported)
}

func remark(t *testing.T, files *token.FileSet, path string, node ast.Node) {
	switch n := node.(type) {
	case *ast.FuncDecl:
		if lines := files.Position(n.End()).Line - files.Position(n.Pos()).Line; lines > 70 {
			t.Logf("remark: %s: %s has %d lines", path, n.Name.Name, lines)
		}
	case *ast.TypeSpec:
		if _, ok := n.Type.(*ast.InterfaceType); ok && !slices.Contains(interfaces, n.Name.Name) {
			t.Errorf("%s: interface %s is not on the list", path, n.Name.Name)
		}
	}
}
