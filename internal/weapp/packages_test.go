package weapp

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
)

// installed is a project whose two functions have packages as npm leaves them: beside one function, and shared.
func installed() map[string][]byte {
	files := page()
	for name, source := range map[string]string{
		"cloudfunctions/pay/index.js":   "const left = require('left'); const { deep } = require('@scope/kit/deep'); require('wx-server-sdk'); import shared from 'shared'; exports.main = () => [left(1), deep, shared]",
		"cloudfunctions/list/index.js":  "exports.main = () => require('shared')",
		"cloudfunctions/list/local.cjs": "exports.a = 1",

		"cloudfunctions/pay/node_modules/left/package.json":                `{"name":"left","version":"1.2.3","main":"lib"}`,
		"cloudfunctions/pay/node_modules/left/lib/index.js":                "module.exports = require('./pad.js')(require('../package.json').version, require('inner'))",
		"cloudfunctions/pay/node_modules/left/lib/pad.js":                  "module.exports = (v, inner) => (n) => v + inner + n",
		"cloudfunctions/pay/node_modules/left/test/index.js":               "never reached (",
		"cloudfunctions/pay/node_modules/left/node_modules/inner/index.js": "module.exports = 'own'",
		"cloudfunctions/pay/node_modules/inner/index.js":                   "module.exports = 'outer'",

		"cloudfunctions/pay/node_modules/@scope/kit/package.json":  `{"name":"@scope/kit","type":"module","exports":{".":"./dist/index.js","./deep":{"import":"./dist/deep.mjs","require":{"browser":"./no.js","default":"./dist/deep.cjs"}}}}`,
		"cloudfunctions/pay/node_modules/@scope/kit/dist/deep.cjs": "exports.deep = require('./more').default",
		"cloudfunctions/pay/node_modules/@scope/kit/dist/more.mjs": "export default 'deep'",
		"cloudfunctions/pay/node_modules/@scope/kit/dist/deep.mjs": "never reached (",

		"cloudfunctions/node_modules/shared/package.json": `{"name":"shared","module":"esm.js","main":"./cjs.js"}`,
		"cloudfunctions/node_modules/shared/cjs.js":       "module.exports = 'shared' + require('other')",
		"cloudfunctions/node_modules/shared/esm.js":       "never reached (",
		"cloudfunctions/node_modules/other/index.js":      "module.exports = '!'",
		"cloudfunctions/node_modules/unused/index.js":     "never reached (",
	} {
		files[name] = []byte(source)
	}
	return files
}

// What a function requires comes with it, and nothing else of node_modules does.
func TestPackagesOfFunctions(t *testing.T) {
	bundle := compile(t, installed())
	if bundle.Failed() || len(bundle.Findings) > 0 {
		t.Fatalf("%+v", bundle.Findings)
	}
	for function, want := range map[string]string{
		"pay": "../node_modules/other/index.js ../node_modules/other/package.json ../node_modules/shared/cjs.js ../node_modules/shared/package.json index.js " +
			"node_modules/@scope/kit/deep.js node_modules/@scope/kit/dist/deep.cjs node_modules/@scope/kit/dist/more.mjs " +
			"node_modules/left/lib/index.js node_modules/left/lib/pad.js node_modules/left/node_modules/inner/index.js node_modules/left/node_modules/inner/package.json node_modules/left/package.json",
		"list": "../node_modules/other/index.js ../node_modules/other/package.json ../node_modules/shared/cjs.js ../node_modules/shared/package.json index.js local.js",
	} {
		if got := strings.Join(slices.Sorted(maps.Keys(bundle.Functions[function])), " "); got != want {
			t.Errorf("%s:\n got  %s\n want %s", function, got, want)
		}
	}
	missing := page("cloudfunctions/f/index.js", "require('buffer'); require('node:crypto');\nrequire('nope')")
	if got := lines(compile(t, missing).Findings); !slices.Equal(got, []string{"warning missing_module cloudfunctions/f/index.js:2:9"}) {
		t.Errorf("%q", got)
	}
	broken := page("cloudfunctions/f/index.js", "require('bad')", "cloudfunctions/f/node_modules/bad/index.js", "(")
	if got := lines(compile(t, broken).Findings); !slices.Equal(got, []string{"error script_syntax cloudfunctions/f/node_modules/bad/index.js:1:2"}) {
		t.Errorf("%q", got)
	}
	large := page("cloudfunctions/f/index.js", "require('big/a')")
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		next := "require('./" + string(name[0]+1) + "');"
		large["cloudfunctions/f/node_modules/big/"+name+".js"] = []byte(next + "x='" + strings.Repeat("y", 900_000) + "'")
	}
	if got := lines(compile(t, large).Findings); !slices.Equal(got, []string{"error function_too_large cloudfunctions/f/index.js:0:0"}) {
		t.Errorf("%q", got)
	}
}

// The author's side sends what the functions reach, and leaves the rest at home.
func TestWhatAFunctionReaches(t *testing.T) {
	all, own := installed(), map[string][]byte{}
	for name, content := range all {
		if !inPackage(name) {
			own[name] = content
		}
	}
	reached := FunctionModules(own, func(name string) ([]byte, error) {
		if content, ok := all[name]; ok {
			return content, nil
		}
		return nil, fs.ErrNotExist
	})
	for name := range reached {
		if strings.Contains(name, "test/") || strings.Contains(name, "unused") || strings.Contains(name, "node_modules/inner/index.js") && !strings.Contains(name, "left") {
			t.Errorf("%s was reached", name)
		}
	}
	maps.Copy(own, reached)
	with, without := compile(t, all), compile(t, own)
	if with.Failed() || !maps.EqualFunc(with.Functions, without.Functions, maps.Equal[map[string]string, map[string]string]) {
		t.Errorf("%+v %v", without.Findings, slices.Sorted(maps.Keys(reached)))
	}
}
