package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/sandbox"
)

// noteFunction is what a program's function does: it writes a document and reads it back.
const noteFunction = `
const cloud = require('wx-server-sdk')
exports.main = async (event) => {
	const notes = cloud.database().collection('notes')
	const { _id } = await notes.add({ data: event })
	const { data } = await notes.doc(_id).get()
	return data
}`

// noteHook does the same with a record, in PocketBase's own engine, which has no walls.
const noteHook = `routerAdd('POST', '/bench/record', (e) => {
	const body = e.requestInfo().body
	const record = new Record($app.findCollectionByNameOrId('bench_notes'))
	record.set('title', body.title)
	record.set('done', body.done)
	record.set('count', body.count)
	record.set('tags', body.tags)
	$app.save(record)
	return e.json(200, $app.findRecordById('bench_notes', record.id).publicExport())
})`

// documents measures the CPU of a function that writes a document and reads it back, against the same with the
// Record API of PocketBase from its own JavaScript engine. The cost of HTTP itself is taken off.
func documents(register Register) ([]Row, error) {
	return againstHook(register, registerNoteHook, noteRoutes, measureDocuments)
}

func registerNoteHook(app core.App) error {
	notes := core.NewBaseCollection("bench_notes")
	notes.Fields.Add(&core.TextField{Name: "title"}, &core.BoolField{Name: "done"}, &core.NumberField{Name: "count"}, &core.JSONField{Name: "tags"})
	if err := app.Save(notes); err != nil {
		return err
	}
	return loadHook(app, noteHook)
}

func noteRoutes(pool *sandbox.Pool) func(e *core.ServeEvent) {
	modules := map[string]string{"index.js": noteFunction}
	return func(e *core.ServeEvent) {
		e.Router.POST("/bench/nothing", func(e *core.RequestEvent) error {
			body, err := io.ReadAll(e.Request.Body)
			if err != nil {
				return err
			}
			return e.JSON(http.StatusOK, map[string]int{"bytes": len(body)})
		})
		e.Router.POST("/bench/document", func(e *core.RequestEvent) error {
			body, err := io.ReadAll(e.Request.Body)
			if err != nil {
				return err
			}
			session := clouddb.Of(e.App).Session("bench", clouddb.Caller{OpenID: "o", Server: true, Schema: query.Schema{}, Now: time.Now()})
			defer session.Close() //nolint:errcheck // nothing is open
			result, err := pool.Call(e.Request.Context(), sandbox.Call{
				App: "bench", Version: "1", Function: "note", Modules: modules, Event: body,
			}, func(ctx context.Context, method string, args json.RawMessage) (json.RawMessage, error) {
				return answerNote(ctx, session, method, args)
			})
			if err != nil {
				return err
			}
			return e.Blob(http.StatusOK, "application/json", result.Value)
		})
	}
}

func answerNote(ctx context.Context, session *clouddb.Session, method string, args json.RawMessage) (json.RawMessage, error) {
	if method == "clouddb.add" {
		var write clouddb.Write
		if err := json.Unmarshal(args, &write); err != nil {
			return nil, err
		}
		return session.Add(ctx, write)
	}
	var asked clouddb.Query
	if err := json.Unmarshal(args, &asked); err != nil {
		return nil, err
	}
	return session.Get(ctx, asked)
}

func measureDocuments(s *server) ([]Row, error) {
	body := `{"title":"` + strings.Repeat("tea ", 10) + `","done":false,"count":3,"tags":["green","red"]}`
	cost := map[string][]float64{}
	for range rounds {
		for _, route := range []string{"nothing", "record", "document"} {
			spent, err := cpuOf(s, request{path: "/bench/" + route, body: body})
			if err != nil {
				return nil, err
			}
			cost[route] = append(cost[route], spent)
		}
	}
	http := median(cost["nothing"])
	own, peer := median(cost["document"])-http, median(cost["record"])-http
	return []Row{atMost("CPU of a function that writes and reads a document", own, "µs",
		fmt.Sprintf("PocketBase's records from its jsvm %.0f µs", peer), own/peer, 1)}, nil
}
