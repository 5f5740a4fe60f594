package triggers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/bridge"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
	"plaza.internal/plaza/internal/triggers"
	"plaza.internal/plaza/internal/triggers/when"
)

// blocks are the fenced blocks of the document in one language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	source, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, part := range strings.Split(string(source), "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		out = append(out, block)
	}
	return out
}

// The document's own program, in the real sandbox: its timer sweeps old drafts, its hook gives one stamp for an order
// however often it is told, and none to somebody who has never opened it.
func TestTheDocumentsProgramRuns(t *testing.T) {
	pool := sandbox.NewPool(sandbox.Options{Workers: 1})
	t.Cleanup(pool.Close)
	h := &house{}
	h.App = apptest.New(t, func(app core.App) { programs.Register(app, nil, nil) }, logs.Register, clouddb.Register,
		func(app core.App) {
			calls := bridge.Register(app, pool)
			triggers.Register(app, func(ctx context.Context, app core.App, appid, function, source string, event json.RawMessage, now time.Time) error {
				_, err := calls.Run(ctx, app, bridge.Trigger{AppID: appid, Function: function, Source: source, Event: event}, now)
				return err
			})
		})
	clock.Set(h.App, start)
	h.org, h.maker = apptest.Org(t, h.App, "bakery"), apptest.Person(t, h.App, "Max")
	apptest.Staff(t, h.App, h.org, h.maker, "owner")
	ann, stan := apptest.Person(t, h.App, "Ann"), apptest.Person(t, h.App, "Stan")

	js, config := blocks(t, "js"), blocks(t, "json")
	folder := fstest.MapFS{}
	for name, content := range map[string]string{
		"manifest.json": config[1], "clouddb.json": `{"collections":{"stamps":{},"drafts":{}}}`,
		"app.json": `{"pages":["pages/a/a"]}`, "app.js": "App({})", "pages/a/a.wxml": "<view/>", "pages/a/a.js": "Page({})",
		"cloudfunctions/sweep/config.json": config[0], "cloudfunctions/sweep/index.js": js[0], "cloudfunctions/stamp/index.js": js[1],
		"cloudfunctions/look/index.js": `const cloud = require("wx-server-sdk"); cloud.init()
			exports.main = async (event) => {
				const { TriggerName } = event, db = cloud.database()
				if (TriggerName === "fill") for (const touched of ["2020-01-01", "2026-11-24"]) await db.collection("drafts").add({ data: { touched: new Date(touched) } })
				console.log(TriggerName, (await db.collection("stamps").count()).total, (await db.collection("drafts").count()).total, JSON.stringify(cloud.getWXContext()))
			}`,
		"cloudfunctions/look/config.json": `{"triggers":[{"name":"fill","type":"timer","config":"0 0 1 * * * *"},{"name":"look","type":"timer","config":"0 0 3 * * * *"}]}`,
	} {
		folder["it/"+name] = &fstest.MapFile{Data: []byte(content)}
	}
	zip, err := programs.Zip(folder, "it")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Upload(h.App, programs.Owner{Org: h.org.Id}, "stamps", bytes.NewReader(zip), "", h.maker.Id, start); err != nil {
		t.Fatal(err)
	}
	program, err := h.FindFirstRecordByData("programs", "appid", "stamps")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Release(h.App, "stamps", 1, 100, h.maker.Id, start); err != nil {
		t.Fatal(err)
	}
	h.opened(t, ann, program)
	for id, who := range map[string]*core.Record{"1": ann, "2": ann, "3": stan} {
		h.emit(t, events.Event{
			ID: "order.paid/" + id, Kind: when.OrderPaid, Org: h.org.Id, User: who.Id, Data: map[string]any{"lines": []string{"tea", "tea"}},
		})
	}
	h.at(t, start)
	if _, err := h.NonconcurrentDB().NewQuery("UPDATE jobs_queue SET state = 'waiting' WHERE kind = 'events.call'").Execute(); err != nil {
		t.Fatal(err) // every event comes twice
	}
	for _, at := range []string{"2026-11-25T00:00:00Z", "2026-11-25T01:00:00Z", "2026-11-25T02:00:00Z"} {
		h.at(t, clockAt(t, at))
	}
	for _, name := range []string{"nightly", "order.paid", "fill", "look"} {
		if row := h.row(t, "stamps", name); row.State != "ok" || row.Failures != 0 {
			t.Errorf("%s: %+v", name, row)
		}
	}
	var said []string
	for after, tries := int64(0), 0; len(said) < 2 && tries < 5; tries++ { // lines wait a moment before they are written
		lines, next, err := logs.Tail(t.Context(), h.App, logs.Filter{AppID: "stamps", After: after}, 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		for after = next; len(lines) > 0; lines = lines[1:] {
			said = append(said, lines[0].Text)
		}
	}
	if len(said) != 2 || !strings.HasPrefix(said[0], "fill 2 2 ") || !strings.HasPrefix(said[1], "look 2 1 ") ||
		!strings.Contains(said[0], `"SOURCE":"timer"`) || strings.Contains(said[0], "OPENID") {
		t.Errorf("it said %q", said)
	}
}
