package weapp

import (
	"strings"
	"testing"
)

// WeChat reads a pattern's backslashes as they are written; a string of JavaScript would lose them.
func TestPatternsKeepTheirBackslashes(t *testing.T) {
	for source, want := range map[string]string{
		`getRegExp('^-?\d+(\.\d+)?$')`:   `getRegExp('^-?\\d+(\\.\\d+)?$')`,
		`getRegExp("\\d+", "g")`:         `getRegExp("\\d+", "g")`,
		`getRegExp('it\'s\n\s')`:         `getRegExp('it\'s\n\\s')`,
		`var text = 'a\d'; getDate(1)`:   `var text = 'a\d'; getDate(1)`,
		`getRegExp(pattern, 'g') + '\d'`: `getRegExp(pattern, 'g') + '\d'`,
	} {
		if got := wxsPattern.ReplaceAllStringFunc(source, keepBackslashes); got != want {
			t.Errorf("%s became %s, not %s", source, got, want)
		}
	}
}

// WXS lets a variable have a name that JavaScript keeps for itself.
func TestScriptsWithReservedNames(t *testing.T) {
	bundle, err := Compile(t.Context(), page("pages/a/a.wxml", "<wxs module=\"m\">\nvar class = ''\nmodule.exports = function (x) { class = 'a' + x.class; return class }\n</wxs><view>{{m(1)}}</view>"))
	if err != nil || bundle.Failed() {
		t.Fatalf("%v %+v", err, bundle.Findings)
	}
}

// The components of WeUI come with WeChat for programs that ask for them.
func TestExtendedLibrary(t *testing.T) {
	for name, said := range map[string]string{"yes": `"weui": true`, "by name": `"weui": "packageA"`, "no": `"weui": false`} {
		files := page("app.json", `{"pages":["pages/a/a"],"useExtendedLib":{`+said+`}}`,
			"pages/a/a.json", `{"usingComponents":{"mp-cell":"weui-miniprogram/cell/cell"}}`, "pages/a/a.wxml", "<mp-cell value=\"x\"/>")
		before := len(files)
		bundle, err := Compile(t.Context(), files)
		if err != nil || bundle.Failed() {
			t.Fatalf("%s: %v %+v", name, err, bundle.Findings)
		}
		there := strings.Contains(string(bundle.Script), `"miniprogram_npm/weui-miniprogram/cell/cell"`) && strings.Contains(string(bundle.Script), ".__S__weui-cell")
		if there == (name == "no") || len(files) != before {
			t.Errorf("%s: there %v, files %d of %d", name, there, len(files), before)
		}
		for _, source := range bundle.Sources {
			if strings.Contains(source, "weui") {
				t.Errorf("%s is no source of the upload", source)
			}
		}
	}
}
