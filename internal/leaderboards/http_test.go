package leaderboards

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/programs"
)

// Anybody who is signed in sees a board; only its makers see who is who, and act on it.
func TestRoutesOfABoard(t *testing.T) {
	h := newHouse(t)
	h.release(t, "real", `[{"id":"b","names":{"en":"Best"}},{"id":"cup","tournament":{"starts":"0 12 * * *","minutes":60,"prizes":[{"from":1,"to":1,"points":5}]}}]`)
	program, err := programs.Live(h.App, "real")
	if err != nil {
		t.Fatal(err)
	}
	h.program = program
	h.score("Ana", "b", 7, noon)
	h.score("Ana", "cup", 7, noon)
	_, _ = Submit(h.App, h.by("Eve"), sent("b", "x"), noon)
	client := apptest.NewClient(t, h.App)
	ana, maker, cashier := apptest.Token(t, h.person("Ana")), apptest.Token(t, h.maker), h.person("Cashier")
	apptest.Staff(t, h.App, h.org, cashier, "cashier")
	base := "/api/mp/real/leaderboards"
	client.Must(http.StatusUnauthorized, "GET", base, "", nil)
	if got := client.Must(200, "GET", base, ana, nil); !strings.Contains(string(got.Body), `"id":"b"`) || !strings.Contains(string(got.Body), `"prizes"`) {
		t.Errorf("%s", got.Body)
	}
	page := client.Must(200, "GET", base+"/b?limit=1", ana, nil)
	if !strings.Contains(string(page.Body), `"score":7`) || strings.Contains(string(page.Body), "openid") || strings.Contains(string(page.Body), `"id"`) {
		t.Errorf("%s", page.Body)
	}
	for _, bad := range []string{"/none", "/b?season=x", "/b?limit=x", "/b?limit=0", "/b?cursor=%00"} {
		if got := client.Do("GET", base+bad, ana, nil); got.Status != 404 && got.Status != 400 {
			t.Errorf("%s: %d %s", bad, got.Status, got.Body)
		}
	}
	for _, path := range []string{"/b/scores", "/b/refused", "/b/seasons", "/cup/prizes", "/b/bans", "/b/scores.csv"} {
		for _, stranger := range []string{ana, apptest.Token(t, cashier)} {
			if got := client.Do("GET", base+path, stranger, nil); got.Code() != "not_maker" {
				t.Errorf("%s: %d %s", path, got.Status, got.Body)
			}
		}
		client.Must(200, "GET", base+path, maker, nil)
	}
	client.Must(200, "GET", "/api/mp/real/boards", maker, nil)
	var id int64
	if err := h.DB().NewQuery("SELECT MIN(id) FROM leaderboards_scores").Row(&id); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		token, method, path, body string
		status                    int
	}{
		{ana, "POST", "/b/scores/1/remove", `{"reason":"x"}`, 403},
		{maker, "POST", "/b/scores/1/remove", `{}`, 400},
		{maker, "POST", "/b/scores/1/remove", `{"reason":"x"}`, 204},
		{maker, "POST", "/b/scores/1/restore", ``, 204},
		{maker, "POST", "/b/scores/99/restore", ``, 404},
		{maker, "POST", "/b/scores/1/ban", `{"reason":"x"}`, 204},
		{maker, "DELETE", "/b/bans/1", ``, 204},
		{maker, "GET", "/b/scores/1/log", ``, 200},
		{maker, "POST", "/cup/prizes/pay", `{"season":"2026-11-25T12:00"}`, 200},
		{ana, "POST", "/cup/prizes/pay", `{"season":"2026-11-25T12:00"}`, 403},
	} {
		if got := client.Do(c.method, base+c.path, c.token, c.body); got.Status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, got.Status, got.Body, c.status)
		}
	}
}

// release uploads and releases a game whose manifest declares these boards.
func (h *house) release(t *testing.T, appid, boards string) {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"manifest.json":          `{"app_id":"` + appid + `","name":"` + appid + `","x_plaza":{"leaderboards":` + boards + `}}`,
		"app.json":               `{"pages":["pages/index/index"]}`,
		"app.js":                 `App({})`,
		"pages/index/index.js":   `Page({})`,
		"pages/index/index.wxml": `<view>hello</view>`,
	} {
		files["p/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	packed, err := programs.Zip(files, "p")
	if err != nil {
		t.Fatal(err)
	}
	version, err := programs.Upload(h.App, programs.Owner{Org: h.org.Id}, appid, bytes.NewReader(packed), "", h.maker.Id, noon)
	if err != nil {
		t.Fatal(err)
	}
	version.Set("reviewed", true)
	if err := h.Save(version); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Release(h.App, appid, version.GetInt("number"), 100, h.maker.Id, noon); err != nil {
		t.Fatal(err)
	}
}

// What a release declares is there with it, a roll-out brings what is new, and a roll-back what was; history stays.
func TestReleasesDeclareBoards(t *testing.T) {
	h := newHouse(t)
	h.release(t, "real", `[{"id":"a"},{"id":"b","sort":"desc"}]`)
	live := func() string {
		t.Helper()
		found, err := boards(h.App, "appid = 'real' AND live = 1 ORDER BY board", nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, b := range found {
			names = append(names, b.Name+" "+b.Spec.Sort)
		}
		return strings.Join(names, ", ")
	}
	if live() != "a desc, b desc" {
		t.Errorf("after the release: %s", live())
	}
	program, err := programs.Live(h.App, "real")
	if err != nil {
		t.Fatal(err)
	}
	h.program = program
	h.score("Ana", "a", 7, noon)
	h.score("Ana", "b", 7, noon)
	h.release(t, "real", `[{"id":"b","sort":"asc"},{"id":"c"}]`)
	if live() != "b asc, c desc" {
		t.Errorf("after the second: %s", live())
	}
	if _, err := programs.Rollback(h.App, "real", 1, "", h.maker.Id, noon); err != nil {
		t.Fatal(err)
	}
	if live() != "a desc, b desc" {
		t.Errorf("after the roll-back: %s", live())
	}
	h.wantLine("a", "", noon, "1 Ana 7")
	h.wantLine("b", "all", noon, "1 Ana 7") // its history; what comes now is of a new season
}

// What a manifest may not say of boards.
func TestManifestsAreJudged(t *testing.T) {
	for _, c := range []struct{ boards, code string }{
		{`[{"id":"b"}]`, ""},
		{`[{"id":"b","reset":"0 0 * * *","min":0,"max":10,"sort":"asc","operator":"incr"}]`, ""},
		{`[{"id":"B"}]`, "manifest_leaderboard"},
		{`[{"id":""}]`, "manifest_leaderboard"},
		{`[{"id":"b"},{"id":"b"}]`, "manifest_leaderboard"},
		{`[{"id":"b","sort":"up"}]`, "manifest_leaderboard"},
		{`[{"id":"b","operator":"max"}]`, "manifest_leaderboard"},
		{`[{"id":"b","reset":"* * * * *"}]`, "manifest_leaderboard"},
		{`[{"id":"b","reset":"0 0 30 2 *"}]`, "manifest_leaderboard"},
		{`[{"id":"b","reset":"0 0 0 * * *"}]`, "manifest_leaderboard"},
		{`[{"id":"b","min":5,"max":4}]`, "manifest_leaderboard"},
		{`[{"id":"b","max":9007199254740992}]`, "manifest_leaderboard"},
		{`[{"id":"b","max":1.5}]`, "manifest_json"},
		{`[{"id":"b","min_seconds":-1}]`, "manifest_leaderboard"},
		{`[{"id":"b","names":{"en":"\u202e"}}]`, "manifest_leaderboard"},
		{`[{"id":"t","tournament":{"starts":"0 12 * * *","minutes":60,"prizes":[{"from":1,"to":10,"points":100}]}}]`, ""},
		{`[{"id":"t","tournament":{"starts":"0 12 * * *","minutes":0}}]`, "manifest_leaderboard"},
		{`[{"id":"t","reset":"0 0 * * *","tournament":{"starts":"0 12 * * *","minutes":6}}]`, "manifest_leaderboard"},
		{`[{"id":"t","tournament":{"starts":"x","minutes":6}}]`, "manifest_leaderboard"},
		{`[{"id":"t","tournament":{"starts":"0 12 * * *","minutes":6,"attempts":-1}}]`, "manifest_leaderboard"},
		{`[{"id":"t","tournament":{"starts":"0 12 * * *","minutes":6,"prizes":[{"from":1,"to":3,"points":5},{"from":3,"to":4,"points":5}]}}]`, "manifest_leaderboard"},
		{`[{"id":"t","tournament":{"starts":"0 12 * * *","minutes":6,"prizes":[{"from":1,"to":101,"points":5}]}}]`, "manifest_leaderboard"},
		{`[{"id":"t","tournament":{"starts":"0 12 * * *","minutes":6,"prizes":[{"from":1,"to":2,"points":100000}]}}]`, "manifest_leaderboard"},
		{`[{"id":"t","tournament":{"starts":"0 12 * * *","minutes":6,"prizes":[{"from":1,"to":1,"points":0}]}}]`, "manifest_leaderboard"},
		{`[` + strings.Repeat(`{"id":"b"},`, check.MaxBoards) + `{"id":"z"}]`, "manifest_leaderboard"},
	} {
		_, findings := check.ParseManifest([]byte(`{"app_id":"game","name":"Game","x_plaza":{"leaderboards":`+c.boards+`}}`), "", check.Default())
		codes := map[string]bool{}
		for _, finding := range findings {
			codes[finding.Code] = true
		}
		if (c.code == "") != (len(findings) == 0) || (c.code != "" && !codes[c.code]) {
			t.Errorf("%.80s: %+v, want %q", c.boards, findings, c.code)
		}
	}
}
