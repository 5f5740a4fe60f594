package weapp

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func configOf(t *testing.T, bundle *Bundle) Config {
	t.Helper()
	var config Config
	if err := json.Unmarshal(bundle.Config, &config); err != nil {
		t.Fatal(err)
	}
	return config
}

// A game is game.js, what it requires, and one script for each subpackage.
func TestAGame(t *testing.T) {
	bundle := compile(t, map[string][]byte{
		"game.json":          []byte(`{"deviceOrientation":"portrait","subpackages":[{"name":"one","root":"stages/one"},{"name":"two","root":"two/start.js"}]}`),
		"game.js":            []byte(`import { draw } from "./lib/draw"; draw(wx.createCanvas())`),
		"lib/draw.js":        []byte(`export const draw = (canvas) => canvas.getContext("2d")`),
		"stages/one/game.js": []byte(`GameGlobal.stage = 1`),
		"two/start.js":       []byte(`GameGlobal.stage = 2`),
		"images/ship.png":    []byte("png"),
	})
	config := configOf(t, bundle)
	if bundle.Failed() || config.Kind != KindGame || bundle.Kind != KindGame || config.Entry != "game" || !config.Game {
		t.Fatalf("%+v %+v", bundle.Findings, config)
	}
	if len(config.Subpackages) != 2 || config.Subpackages[0].Entry != "stages/one/game.js" || config.Subpackages[1].Entry != "two/start.js" {
		t.Fatalf("subpackages %+v", config.Subpackages)
	}
	for _, want := range []string{`__d("game.js"`, `__d("lib/draw.js"`} {
		if !strings.Contains(string(bundle.Script), want) {
			t.Errorf("the script has no %s", want)
		}
	}
	for part, want := range []string{`__d("stages/one/game.js"`, `__d("two/start.js"`} {
		script := bundle.Resources["res/"+config.Parts[part].Path]
		if strings.Contains(string(bundle.Script), want) || !strings.Contains(string(script), want) || config.Parts[part].Size != len(script) {
			t.Errorf("%s is not in a part of its own: %+v", want, config.Parts)
		}
	}
	if _, ok := bundle.Resources["res/images/ship.png"]; !ok {
		t.Error("the picture is missing")
	}
	if want := []string{"game.js", "lib/draw.js", "stages/one/game.js", "two/start.js"}; !slices.Equal(bundle.Sources, want) {
		t.Errorf("sources %v", bundle.Sources)
	}
}

// What a game shows of friends, and its workers, are scripts that the game itself does not have.
func TestAGameWithOpenDataAndWorkers(t *testing.T) {
	bundle := compile(t, map[string][]byte{
		"game.json":        []byte(`{"openDataContext":"friends/","workers":{"path":"work"},"subpackages":[{"name":"one","root":"one"}]}`),
		"game.js":          []byte(`wx.createWorker("work/a.js")`),
		"friends/index.js": []byte(`require("./draw")`),
		"friends/draw.js":  []byte(`module.exports = 1`),
		"work/a.js":        []byte(`require("./b.json")`),
		"work/b.json":      []byte(`{"b":1}`),
		"work/lone.js":     []byte(`worker.onMessage(() => {})`),
		"one/game.js":      []byte(`1`),
	})
	config := configOf(t, bundle)
	if bundle.Failed() || config.Open != "friends/index.js" || config.Workers != "work" {
		t.Fatalf("%+v %+v", bundle.Findings, config)
	}
	want := map[string][]string{
		"friends": {`__d("friends/index.js"`, `__d("friends/draw.js"`}, "one": {`__d("one/game.js"`},
		"work": {`__d("work/a.js"`, `__json("work/b.json"`, `__d("work/lone.js"`},
	}
	for _, part := range config.Parts {
		for _, module := range want[part.Root] {
			if !strings.Contains(string(bundle.Resources["res/"+part.Path]), module) || strings.Contains(string(bundle.Script), module) {
				t.Errorf("%s is not in the part of %s", module, part.Root)
			}
		}
		delete(want, part.Root)
	}
	if len(want) > 0 {
		t.Errorf("no parts for %v", want)
	}
}

func TestBadGames(t *testing.T) {
	for want, files := range map[string]map[string][]byte{
		"error no_game_js game.js:0:0":            {"game.json": []byte(`{}`)},
		"error missing_subpackage game.json:1:25": {"game.json": []byte(`{"subpackages":[{"root":"one"}]}`), "game.js": []byte(`1`)},
		"error missing_open_data game.json:1:21":  {"game.json": []byte(`{"openDataContext": "one"}`), "game.js": []byte(`1`)},
		"warning missing_workers game.json:1:2":   {"game.json": []byte(`{"workers": "one"}`), "game.js": []byte(`1`)},
		"error bad_json game.json:1:1":            {"game.json": []byte(`game`), "game.js": []byte(`1`)},
	} {
		if got := lines(compile(t, files).Findings); !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A web program is its files, and its cloud functions.
func TestAWebProgram(t *testing.T) {
	bundle := compile(t, map[string][]byte{
		"index.html":                     []byte(`<!doctype html><script src="app.js"></script>`),
		"app.js":                         []byte(`wx.showToast({ title: "hello" })`),
		"style.css":                      []byte(`p { color: red }`),
		"cloudfunctions/hello/index.js":  []byte(`exports.main = () => 1`),
		"cloudfunctions/hello/notes.txt": []byte(`not code`),
	})
	config := configOf(t, bundle)
	if bundle.Failed() || config.Kind != KindWeb || config.Entry != "index.html" {
		t.Fatalf("%+v %+v", bundle.Findings, config)
	}
	if got := slices.Sorted(maps.Keys(bundle.Resources)); !slices.Equal(got, []string{"res/app.js", "res/index.html", "res/style.css"}) {
		t.Errorf("resources %v", got)
	}
	if script := string(bundle.Script); !strings.HasPrefix(script, "__c({") || !strings.HasSuffix(script, "__run();\n") || strings.Contains(script, "__g") {
		t.Errorf("script %s", script)
	}
	if bundle.Functions["hello"]["index.js"] == "" || bundle.FunctionRoot != "cloudfunctions/" {
		t.Errorf("functions %v", bundle.Functions)
	}
}

// A kind that the author names wins over what the files look like, and must have its file.
func TestTheNamedKind(t *testing.T) {
	compiler, err := New(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	both := page("index.html", "<p>hello")
	bundle, err := compiler.CompileKind(t.Context(), KindWeb, both)
	if err != nil || bundle.Kind != KindWeb || bundle.Failed() {
		t.Fatalf("%v %+v", err, bundle)
	}
	bundle, err = compiler.CompileKind(t.Context(), KindGame, both)
	if err != nil || !bundle.Failed() {
		t.Fatalf("%v %+v", err, bundle)
	}
	if bundle = compile(t, both); bundle.Kind != KindApp || bundle.Failed() {
		t.Fatalf("%+v", bundle.Findings)
	}
}
