package clouddb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/refusal"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// town is the files of some programs, as functions and as the pages of two people use them.
type town struct {
	*testing.T
	files  *Files
	schema query.Schema
}

const declared = `{"collections":{"private":{"acl":"PRIVATE","indexes":["n","tags"]},"readonly":{"acl":"READONLY"},"adminwrite":{"acl":"ADMINWRITE"},
	"adminonly":{"acl":"ADMINONLY"},"team":{"rules":{"read":"auth.openid in doc.members","create":"auth.openid in request.data.members","update":"auth.openid in doc.members && request.data.n < 10","delete":false}}}}`

func newTown(t *testing.T, limit int64) *town {
	t.Helper()
	schema, err := query.ParseSchema([]byte(declared))
	if err != nil {
		t.Fatal(err)
	}
	files := newFiles(t.TempDir(), limit)
	t.Cleanup(func() {
		if err := files.Close(); err != nil {
			t.Error(err)
		}
	})
	return &town{T: t, files: files, schema: schema}
}

func (w *town) page(openid string) *Session {
	return w.files.Session("todo", Caller{OpenID: openid, Schema: w.schema, Version: 1, Now: now})
}

func (w *town) function() *Session {
	return w.files.Session("todo", Caller{OpenID: "ann", Server: true, Schema: w.schema, Version: 1, Now: now})
}

func sent(t testing.TB, source string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(source), &value); err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return value
}

// ask is a query from its JSON, and change a write.
func ask(t testing.TB, source string) (q Query) {
	t.Helper()
	if err := json.Unmarshal([]byte(source), &q); err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return q
}

func change(t testing.TB, source string) (w Write) {
	t.Helper()
	if err := json.Unmarshal([]byte(source), &w); err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return w
}

type act func(s *Session, ctx context.Context, w Write) (json.RawMessage, error)

func (w *town) do(s *Session, run act, source, want string) {
	w.Helper()
	got, err := run(s, w.Context(), change(w, source))
	if err != nil {
		w.Fatalf("%s: %v", source, err)
	}
	if want != "" && string(got) != want {
		w.Errorf("%s: %s, want %s", source, got, want)
	}
}

func (w *town) refused(s *Session, run act, source string, want error) {
	w.Helper()
	if got, err := run(s, w.Context(), change(w, source)); !errors.Is(err, want) {
		w.Errorf("%s: %s %v, want %v", source, got, err, want)
	}
}

func (w *town) gets(s *Session, source, want string) {
	w.Helper()
	got, err := s.Get(w.Context(), ask(w, source))
	if err != nil {
		w.Errorf("%s: %v", source, err)
	} else if string(got) != want {
		w.Errorf("%s: %s, want %s", source, got, want)
	}
}

// A document is added, read, replaced, changed, counted and removed; an id is taken once; what the house stamps is
// nobody's to write.
func TestALife(t *testing.T) {
	w := newTown(t, FileLimit)
	f := w.function()
	w.do(f, (*Session).Add, `{"collection":"notes","data":{"_id":"a","_openid":"ann","n":1,"at":{"$date":5},"odd":"\u0001x","made":{"$serverDate":0}}}`, `{"_id":"a"}`)
	w.gets(f, `{"collection":"notes","id":"a"}`, `{"data":{"_id":"a","_openid":"ann","at":{"$date":5},"made":{"$date":1773133200000},"n":1,"odd":"\u0001x"}}`)
	w.gets(f, `{"collection":"notes","id":"a","field":{"n":true}}`, `{"data":{"_id":"a","n":1}}`)
	w.refused(f, (*Session).Add, `{"collection":"notes","data":{"_id":"a"}}`, ErrDocumentExists)
	w.do(f, (*Session).Set, `{"collection":"notes","id":"a","data":{"n":2}}`, `{"_id":"a","stats":{"created":0,"updated":1}}`)
	w.gets(f, `{"collection":"notes","id":"a"}`, `{"data":{"_id":"a","_openid":"ann","n":2}}`)
	w.do(f, (*Session).Set, `{"collection":"notes","id":"b","data":{"n":7}}`, `{"_id":"b","stats":{"created":1,"updated":0}}`)
	w.do(f, (*Session).Update, `{"collection":"notes","id":"a","data":{"$inc":{"n":1}}}`, `{"stats":{"updated":1}}`)
	w.do(f, (*Session).Update, `{"collection":"notes","id":"none","data":{"$inc":{"n":1}}}`, `{"stats":{"updated":0}}`)
	w.do(f, (*Session).Update, `{"collection":"notes","where":{"n":{"$gt":2}},"data":{"$set":{"big":true}}}`, `{"stats":{"updated":2}}`)
	w.do(f, (*Session).Update, `{"collection":"notes","where":{},"data":{"$set":{"big":true}}}`, `{"stats":{"updated":0}}`) // it is so already
	if n, err := f.Count(t.Context(), ask(t, `{"collection":"notes","where":{"big":true}}`)); n != 2 || err != nil {
		t.Errorf("count %d %v", n, err)
	}
	w.refused(f, (*Session).Update, `{"collection":"notes","where":{},"data":{"$inc":{"n":1,"big":1}}}`, query.ErrBadUpdate)
	w.gets(f, `{"collection":"notes","where":{"n":3}}`, `{"data":[{"_id":"a","_openid":"ann","big":true,"n":3}]}`)
	w.do(f, (*Session).Remove, `{"collection":"notes","where":{"n":3}}`, `{"stats":{"removed":1}}`)
	w.do(f, (*Session).Remove, `{"collection":"notes","id":"b"}`, `{"stats":{"removed":1}}`)
	w.do(f, (*Session).Remove, `{"collection":"notes","id":"b"}`, `{"stats":{"removed":0}}`)
	if _, err := f.Get(t.Context(), ask(t, `{"collection":"notes","id":"a"}`)); !errors.Is(err, ErrNoDocument) {
		t.Errorf("a removed document: %v", err)
	}
	if _, err := f.Get(t.Context(), ask(t, `{"collection":"nothing"}`)); !errors.Is(err, ErrNoCollection) {
		t.Errorf("no collection: %v", err)
	}
	for source, want := range map[string]error{
		`{"collection":"notes","data":[]}`: query.ErrBadData, `{"collection":"notes","data":{"$set":1}}`: query.ErrBadData, `{"collection":"a b","data":{}}`: query.ErrBadData,
		`{"collection":"notes","data":{"_id":""}}`: query.ErrBadData, `{"collection":"notes","data":{"_id":{}}}`: query.ErrBadData, `{"collection":"notes","data":{"_openid":1}}`: query.ErrBadData,
		`{"collection":"notes","data":{"x":"` + strings.Repeat("x", DocumentLimit) + `"}}`: ErrTooLarge,
	} {
		w.refused(f, (*Session).Add, source, want)
	}
	// A list is added whole or not at all, and by functions only.
	w.do(f, (*Session).Add, `{"collection":"notes","data":[{"_id":"l1","n":1},{"_id":"l2"}]}`, `{"_ids":["l1","l2"]}`)
	w.refused(f, (*Session).Add, `{"collection":"notes","data":[{"_id":"l3"},{"_id":"l1"}]}`, ErrDocumentExists)
	w.refused(f, (*Session).Add, `{"collection":"notes","data":[{"_id":"l3"},7]}`, query.ErrBadData)
	w.refused(f, (*Session).Add, `{"collection":"notes","data":[`+strings.Repeat("{},", WriteLimit)+`{}]}`, ErrTooMany)
	w.refused(w.page("ann"), (*Session).Add, `{"collection":"notes","data":[{"n":1}]}`, query.ErrBadData)
	if n, err := f.Count(t.Context(), ask(t, `{"collection":"notes"}`)); n != 2 || err != nil {
		t.Errorf("count after lists %d %v", n, err)
	}
	w.refused(f, (*Session).Remove, `{"collection":"notes"}`, query.ErrBadQuery)
	w.refused(f, (*Session).Set, `{"collection":"notes","id":"x","data":{"_id":"y"}}`, query.ErrBadData)
}

// Sorting, skipping and limiting give the same whichever way the documents are found.
func TestQueries(t *testing.T) {
	w := newTown(t, FileLimit)
	f := w.function()
	for i := range 500 {
		w.do(f, (*Session).Add, fmt.Sprintf(`{"collection":"private","data":{"_id":"%03d","_openid":"p%d","n":%d,"tags":["t%d","u"]}}`, i, i%3, (i*37)%500, i%5), "")
	}
	w.gets(f, `{"collection":"private","order":[["n","desc"]],"skip":2,"limit":2,"field":{"n":1,"_id":0}}`, `{"data":[{"n":497},{"n":496}]}`)
	w.gets(f, `{"collection":"private","where":{"n":{"$gte":498}},"order":[["n","asc"]],"field":{"n":1,"_id":0}}`, `{"data":[{"n":498},{"n":499}]}`)
	w.gets(f, `{"collection":"private","where":{"tags":"t4","n":{"$lt":10}},"order":[["n",1]],"field":{"n":1,"_id":0}}`, `{"data":[{"n":3},{"n":8}]}`)
	w.gets(f, `{"collection":"private","where":{"_id":{"$in":["007","499"]}},"field":{"_id":1}}`, `{"data":[{"_id":"007"},{"_id":"499"}]}`)
	w.gets(f, `{"collection":"private","skip":498,"field":{"_id":1}}`, `{"data":[{"_id":"498"},{"_id":"499"}]}`)
	for where, want := range map[string]int{
		`{}`: 500, `{"tags":"t1"}`: 100, `{"tags":{"$all":["t1","u"]}}`: 100, `{"n":{"$in":[1,2,999]}}`: 2, `{"_openid":"p1"}`: 167, `{"n":{"$lte":-1}}`: 0, `{"gone":null}`: 500, `{"n":"5"}`: 0,
	} {
		if n, err := f.Count(t.Context(), Query{Collection: "private", Where: sent(t, where)}); n != want || err != nil {
			t.Errorf("%s: %d %v, want %d", where, n, err, want)
		}
	}
	list, err := f.Aggregate(t.Context(), Pipeline{Collection: "private", Stages: sent(t, `[{"$match":{"tags":"t1"}},{"$group":{"_id":"$_openid","c":{"$sum":1}}},{"$sort":[["_id",1]]}]`)})
	if want := `{"list":[{"_id":"p0","c":33},{"_id":"p1","c":34},{"_id":"p2","c":33}]}`; err != nil || string(list) != want {
		t.Errorf("aggregate: %s %v", list, err)
	}
	for _, source := range []string{`{"collection":"private","limit":0}`, `{"collection":"private","limit":1001}`, `{"collection":"private","skip":-1}`, `{"collection":"private","where":1}`} {
		if _, err := f.Get(t.Context(), ask(t, source)); !errors.Is(err, query.ErrBadQuery) {
			t.Errorf("%s: %v", source, err)
		}
	}
	if _, err := w.page("p1").Get(t.Context(), ask(t, `{"collection":"private","limit":101}`)); !errors.Is(err, query.ErrBadQuery) {
		t.Errorf("a page's limit: %v", err)
	}
	for range 10 {
		w.do(f, (*Session).Add, `{"collection":"large","data":{"x":"`+strings.Repeat("x", 100<<10)+`"}}`, "")
	}
	if _, err := f.Get(t.Context(), ask(t, `{"collection":"large"}`)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large answer: %v", err)
	}
}

// An index answers like no index, also after changes, and one that a later version declares knows what was there.
func TestIndexes(t *testing.T) {
	w := newTown(t, FileLimit)
	f := w.function()
	for i := range 30 {
		w.do(f, (*Session).Add, fmt.Sprintf(`{"collection":"private","data":{"_id":"%d","n":%d,"m":{"k":%d}}}`, i, i%10, i%2), "")
	}
	w.do(f, (*Session).Update, `{"collection":"private","where":{"n":1},"data":{"$set":{"n":[1,77]}}}`, `{"stats":{"updated":3}}`)
	w.do(f, (*Session).Update, `{"collection":"private","where":{"n":2},"data":{"$unset":{"n":true}}}`, `{"stats":{"updated":3}}`)
	w.do(f, (*Session).Remove, `{"collection":"private","where":{"n":3}}`, `{"stats":{"removed":3}}`)
	later, err := query.ParseSchema([]byte(`{"collections":{"private":{"indexes":["m.k"]},"new":{"acl":"READONLY"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	w.schema = later
	next := w.files.Session("todo", Caller{Server: true, Schema: later, Version: 2, Now: now})
	w.gets(next, `{"collection":"new"}`, `{"data":[]}`)
	for _, s := range []*Session{next, f} {
		for where, want := range map[string]int{`{"n":1}`: 3, `{"n":77}`: 3, `{"n":2}`: 0, `{"n":null}`: 3, `{"n":3}`: 0, `{"m.k":1}`: 12, `{"m.k":{"$lt":1}}`: 15} {
			if n, err := s.Count(t.Context(), Query{Collection: "private", Where: sent(t, where)}); n != want || err != nil {
				t.Errorf("%s: %d %v, want %d", where, n, err, want)
			}
		}
	}
	one, err := w.files.take("todo")
	if err != nil {
		t.Fatal(err)
	}
	defer w.files.give(one)
	v := &view{file: one, who: Caller{Server: true}}
	var k int64
	if err := one.reader.QueryRow("SELECT k FROM collections WHERE name = 'private'").Scan(&k); err != nil {
		t.Fatal(err)
	}
	filter, err := query.ParseFilter(sent(t, `{"m.k":1}`), "")
	if err != nil {
		t.Fatal(err)
	}
	if plan, _ := v.plan(target{k: k}, filter, query.Rule{}); !strings.Contains(plan, "entries") {
		t.Errorf("the index is not used: %s", plan)
	}
}

// Every preset and rules of one's own: what two people may read, make, change and remove.
func TestRulesOfCollections(t *testing.T) {
	w := newTown(t, FileLimit)
	f, ann, bob := w.function(), w.page("ann"), w.page("bob")
	for _, name := range []string{"private", "readonly", "adminwrite", "adminonly"} {
		w.do(f, (*Session).Add, `{"collection":"`+name+`","data":{"_id":"anns","_openid":"ann","n":1}}`, "")
		w.do(f, (*Session).Add, `{"collection":"`+name+`","data":{"_id":"nobodys","n":2}}`, "")
	}
	w.do(f, (*Session).Add, `{"collection":"team","data":{"_id":"anns","members":["ann"],"n":1}}`, "")
	for _, c := range []struct {
		name           string
		annSees        int
		bobSees        int
		annMay, anyMay bool // change her own; make one
	}{
		{"private", 1, 0, true, true},
		{"readonly", 2, 2, true, true},
		{"adminwrite", 2, 2, false, false},
		{"adminonly", 0, 0, false, false},
		{"team", 1, 0, true, false},
	} {
		for s, want := range map[*Session]int{ann: c.annSees, bob: c.bobSees} {
			if n, err := s.Count(t.Context(), Query{Collection: c.name}); n != want || err != nil {
				t.Errorf("%s: %s counts %d %v", c.name, s.who.OpenID, n, err)
			}
			out, err := s.Get(t.Context(), Query{Collection: c.name})
			if got := strings.Count(string(out), `"_id"`); got != want || err != nil {
				t.Errorf("%s: %s sees %s %v", c.name, s.who.OpenID, out, err)
			}
			out, err = s.Aggregate(t.Context(), Pipeline{Collection: c.name, Stages: sent(t, `[{"$match":{}}]`)})
			if got := strings.Count(string(out), `"_id"`); got != want || err != nil {
				t.Errorf("%s: %s aggregates %s %v", c.name, s.who.OpenID, out, err)
			}
		}
		if _, err := bob.Get(t.Context(), Query{Collection: c.name, ID: "anns"}); (err == nil) != (c.bobSees > 0) || err != nil && !errors.Is(err, ErrNoDocument) {
			t.Errorf("%s: bob reads ann's: %v", c.name, err)
		}
		for _, id := range []string{"anns", "nobodys"} {
			if id == "nobodys" && c.name == "team" {
				continue
			}
			w.refused(bob, (*Session).Update, `{"collection":"`+c.name+`","id":"`+id+`","data":{"$set":{"n":3}}}`, ErrDenied)
			w.refused(bob, (*Session).Set, `{"collection":"`+c.name+`","id":"`+id+`","data":{"n":3}}`, ErrDenied)
			w.refused(bob, (*Session).Remove, `{"collection":"`+c.name+`","id":"`+id+`"}`, ErrDenied)
		}
		w.do(bob, (*Session).Update, `{"collection":"`+c.name+`","where":{},"data":{"$set":{"n":3}}}`, `{"stats":{"updated":0}}`)
		w.do(bob, (*Session).Remove, `{"collection":"`+c.name+`","where":{}}`, `{"stats":{"removed":0}}`)
		if c.annMay {
			w.do(ann, (*Session).Update, `{"collection":"`+c.name+`","id":"anns","data":{"$set":{"n":4}}}`, `{"stats":{"updated":1}}`)
		} else {
			w.refused(ann, (*Session).Update, `{"collection":"`+c.name+`","id":"anns","data":{"$set":{"n":4}}}`, ErrDenied)
		}
		if c.anyMay {
			w.do(bob, (*Session).Add, `{"collection":"`+c.name+`","data":{"_id":"bobs"}}`, `{"_id":"bobs"}`)
			w.gets(bob, `{"collection":"`+c.name+`","id":"bobs"}`, `{"data":{"_id":"bobs","_openid":"bob"}}`)
			w.do(bob, (*Session).Remove, `{"collection":"`+c.name+`","id":"bobs"}`, `{"stats":{"removed":1}}`)
		} else {
			w.refused(bob, (*Session).Add, `{"collection":"`+c.name+`","data":{"_id":"bobs"}}`, ErrDenied)
			w.refused(bob, (*Session).Set, `{"collection":"`+c.name+`","id":"bobs","data":{}}`, ErrDenied)
		}
	}
	w.do(bob, (*Session).Add, `{"collection":"team","data":{"members":["bob"]}}`, "")
	w.refused(ann, (*Session).Update, `{"collection":"team","id":"anns","data":{"$set":{"n":10}}}`, ErrDenied)
	w.refused(ann, (*Session).Remove, `{"collection":"team","id":"anns"}`, ErrDenied)
	w.refused(ann, (*Session).Add, `{"collection":"private","data":{"_openid":"bob"}}`, query.ErrBadData)
	w.refused(ann, (*Session).Add, `{"collection":"undeclared","data":{}}`, ErrNoCollection)
	w.refused(ann, (*Session).Update, `{"collection":"private","id":"anns","data":{"$set":{"_openid":"bob"}}}`, query.ErrBadData)
	if err := ann.Begin(t.Context()); !errors.Is(err, ErrServerOnly) {
		t.Errorf("a page's transaction: %v", err)
	}
	if _, err := ann.MakeCollection(t.Context(), "mine"); !errors.Is(err, ErrServerOnly) {
		t.Errorf("a page's collection: %v", err)
	}
}

// A program's file is found by who calls. There is no name by which another's is reached.
func TestProgramsAreApart(t *testing.T) {
	w := newTown(t, FileLimit)
	w.do(w.function(), (*Session).Add, `{"collection":"notes","data":{"_id":"secret"}}`, "")
	other := w.files.Session("other", Caller{OpenID: "ann", Server: true, Now: now})
	if _, err := other.Get(t.Context(), ask(t, `{"collection":"notes","id":"secret"}`)); !errors.Is(err, ErrNoCollection) {
		t.Errorf("another program: %v", err)
	}
	for _, name := range []string{"todo.documents", "main.documents", "../todo", "notes'--", "notes\x00", "", "sqlite_schema", `notes" UNION SELECT`} {
		if _, err := other.Get(t.Context(), Query{Collection: name}); !errors.Is(err, ErrNoCollection) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, appid := range []string{"../todo", "", ".", "..", "a/b", "/etc/passwd"} {
		if _, err := w.files.Session(appid, Caller{Server: true, Now: now}).Get(t.Context(), Query{Collection: "notes"}); err == nil || errors.Is(err, ErrNoCollection) {
			t.Errorf("the program %q: %v", appid, err)
		}
	}
}

// When the file is full a write says so by name, and everything that was there stays and can be read and removed.
func TestQuota(t *testing.T) {
	w := newTown(t, 1<<20)
	f := w.function()
	text := strings.Repeat("x", 10<<10)
	kept := 0
	var err error
	for ; err == nil && kept < 1000; kept++ {
		_, err = f.Add(t.Context(), change(t, fmt.Sprintf(`{"collection":"private","data":{"_id":"%d","n":%d,"x":"%s"}}`, kept, kept, text)))
	}
	var no *refusal.Refusal
	if kept--; !errors.As(err, &no) || no.Code != "cloud_quota_exceeded" || kept < 50 {
		t.Fatalf("after %d: %v", kept, err)
	}
	count := func() int {
		n, err := f.Count(t.Context(), Query{Collection: "private"})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != kept {
		t.Fatalf("%d of %d are left", n, kept)
	}
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.refused(f, (*Session).Add, `{"collection":"private","data":{"x":"`+text+text+`"}}`, ErrQuota)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != kept {
		t.Fatalf("%d of %d are left after a transaction", n, kept)
	}
	w.do(f, (*Session).Remove, `{"collection":"private","where":{"n":{"$lt":10}}}`, `{"stats":{"removed":10}}`)
	w.do(f, (*Session).Add, `{"collection":"private","data":{"_id":"again","x":"`+text+`"}}`, "")
	info, err := os.Stat(filepath.Join(w.files.dir, "todo.db"))
	if err != nil || info.Size() > 1<<20 {
		t.Errorf("the file has %d bytes: %v", info.Size(), err)
	}
}

// An index for which there is no room is not made, and everything else goes on.
func TestAnIndexThatDoesNotFit(t *testing.T) {
	w := newTown(t, 1<<20)
	plain := w.files.Session("todo", Caller{Server: true, Now: now})
	var list []string
	for i := range 900 {
		list = append(list, fmt.Sprintf(`"a value of some length, number %d"`, i))
	}
	doc := `{"collection":"notes","data":{"n":1,"list":[` + strings.Join(list, ",") + `]}}`
	kept := 0
	for ; ; kept++ {
		if _, err := plain.Add(t.Context(), change(t, doc)); errors.Is(err, ErrQuota) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	w.do(plain, (*Session).Remove, `{"collection":"notes","where":{"_id":{"$exists":false}}}`, "")
	schema, err := query.ParseSchema([]byte(`{"collections":{"notes":{"indexes":["list"]},"more":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	next := w.files.Session("todo", Caller{Server: true, Schema: schema, Version: 3, Now: now})
	if n, err := next.Count(t.Context(), Query{Collection: "notes", Where: sent(t, `{"list":"a value of some length, number 5"}`)}); n != kept || err != nil {
		t.Errorf("%d of %d: %v", n, kept, err)
	}
	w.do(next, (*Session).Remove, `{"collection":"notes","where":{}}`, fmt.Sprintf(`{"stats":{"removed":%d}}`, kept))
	w.do(next, (*Session).Add, doc, "")
}

// Long queries wait for each other, and end in time.
func TestLongQueriesShareCores(t *testing.T) {
	w := newTown(t, FileLimit)
	f := w.function()
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range longScan + 10 {
		w.do(f, (*Session).Add, `{"collection":"private","data":{"k":1}}`, "")
	}
	if err := f.End(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	for range cap(w.files.long) {
		w.files.long <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.Count(ctx, Query{Collection: "private", Where: sent(t, `{"k":1}`)}); !errors.Is(err, ErrTooSlow) {
		t.Errorf("without a core: %v", err)
	}
	if n, err := f.Count(t.Context(), Query{Collection: "private", Where: sent(t, `{"n":1}`)}); n != 0 || err != nil {
		t.Errorf("a short one: %d %v", n, err)
	}
	for range cap(w.files.long) {
		<-w.files.long
	}
	if n, err := f.Count(t.Context(), Query{Collection: "private", Where: sent(t, `{"k":1}`)}); n != longScan+10 || err != nil {
		t.Errorf("%d %v", n, err)
	}
}

// A thousand increments by many at once are a thousand.
func TestIncrementsAreExact(t *testing.T) {
	w := newTown(t, FileLimit)
	w.do(w.function(), (*Session).Add, `{"collection":"private","data":{"_id":"counter","_openid":"ann","n":0}}`, "")
	increment := change(t, `{"collection":"private","id":"counter","data":{"$inc":{"n":1}}}`)
	var crowd sync.WaitGroup
	for i := range 20 {
		crowd.Go(func() {
			s := w.function()
			if i%2 == 0 {
				s = w.page("ann")
			}
			for range 50 {
				if _, err := s.Update(t.Context(), increment); err != nil {
					t.Error(err)
				}
			}
		})
	}
	crowd.Wait()
	w.gets(w.function(), `{"collection":"private","id":"counter"}`, `{"data":{"_id":"counter","_openid":"ann","n":1000}}`)
}

// Inside a transaction one sees one's own writes, outside nobody does until the commit; a step that fails leaves
// nothing; who writes meanwhile waits.
func TestTransactions(t *testing.T) {
	w := newTown(t, FileLimit)
	f, outside := w.function(), w.function()
	w.do(f, (*Session).Add, `{"collection":"private","data":{"_id":"a","n":1}}`, "")
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.Begin(t.Context()); !errors.Is(err, ErrTransaction) {
		t.Errorf("a second one: %v", err)
	}
	w.do(f, (*Session).Update, `{"collection":"private","id":"a","data":{"$inc":{"n":1}}}`, `{"stats":{"updated":1}}`)
	w.do(f, (*Session).Add, `{"collection":"private","data":{"_id":"b","n":5}}`, "")
	w.refused(f, (*Session).Update, `{"collection":"private","where":{},"data":{"$inc":{"_x":1,"n":"1"}}}`, query.ErrBadData)
	w.refused(f, (*Session).Add, `{"collection":"private","data":{"_id":"b"}}`, ErrDocumentExists)
	w.gets(f, `{"collection":"private","where":{"n":2}}`, `{"data":[{"_id":"a","n":2}]}`)
	w.gets(outside, `{"collection":"private"}`, `{"data":[{"_id":"a","n":1}]}`)
	waiting := make(chan error, 1)
	go func() {
		_, err := outside.Update(t.Context(), change(t, `{"collection":"private","id":"a","data":{"$inc":{"n":10}}}`))
		waiting <- err
	}()
	if err := f.End(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	w.gets(outside, `{"collection":"private"}`, `{"data":[{"_id":"a","n":12},{"_id":"b","n":5}]}`)
	if err := f.End(t.Context(), true); !errors.Is(err, ErrTransaction) {
		t.Errorf("a commit of nothing: %v", err)
	}
	for name, end := range map[string]func(cancel func()){
		"rollback": func(func()) {
			if err := f.End(t.Context(), false); err != nil {
				t.Error(err)
			}
		},
		"closed": func(func()) {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		},
		"gone": func(cancel func()) {
			cancel()
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if err := f.Begin(ctx); err != nil {
			t.Fatal(err)
		}
		w.do(f, (*Session).Remove, `{"collection":"private","where":{}}`, `{"stats":{"removed":2}}`)
		end(cancel)
		cancel()
		if n, err := outside.Count(t.Context(), Query{Collection: "private"}); n != 2 || err != nil {
			t.Errorf("%s: %d %v", name, n, err)
		}
		w.do(outside, (*Session).Update, `{"collection":"private","id":"a","data":{"$inc":{"n":1}}}`, "") // the turn is free
	}
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := outside.Update(short, change(t, `{"collection":"private","id":"a","data":{"$inc":{"n":1}}}`)); !errors.Is(err, ErrTooSlow) {
		t.Errorf("a writer who waits too long: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A page's request that is sent again, since its answer was lost, happens once.
func TestARepeatedRequestHappensOnce(t *testing.T) {
	w := newTown(t, FileLimit)
	keyed := func(openid, key string) *Session {
		return w.files.Session("todo", Caller{OpenID: openid, Schema: w.schema, Version: 1, Now: now, Key: key})
	}
	add := change(t, `{"collection":"private","data":{"n":1}}`)
	first, err := keyed("ann", "k1").Add(t.Context(), add)
	if err != nil {
		t.Fatal(err)
	}
	again, err := keyed("ann", "k1").Add(t.Context(), add)
	if err != nil || string(again) != string(first) {
		t.Errorf("again: %s, first %s: %v", again, first, err)
	}
	for _, other := range []*Session{keyed("ann", "k2"), keyed("bob", "k1")} {
		if got, err := other.Add(t.Context(), add); err != nil || string(got) == string(first) {
			t.Errorf("another: %s %v", got, err)
		}
	}
	if n, err := w.function().Count(t.Context(), Query{Collection: "private"}); n != 3 || err != nil {
		t.Errorf("%d %v", n, err)
	}
}

// Who watches hears of what they may see, once for a burst, and nothing of the rest.
func TestWatching(t *testing.T) {
	w := newTown(t, FileLimit)
	ann, f := w.page("ann"), w.function()
	still := func() error { return nil }
	watch := Watch{Query: ask(t, `{"collection":"private","where":{"n":{"$gt":0}}}`)}
	first, err := ann.Watch(t.Context(), watch, still)
	if err != nil || string(first.Docs) != "[]" || first.Seen == "" {
		t.Fatalf("%+v %v", first, err)
	}
	watch.Seen, watch.Wait = first.Seen, 25
	heard := make(chan Watched, 1)
	go func() {
		state, err := ann.Watch(t.Context(), watch, still)
		if err != nil {
			t.Error(err)
		}
		heard <- state
	}()
	for i := range 5 {
		w.do(f, (*Session).Add, fmt.Sprintf(`{"collection":"private","data":{"_openid":"bob","n":%d}}`, i), "")  // not hers
		w.do(f, (*Session).Add, fmt.Sprintf(`{"collection":"readonly","data":{"_openid":"ann","n":%d}}`, i), "") // not watched
	}
	w.do(f, (*Session).Add, `{"collection":"private","data":{"_id":"x","_openid":"ann","n":1}}`, "")
	state := <-heard
	if string(state.Docs) != `[{"_id":"x","_openid":"ann","n":1}]` || state.Seen == first.Seen {
		t.Errorf("%s", state.Docs)
	}
	watch.Seen, watch.Wait = state.Seen, 1
	if quiet, err := ann.Watch(t.Context(), watch, still); err != nil || quiet.Docs != nil || quiet.Seen != state.Seen {
		t.Errorf("without a change: %+v %v", quiet, err)
	}
	one := Watch{Query: Query{Collection: "private", ID: "x"}}
	if state, err := ann.Watch(t.Context(), one, still); err != nil || string(state.Docs) != `[{"_id":"x","_openid":"ann","n":1}]` {
		t.Errorf("of one: %s %v", state.Docs, err)
	}
	if state, err := w.page("bob").Watch(t.Context(), one, still); err != nil || string(state.Docs) != `[]` {
		t.Errorf("of another's: %s %v", state.Docs, err)
	}
	for range WatchersEach {
		leave, err := w.files.watcher("todo", "ann")
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
	}
	if _, err := ann.Watch(t.Context(), watch, still); !errors.Is(err, ErrTooMany) {
		t.Errorf("too many watchers: %v", err)
	}
	if len(w.files.signals) != 0 {
		t.Errorf("%d signals are left", len(w.files.signals))
	}
}

// More programs than files stay open, and each keeps what is its own.
func TestFilesAreClosedAndOpenedAgain(t *testing.T) {
	w := newTown(t, FileLimit)
	for round := range 2 {
		for i := range filesOpen + 5 {
			s := w.files.Session(fmt.Sprintf("p%d", i), Caller{Server: true, Now: now})
			if round == 0 {
				w.do(s, (*Session).Add, fmt.Sprintf(`{"collection":"c","data":{"_id":"x","n":%d}}`, i), "")
			}
			w.gets(s, `{"collection":"c"}`, fmt.Sprintf(`{"data":[{"_id":"x","n":%d}]}`, i))
		}
	}
	if len(w.files.open) != filesOpen || w.files.idle.Len() != filesOpen {
		t.Errorf("%d files are open, %d idle", len(w.files.open), w.files.idle.Len())
	}
}
