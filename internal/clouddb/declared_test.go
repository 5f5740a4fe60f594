package clouddb

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/refusal"
)

// edition is what a version declares, for callers of that version.
type edition struct {
	*town
	version int
}

func (w *town) edition(version int, source string) edition {
	w.Helper()
	schema, err := query.ParseSchema([]byte(source))
	if err != nil {
		w.Fatalf("%s: %v", source, err)
	}
	return edition{&town{T: w.T, files: w.files, schema: schema}, version}
}

func (e edition) caller(openid string, server bool) Caller {
	return Caller{OpenID: openid, Server: server, Schema: e.schema, Version: e.version, Now: now}
}

func (e edition) page(openid string) *Session {
	return e.files.Session("todo", e.caller(openid, false))
}

func (e edition) function() *Session { return e.files.Session("todo", e.caller("ann", true)) }

func (e edition) declare() error { return e.files.Declare(e.Context(), "todo", e.caller("", true)) }

func details(err error) map[string]any {
	var no *refusal.Refusal
	if errors.As(err, &no) {
		return no.Details
	}
	return nil
}

const unique = `{"collections":{"lists":{"acl":"READONLY","indexes":[{"fields":["code"],"unique":true},{"fields":["owner","name"],"unique":true}]}}}`

// A unique index lets each combination of values stand once, whoever writes and however many at once; a field that is
// not there counts as null.
func TestUniqueIndexes(t *testing.T) {
	w := newTown(t, FileLimit).edition(1, unique)
	f := w.function()
	w.do(f, (*Session).Add, `{"collection":"lists","data":{"_id":"a","code":"x1","owner":"ann","name":"Home"}}`, "")
	w.do(f, (*Session).Add, `{"collection":"lists","data":{"_id":"b","code":"x2","owner":"ann","name":"Work"}}`, "")
	w.do(f, (*Session).Add, `{"collection":"lists","data":{"_id":"c","code":"x3","owner":"bob","name":"Home"}}`, "")
	w.do(f, (*Session).Add, `{"collection":"lists","data":{"_id":"d"}}`, "")
	for _, source := range []string{
		`{"collection":"lists","data":{"code":"x1","owner":"eve"}}`, `{"collection":"lists","data":{"code":"x9","owner":"ann","name":"Home"}}`,
		`{"collection":"lists","data":{"code":["x8","x2"]}}`, `{"collection":"lists","data":{"owner":"eve","name":"N"}}`, // code is null, as in d
	} {
		w.refused(f, (*Session).Add, source, ErrNotUnique)
	}
	w.refused(f, (*Session).Set, `{"collection":"lists","id":"b","data":{"code":"x1"}}`, ErrNotUnique)
	w.refused(f, (*Session).Update, `{"collection":"lists","id":"b","data":{"$set":{"name":"Home"}}}`, ErrNotUnique)
	w.refused(f, (*Session).Update, `{"collection":"lists","where":{},"data":{"$set":{"code":"same"}}}`, ErrNotUnique)
	w.gets(f, `{"collection":"lists","where":{"owner":"ann","name":"Work"},"field":{"code":1}}`, `{"data":[{"_id":"b","code":"x2"}]}`)
	w.do(f, (*Session).Update, `{"collection":"lists","id":"a","data":{"$set":{"code":"x1","done":true}}}`, "") // its own value
	w.do(f, (*Session).Remove, `{"collection":"lists","id":"a"}`, "")
	w.do(f, (*Session).Add, `{"collection":"lists","data":{"_id":"a","code":"x1","owner":"ann","name":"Home"}}`, "")
	_, err := f.Add(t.Context(), change(t, `{"collection":"lists","data":{"_id":"z","code":"x1","owner":"z"}}`))
	if d := details(err); d["_id"] != "z" || d["other"] != "a" {
		t.Errorf("a function hears which: %v", d)
	}
	_, err = w.page("bob").Add(t.Context(), change(t, `{"collection":"lists","data":{"code":"x1","owner":"z"}}`))
	if d := details(err); !errors.Is(err, ErrNotUnique) || d["other"] != nil {
		t.Errorf("a page does not: %v %v", err, d)
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	kept := 0
	for i := range 12 {
		group.Go(func() {
			_, err := w.page(fmt.Sprint("p", i)).Add(t.Context(), change(t, fmt.Sprintf(`{"collection":"lists","data":{"code":"race","owner":"p%d"}}`, i)))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				kept++
			} else if !errors.Is(err, ErrNotUnique) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if kept != 1 {
		t.Errorf("%d documents of one code", kept)
	}
}

// A release is refused when documents stand against what it declares, with two of them named, and leaves everything
// as it was; a trial version of it runs without the index meanwhile, and the index comes when the documents allow it.
func TestADeclarationThatTheDocumentsDoNotAllow(t *testing.T) {
	w := newTown(t, FileLimit)
	first := w.edition(1, `{"collections":{"lists":{"indexes":["name"]}}}`)
	f := first.function()
	w.do(f, (*Session).Add, `{"collection":"lists","data":{"_id":"a","code":1,"owner":1,"name":"A"}}`, "")
	w.do(f, (*Session).Add, `{"collection":"lists","data":{"_id":"b","code":1,"owner":2,"name":"B"}}`, "")
	second := w.edition(2, unique)
	err := second.declare()
	if d := details(err); !errors.Is(err, ErrNotUnique) || d["_id"] != "b" || d["other"] != "a" || fmt.Sprint(d["fields"]) != "[code]" {
		t.Fatalf("%v %v", err, d)
	}
	if names := indexNames(t, w.files); names != "name" {
		t.Errorf("after a refused declaration: %s", names)
	}
	w.gets(second.function(), `{"collection":"lists","where":{"code":1},"field":{"_id":1}}`, `{"data":[{"_id":"a"},{"_id":"b"}]}`)
	if names := indexNames(t, w.files); names != `{"fields":["owner","name"],"unique":true}` {
		t.Errorf("a trial has %s", names)
	}
	w.do(second.function(), (*Session).Update, `{"collection":"lists","id":"b","data":{"$set":{"code":2}}}`, "")
	if err := second.declare(); err != nil {
		t.Fatal(err)
	}
	w.refused(second.function(), (*Session).Add, `{"collection":"lists","data":{"code":2,"owner":3}}`, ErrNotUnique)
	if err := first.declare(); err != nil { // a rollback keeps what the newer version declared
		t.Fatal(err)
	}
	if names := indexNames(t, w.files); !strings.Contains(names, "code") {
		t.Errorf("after a rollback: %s", names)
	}
	if err := w.edition(3, `{"collections":{"lists":{}}}`).declare(); err != nil {
		t.Fatal(err)
	}
	if names := indexNames(t, w.files); names != "" {
		t.Errorf("after the last: %s", names)
	}
	w.do(f, (*Session).Add, `{"collection":"lists","data":{"code":2,"owner":3}}`, "")
}

func indexNames(t *testing.T, files *Files) string {
	t.Helper()
	one, err := files.take("todo")
	if err != nil {
		t.Fatal(err)
	}
	defer files.give(one)
	rows, err := one.reader.Query("SELECT field FROM indexes ORDER BY field")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// With indexes of several fields and of places, queries give what they give without, and look at few documents.
func TestQueriesByCompoundAndGeoIndexes(t *testing.T) {
	w := newTown(t, FileLimit)
	plain := w.edition(1, `{"collections":{"shops":{"acl":"READONLY"}}}`)
	f := plain.function()
	for i := range 600 {
		w.do(f, (*Session).Add, fmt.Sprintf(`{"collection":"shops","data":{"_id":"%03d","kind":"k%d","stars":%d,"tags":["t%d","u"],"at":{"type":"Point","coordinates":[%v,%v]}}}`,
			i, i%4, i%7, i%5, 2+float64(i%30)/100, 48+float64(i/30)/100), "")
	}
	w.do(f, (*Session).Add, `{"collection":"shops","data":{"_id":"road","at":{"type":"LineString","coordinates":[[2,48],[3,49]]}}}`, "")
	queries := []string{
		`{"collection":"shops","where":{"kind":"k1","stars":3},"field":{"_id":1}}`, `{"collection":"shops","where":{"kind":{"$in":["k1","k2"]},"stars":{"$gte":5},"tags":"t1"},"field":{"_id":1}}`,
		`{"collection":"shops","where":{"kind":"k0","stars":{"$lt":1}},"order":[["_id","desc"]],"limit":5,"field":{"_id":1}}`, `{"collection":"shops","where":{"tags":"t2","kind":"k3"},"field":{"_id":1}}`,
		`{"collection":"shops","where":{"at":{"$geoNear":{"geometry":{"type":"Point","coordinates":[2.15,48.1]},"maxDistance":1500}}},"field":{"_id":1}}`,
		`{"collection":"shops","where":{"at":{"$geoNear":{"geometry":{"type":"Point","coordinates":[2.15,48.1]}}}},"limit":7,"field":{"_id":1}}`,
		`{"collection":"shops","where":{"kind":"k1","at":{"$geoWithin":{"centerSphere":[[2.1,48.1],0.0003]}}},"order":[["stars","asc"]],"field":{"_id":1}}`,
		`{"collection":"shops","where":{"at":{"$geoWithin":{"geometry":{"type":"Polygon","coordinates":[[[2.05,48.05],[2.1,48.05],[2.1,48.1],[2.05,48.05]]]}}}},"field":{"_id":1}}`,
		`{"collection":"shops","where":{"at":{"$geoIntersects":{"geometry":{"type":"LineString","coordinates":[[2,48.1],[2.2,48.1]]}}}},"field":{"_id":1}}`,
	}
	var before []string
	for _, source := range queries {
		got, err := f.Get(t.Context(), ask(t, source))
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		before = append(before, string(got))
	}
	indexed := w.edition(2, `{"collections":{"shops":{"acl":"READONLY","indexes":[{"fields":["kind","stars"]},{"fields":["tags","kind"]},{"fields":["at"],"geo":true}]}}}`)
	if err := indexed.declare(); err != nil {
		t.Fatal(err)
	}
	for i, source := range queries {
		w.gets(indexed.function(), source, before[i])
	}
	if !strings.Contains(before[8], "road") || len(before[4]) < 30 {
		t.Errorf("%s %s", before[4], before[8])
	}
	nearest := before[5]
	if !strings.HasPrefix(nearest, `{"data":[{"_id":"315"}`) { // 2.15, 48.10
		t.Errorf("the nearest first: %s", nearest)
	}
	w.do(indexed.function(), (*Session).Remove, `{"collection":"shops","where":{"kind":"k1","stars":3}}`, "")
	w.gets(indexed.function(), queries[0], `{"data":[]}`)
	one, err := w.files.take("todo")
	if err != nil {
		t.Fatal(err)
	}
	defer w.files.give(one)
	v := &view{ctx: t.Context(), file: one, who: indexed.caller("", true)}
	for source, want := range map[string]int{`{"kind":"k1","stars":3}`: byRange + 2*byAField, `{"kind":"k1"}`: byRange + byAField, `{"stars":3}`: 0, `{"kind":"k1","_id":"3"}`: byID} {
		filter, err := query.ParseFilter(sent(t, source), "")
		if err != nil {
			t.Fatal(err)
		}
		best := road{}
		for _, need := range filter.Needs() {
			best = best.orBetter(v.byItself(need))
		}
		for _, index := range one.indexesOf(1) {
			best = best.orBetter(index.road(filter.Needs()))
		}
		if best.worth != want {
			t.Errorf("%s takes the road %+v", source, best)
		}
	}
}

const shared = `{"collections":{
	"lists":{"rules":{"read":"auth.openid in doc.members"}},
	"items":{"indexes":["list"],"rules":{"read":"auth.openid in get(` + "`database.lists.${doc.list}`" + `).members","create":"auth.openid in get(` + "`database.lists.${request.data.list}`" + `).members",
		"update":"auth.openid in get(` + "`database.lists.${doc.list}`" + `).members && request.data.list == doc.list","delete":"auth.openid in get(` + "`database.lists.${doc.list}`" + `).members"}},
	"secrets":{"acl":"ADMINONLY"}}}`

// Rules that look at another document let in those whom it names, as long as it names them; a lookup shows what its
// collection's rules show; and one call does not look at everything.
func TestRulesThatLookAtOtherDocuments(t *testing.T) {
	w := newTown(t, FileLimit).edition(1, shared)
	f := w.function()
	for _, source := range []string{
		`{"collection":"lists","data":{"_id":"home","members":["ann","bob"]}}`, `{"collection":"lists","data":{"_id":"work","members":["eve"]}}`,
		`{"collection":"items","data":{"_id":"1","list":"home","t":"Milk"}}`, `{"collection":"items","data":{"_id":"2","list":"work","t":"Plan"}}`, `{"collection":"secrets","data":{"_id":"home","s":1}}`,
	} {
		w.do(f, (*Session).Add, source, "")
	}
	ann, eve := w.page("ann"), w.page("eve")
	w.gets(ann, `{"collection":"items","field":{"t":1,"_id":0}}`, `{"data":[{"t":"Milk"}]}`)
	w.gets(eve, `{"collection":"items","field":{"t":1,"_id":0}}`, `{"data":[{"t":"Plan"}]}`)
	w.do(ann, (*Session).Add, `{"collection":"items","data":{"_id":"3","list":"home","t":"Tea"}}`, "")
	w.refused(ann, (*Session).Add, `{"collection":"items","data":{"list":"work"}}`, ErrDenied)
	w.refused(ann, (*Session).Add, `{"collection":"items","data":{"list":"nothing"}}`, ErrDenied)
	w.refused(ann, (*Session).Add, `{"collection":"items","data":{"list":{"$date":5}}}`, ErrDenied)
	w.refused(eve, (*Session).Update, `{"collection":"items","id":"1","data":{"$set":{"t":"mine"}}}`, ErrDenied)
	w.refused(ann, (*Session).Update, `{"collection":"items","id":"1","data":{"$set":{"list":"work"}}}`, ErrDenied)
	w.refused(eve, (*Session).Remove, `{"collection":"items","id":"1"}`, ErrDenied)
	for who, want := range map[*Session]string{ann: `{"list":[{"_id":"1","of":[{"_id":"home","members":["ann","bob"]}],"s":[]},{"_id":"3","of":[{"_id":"home","members":["ann","bob"]}],"s":[]}]}`, f: `{"list":[{"_id":"1","of":[{"_id":"home","members":["ann","bob"]}],"s":[{"_id":"home","s":1}]},{"_id":"2","of":[{"_id":"work","members":["eve"]}],"s":[]},{"_id":"3","of":[{"_id":"home","members":["ann","bob"]}],"s":[{"_id":"home","s":1}]}]}`} {
		got, err := who.Aggregate(t.Context(), Pipeline{Collection: "items", Stages: sent(t, `[{"$lookup":{"from":"lists","localField":"list","foreignField":"_id","as":"of"}},{"$lookup":{"from":"secrets","localField":"list","foreignField":"_id","as":"s"}},{"$project":{"of":1,"s":1}}]`)})
		if err != nil || string(got) != want {
			t.Errorf("lookup: %s %v", got, err)
		}
	}
	if got, err := ann.Aggregate(t.Context(), Pipeline{Collection: "items", Stages: sent(t, `[{"$lookup":{"from":"gone","localField":"a","foreignField":"b","as":"c"}},{"$project":{"_id":0,"c":1}},{"$limit":1}]`)}); err != nil || string(got) != `{"list":[{"c":[]}]}` {
		t.Errorf("a collection that is not there: %s %v", got, err)
	}
	for i := range RuleDocuments + 1 {
		w.do(f, (*Session).Add, fmt.Sprintf(`{"collection":"items","data":{"list":"l%d","t":"x"}}`, i), "")
	}
	if got, err := ann.Get(t.Context(), ask(t, `{"collection":"items"}`)); !errors.Is(err, ErrTooMany) {
		t.Errorf("%s %v", got, err)
	}
	w.gets(ann, `{"collection":"items","where":{"list":"home"},"order":[["t","asc"]],"field":{"t":1,"_id":0}}`, `{"data":[{"t":"Milk"},{"t":"Tea"}]}`)
}

// A watch hears of a change in what its rules look at: who is taken off a list sees nothing more of it.
func TestAWatchWhoseRulesLookElsewhere(t *testing.T) {
	w := newTown(t, FileLimit).edition(1, shared)
	f := w.function()
	w.do(f, (*Session).Add, `{"collection":"lists","data":{"_id":"home","members":["ann","bob"]}}`, "")
	w.do(f, (*Session).Add, `{"collection":"items","data":{"_id":"1","list":"home","t":"Milk"}}`, "")
	still := func() error { return nil }
	follow := func(seen string, wait int) (Watched, error) {
		watch := Watch{Query: ask(t, `{"collection":"items","where":{"list":"home"}}`), Seen: seen, Wait: wait}
		return w.page("bob").Watch(t.Context(), watch, still)
	}
	begin, err := follow("", 0)
	if err != nil || !strings.Contains(string(begin.Docs), "Milk") {
		t.Fatalf("%s %v", begin.Docs, err)
	}
	heard := make(chan Watched)
	go func() {
		state, err := follow(begin.Seen, 20)
		if err != nil {
			t.Error(err)
		}
		heard <- state
	}()
	for i := 0; ; i++ { // a change that comes before it waits is undone, and made again
		w.do(f, (*Session).Update, `{"collection":"lists","id":"home","data":{"$set":{"members":["ann"]}}}`, "")
		select {
		case state := <-heard:
			if string(state.Docs) != "[]" {
				t.Errorf("%s", state.Docs)
			}
			return
		case <-time.After(200 * time.Millisecond):
			if i > 40 {
				t.Fatal("nothing heard")
			}
			w.do(f, (*Session).Update, `{"collection":"lists","id":"home","data":{"$set":{"members":["ann","bob"]}}}`, "")
		}
	}
}
