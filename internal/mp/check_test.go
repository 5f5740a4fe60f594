package mp_test

import (
	"archive/zip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"plaza.internal/plaza/internal/check"
)

// Every project to begin with passes its own checks, with nothing to complain of, and is ready for every language.
func TestTemplatesPassTheirChecks(t *testing.T) {
	d := newDesk(t)
	for name, args := range map[string][]string{
		"app":   {"--template", "app"},
		"cloud": {"--template", "app", "--cloud"},
		"game":  {"--template", "game"},
		"web":   {"--template", "web"},
	} {
		t.Run(name, func(t *testing.T) {
			d := d.on(t)
			d.must(0, append([]string{"init", name, "--name", `"Quotes" & <tags>`}, args...)...)
			var report check.Report
			if err := json.Unmarshal([]byte(d.must(0, "check", name, "--json", "--strict").out), &report); err != nil {
				t.Fatal(err)
			}
			kind := name
			if name == "cloud" {
				kind = check.KindApp
			}
			if report.Kind != kind || report.Manifest.AppID != name || report.Manifest.Name != `"Quotes" & <tags>` {
				t.Errorf("it is %s %+v", report.Kind, report.Manifest)
			}
			for _, use := range report.Uses {
				if use.Support == check.Missing {
					t.Errorf("%s is %s: %s:%d", use.Name, use.Support, use.File, use.Line)
				}
			}
			for _, language := range check.Languages() {
				if report.Manifest.Plaza.Names[language] == "" || report.Manifest.Plaza.Descriptions[language] == "" {
					t.Errorf("no words in %s", language)
				}
			}
		})
	}
}

// The words of a report are what most creators ever see of the checks.
func TestReportReadsWell(t *testing.T) {
	d := newDesk(t)
	d.must(0, "init", "hello", "--template", "app")
	edit(t, "hello/pages/sky/sky.wxml", `<text class="text">{{sky.text}}</text>`, `<text class="text">{{sky.text}}`)
	edit(t, "hello/pages/sky/sky.js", "next() {", "next( {")
	edit(t, "hello/manifest.json", `"category": "culture"`, `"category": "nonsense"`)
	edit(t, "hello/pages/home/home.js", "onShow() {", "onShow() {\n\t\twx.startBluetoothDevicesDiscovery({})")
	// The sizes are the template's affair.
	sizes := regexp.MustCompile(` *[\d.]+ k?B\b`)
	golden(t, "broken.golden", sizes.ReplaceAllString(d.must(1, "check", "hello").out, " N kB"))
	edit(t, "hello/pages/sky/sky.wxml", `<text class="text">{{sky.text}}`, `<text class="text">{{sky.text}}</text>`)
	edit(t, "hello/pages/sky/sky.js", "next( {", "next() {")
	edit(t, "hello/manifest.json", `"category": "nonsense"`, `"category": "culture"`)
	golden(t, "missing.golden", sizes.ReplaceAllString(d.must(0, "check", "hello").out, " N kB"))
}

// A creator can check by the rules of the server that they mean to send to.
func TestCheckByTheServersOwnPolicy(t *testing.T) {
	d := newDesk(t)
	d.must(0, "init", "hello")
	policy := check.Default()
	policy.Limits.Files = 3
	strict, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("policy.json", strict, 0o600); err != nil {
		t.Fatal(err)
	}
	d.must(1, "check", "hello", "--policy", "policy.json")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/store/policy" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(strict) // whoever asks reads it
	}))
	defer server.Close()
	d.must(1, "check", "hello", "--policy", server.URL+"/api/store/policy")
	d.must(1, "check", "hello", "--server", server.URL)
	d.must(3, "check", "hello", "--policy", server.URL+"/elsewhere")
	d.must(2, "check", "hello", "--policy", "hello/app.json").has(t, "cannot be used")
	d.must(2, "check", "hello", "--policy", "nowhere.json")
}

// What build writes is what upload would send, and the same every time.
func TestBuildWritesPackageBundleAndReport(t *testing.T) {
	d := newDesk(t)
	d.must(0, "init", "hello")
	d.must(0, "build", "hello", "-o", "out")
	d.must(0, "build", "hello", "-o", "one.zip")
	for _, name := range []string{"package.zip", "bundle.zip"} {
		archive, err := zip.OpenReader(filepath.Join("out", name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(archive.File) == 0 {
			t.Errorf("%s is empty", name)
		}
		if err := archive.Close(); err != nil {
			t.Error(err)
		}
	}
	content, err := os.ReadFile("out/report.json")
	var report check.Report
	if err != nil || json.Unmarshal(content, &report) != nil || report.BundleHash == "" {
		t.Errorf("the report is %.100s, %v", content, err)
	}
	first, err := os.ReadFile("out/package.zip")
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile("one.zip")
	if err != nil || string(first) != string(second) {
		t.Errorf("two builds of one folder differ: %v", err)
	}
	d.must(0, "check", "one.zip").has(t, "No errors")
	d.must(2, "build", "hello", "-o", "hello/out").has(t, "next package")
	d.must(0, "build", "hello", "-o", "hello/.out")
	edit(t, "hello/app.json", `"pages/sky/sky"`, `"pages/none/none"`)
	d.must(1, "build", "hello", "-o", "broken")
	if _, err := os.Stat("broken/bundle.zip"); err == nil {
		t.Error("a broken project left a bundle")
	}
}
