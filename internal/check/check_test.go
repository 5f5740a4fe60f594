package check_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"plaza.internal/plaza/internal/check"
	miniprograms "plaza.internal/plaza/mini_programs"
)

func TestMain(m *testing.M) {
	check.Main()
	os.Exit(m.Run())
}

const manifest = `{
	"app_id": "shop",
	"name": "Shop",
	"version": { "code": 1, "name": "1.0" },
	"x_plaza": { "scopes": ["orders"], "category": "shopping", "domains": { "request": ["api.example.com"] } }
}`

// project is a project of one page with more files, or other ones, given as path and content.
func project(more ...string) map[string][]byte {
	files := map[string][]byte{
		"manifest.json":  []byte(manifest),
		"app.json":       []byte(`{"pages":["pages/a/a"]}`),
		"pages/a/a.wxml": []byte(`<view class="x">{{text}}</view>`),
		"pages/a/a.js":   []byte(`Page({})`),
	}
	for i := 0; i < len(more); i += 2 {
		files[more[i]] = []byte(more[i+1])
	}
	return files
}

// packed writes the files as a zip and gives its path.
func packed(t testing.TB, files map[string][]byte) string {
	t.Helper()
	archive, err := check.Archive(files)
	if err != nil {
		t.Fatal(err)
	}
	return saved(t, archive)
}

func saved(t testing.TB, archive []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package.zip")
	if err := os.WriteFile(path, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func checked(t testing.TB, files map[string][]byte) check.Report {
	t.Helper()
	report, err := check.Package(t.Context(), packed(t, files), "", check.Default(), "")
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func told(report check.Report) []string {
	out := []string{}
	for _, f := range report.Findings {
		out = append(out, fmt.Sprintf("%s %s %s:%d:%d", f.Severity, f.Code, f.File, f.Line, f.Column))
	}
	return out
}

// The program that ships passes without a word, and its bundle is the same each time.
func TestTheMarketPasses(t *testing.T) {
	market, err := fs.Sub(miniprograms.Files, "market")
	if err != nil {
		t.Fatal(err)
	}
	files, err := check.Files(market)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "bundle.zip")
	began := time.Now()
	report, err := check.Package(t.Context(), packed(t, files), "market", check.Default(), out)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(began))
	if len(report.Findings) > 0 || report.Kind != check.KindApp {
		t.Fatalf("%s: %+v", report.Kind, report.Findings)
	}
	began = time.Now()
	again := filepath.Join(t.TempDir(), "bundle.zip")
	second, err := check.Package(t.Context(), packed(t, files), "market", check.Default(), again)
	t.Log(time.Since(began))
	if err != nil || second.BundleHash != report.BundleHash || second.BundleHash == "" {
		t.Fatalf("%v: %q and %q", err, report.BundleHash, second.BundleHash)
	}
	one, _ := os.ReadFile(out)
	two, _ := os.ReadFile(again)
	if !bytes.Equal(one, two) || int64(len(one)) != report.BundleSize {
		t.Fatal("two bundles differ")
	}
	reader, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range reader.File {
		names = append(names, entry.Name)
	}
	for _, want := range []string{check.BundleScript, check.BundleConfig, check.BundleFunctions, "res/icon.svg"} {
		if !slices.Contains(names, want) {
			t.Errorf("the bundle has no %s: %v", want, names)
		}
	}
}
