package check

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"plaza.internal/plaza/internal/weapp"
)

// judgedWell fails when a finding does not point into the file, or is no text.
func judgedWell(t *testing.T, findings []weapp.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Code == "" || f.Line < 0 || f.Column < 0 || !utf8.ValidString(f.Message) || len(f.Message) > maxMessage+len("…") {
			t.Errorf("%+v", f)
		}
	}
}

func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		`{"app_id":"shop","name":"Shop","version":{"code":1,"name":"1"},"x_plaza":{"scopes":["orders"],"domains":{"request":["api.example.com"]}}}`,
		`{"name":"a","name":"b"}`, `{"app_id":7}`, `{"x_plaza":{"names":{"en":"\u202e"}}}`, "\ufeff{}", `[`, `{"icons":[{"src":"../a"}]}`,
	} {
		f.Add([]byte(seed), "shop")
	}
	policy := Default()
	f.Fuzz(func(t *testing.T, source []byte, appid string) {
		m, findings := ParseManifest(source, appid, policy)
		judgedWell(t, findings)
		failed := Report{Findings: findings}.Failed()
		if !failed && (m.AppID == "" || !IsName(m.Name) || appid != "" && m.AppID != appid) {
			t.Errorf("%q passes", source)
		}
		if !failed && len(m.Plaza.Domains.All()) > policy.Limits.Domains {
			t.Errorf("%d domains", len(m.Plaza.Domains.All()))
		}
	})
}

func FuzzPolicy(f *testing.F) {
	f.Add(defaultPolicy)
	f.Add([]byte(`{"number":1}`))
	f.Fuzz(func(t *testing.T, source []byte) {
		p, err := ParsePolicy(source)
		if err == nil && (len(p.Tiers) != 3 || p.Limits.PackageBytes < 1 || len(p.Rules) == 0) {
			t.Errorf("%+v passes", p)
		}
	})
}

// FuzzReport gives any text to every reader of sources: none may panic, and each spot must be in the text.
func FuzzReport(f *testing.F) {
	for _, seed := range []string{
		"const { request, showToast: t } = wx\nwx.request({ url: `https://a.example.com/${x}` })", "eval('1')", "/a/g.test('b') / 2", "`${`${1}`}`",
		"<view a='{{b}}'><web-view src='x'/><!-- </view>", "<svg onload=1><script>1</script>", "{\"pages\":[\"a\"],\"pages\":{}}", "</", "<a b=", "'",
		"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B", "RIFF\x00\x00\x00\x00WEBPVP8X", "\x89PNG\r\n\x1a\n", "GIF89a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		i := &inspector{policy: Default(), uses: map[string]*Use{}, hosts: map[string]bool{}, files: map[string][]byte{"a.png": []byte(source), "a.env": []byte(source)}, names: []string{"a.env", "a.png"}}
		i.script("a.js", source, false)
		i.script("cloudfunctions/a/index.js", source, true)
		i.template("a.wxml", source, nil)
		i.document("a.html", source)
		i.drawing("a.svg", source)
		for _, schema := range []string{"app", "page", "game", "project", "manifest"} {
			i.conform(schema, "a.json", source)
		}
		i.images()
		i.secrets()
		i.conclude()
		judgedWell(t, i.report.Findings)
		lines := bytes.Count([]byte(source), []byte("\n")) + 1
		for _, finding := range i.report.Findings {
			if finding.Line > lines || finding.Column > len(source)+1 {
				t.Errorf("%+v is not in %q", finding, source)
			}
		}
		at := 0
		for _, one := range tokens(source) {
			if one.start < at || one.end < one.start || one.end > len(source) {
				t.Fatalf("token %+v after %d of %q", one, at, source)
			}
			at = one.end
		}
	})
}

// FuzzFolder packs what an author has and reads it back as the server does.
func FuzzFolder(f *testing.F) {
	f.Add("pages/a.js", "page", `{"packOptions":{"ignore":[{"type":"glob","value":"pages/**"}]}}`)
	f.Add("a/b/c.txt", "", `{"packOptions":{"ignore":[{"type":"regexp","value":"["}]}}`)
	f.Fuzz(func(t *testing.T, name, content, config string) {
		dir := t.TempDir()
		if !filepath.IsLocal(name) || len(name) > 100 || os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700) != nil || os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600) != nil {
			return
		}
		_ = os.WriteFile(filepath.Join(dir, "project.config.json"), []byte(config), 0o600) // it may be a folder now
		var one, two bytes.Buffer
		if Folder(dir, &one) != nil {
			return
		}
		if err := Folder(dir, &two); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Fatalf("two packages of one folder differ: %v", err)
		}
		_, _ = weapp.Unzip(one.Bytes())
	})
}
