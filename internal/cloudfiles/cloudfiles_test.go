package cloudfiles_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/cloudfiles"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

func rules(t *testing.T, preset string) query.Collection {
	t.Helper()
	schema, err := query.ParseSchema([]byte(`{"files":{"acl":"` + preset + `"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return schema.FileRules()
}

// page is a caller from a page, function one from a cloud function.
func page(t *testing.T, appid, openid string) cloudfiles.Caller {
	t.Helper()
	return cloudfiles.Caller{AppID: appid, OpenID: openid, Rules: query.Schema{}.FileRules(), Reviewed: true, Now: now}
}

func function(appid string) cloudfiles.Caller {
	return cloudfiles.Caller{AppID: appid, OpenID: "ana", Server: true, Reviewed: true, Now: now}
}

func newApp(t *testing.T) core.App {
	t.Helper()
	app := apptest.New(t, cloudfiles.Register)
	clock.Set(app, now)
	return app
}

func put(t *testing.T, app core.App, who cloudfiles.Caller, path, content string) cloudfiles.File {
	t.Helper()
	file, err := cloudfiles.Put(t.Context(), app, who, path, strings.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return file
}

// blobs are the files on the disk, finished or not.
func blobs(t *testing.T, app core.App) (list []string) {
	t.Helper()
	for _, root := range []string{"cloudfiles", "cloudfiles_new"} {
		err := filepath.WalkDir(filepath.Join(app.DataDir(), root), func(name string, entry fs.DirEntry, err error) error {
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if entry != nil && !entry.IsDir() {
				list = append(list, name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func usage(t *testing.T, app core.App, appid string) cloudfiles.Usage {
	t.Helper()
	list, err := cloudfiles.Usages(app)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range list {
		if each.AppID == appid {
			return each
		}
	}
	return cloudfiles.Usage{AppID: appid}
}

func link(t *testing.T, app core.App, who cloudfiles.Caller, id string) cloudfiles.Link {
	t.Helper()
	links, err := cloudfiles.URLs(app, who, []cloudfiles.Wanted{{FileID: id}})
	if err != nil || len(links) != 1 {
		t.Fatalf("%v %v", links, err)
	}
	return links[0]
}

// A file is kept, shown, replaced and removed; the disk and the count hold what is there and no more.
func TestALife(t *testing.T) {
	app := newApp(t)
	ana := page(t, "todo", "ana")
	file := put(t, app, ana, "photos/été/首.png", "\x89PNG\r\n\x1a\n----")
	if file.ID() != "cloud://todo/photos/été/首.png" || file.Type != "image/png" || file.OpenID != "ana" {
		t.Errorf("%+v", file)
	}
	server := apptest.Server(t, app)
	first := link(t, app, page(t, "todo", "bob"), file.ID()) // everybody reads, by the default
	if got := fetch(t, server.URL+first.TempFileURL, ""); got.body != "\x89PNG\r\n\x1a\n----" {
		t.Errorf("%d %q", got.status, got.body)
	}
	again := put(t, app, ana, "photos/été/首.png", "second")
	if again.Type != "text/plain; charset=utf-8" || usage(t, app, "todo") != (cloudfiles.Usage{AppID: "todo", Bytes: 6, Files: 1}) || len(blobs(t, app)) != 1 {
		t.Errorf("%+v %+v %v", again, usage(t, app, "todo"), blobs(t, app))
	}
	if got := fetch(t, server.URL+first.TempFileURL, ""); got.status != 404 {
		t.Errorf("the address of what was replaced: %d", got.status)
	}
	gone, err := cloudfiles.Delete(app, ana, []string{file.ID(), file.ID()})
	if err != nil || gone[0].Status != 0 || gone[1].Code != "cloud_file_not_found" || len(blobs(t, app)) != 0 {
		t.Errorf("%+v %v %v", gone, err, blobs(t, app))
	}
	if left := usage(t, app, "todo"); left.Bytes != 0 || left.Files != 0 {
		t.Errorf("%+v", left)
	}
}

type fetched struct {
	status int
	header http.Header
	body   string
}

func fetch(t *testing.T, address, span string) fetched {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if span != "" {
		request.Header.Set("Range", span)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fetched{response.StatusCode, response.Header, string(body)}
}

// What is served is looked at and never runs, in parts if somebody wants parts.
func TestWhatIsServedNeverRuns(t *testing.T) {
	app := newApp(t)
	server := apptest.Server(t, app)
	for _, each := range []struct{ path, content, kind, shown string }{
		{"a.html", "<!doctype html><script>alert(1)</script>", "text/plain; charset=utf-8", "inline"},
		{"a.png", "<!doctype html><script>alert(1)</script>", "text/plain; charset=utf-8", "inline"},
		{"a.xhtml", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>`, "text/plain; charset=utf-8", "inline"},
		{"a.js", "alert(1)", "text/plain; charset=utf-8", "inline"},
		{"a.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "image/svg+xml", "inline"},
		{"a.jpg", "\xff\xd8\xff\xe0----", "image/jpeg", "inline"},
		{"a.mp3", "\xff\xfb\x90\x00\x00", "audio/mpeg", "inline"},
		{"a.pdf", "%PDF-1.7 ", "application/pdf", "attachment"},
		{"a.wasm", "\x00asm\x01\x00\x00\x00", "application/wasm", "attachment"},
		{"a.json", `{"a":1}`, "application/json", "attachment"},
		{"empty", "", "text/plain; charset=utf-8", "inline"},
	} {
		file := put(t, app, page(t, "todo", "ana"), each.path, each.content)
		got := fetch(t, server.URL+link(t, app, page(t, "todo", "ana"), file.ID()).TempFileURL, "")
		if got.status != 200 || got.body != each.content || got.header.Get("Content-Type") != each.kind ||
			!strings.HasPrefix(got.header.Get("Content-Disposition"), each.shown) {
			t.Errorf("%s: %d %v", each.path, got.status, got.header)
		}
		if got.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(got.header.Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
			t.Errorf("%s: %v", each.path, got.header)
		}
	}
	file := put(t, app, page(t, "todo", "ana"), "long.mp4", "0123456789")
	got := fetch(t, server.URL+link(t, app, page(t, "todo", "ana"), file.ID()).TempFileURL, "bytes=3-5")
	if got.status != http.StatusPartialContent || got.body != "345" || got.header.Get("Content-Range") != "bytes 3-5/10" {
		t.Errorf("%d %q %v", got.status, got.body, got.header)
	}
}

// An address is good for its own file, for its own program and for its time.
func TestForgedAndExpiredAddresses(t *testing.T) {
	app := newApp(t)
	server := apptest.Server(t, app)
	one, other := put(t, app, page(t, "todo", "ana"), "a.txt", "one"), put(t, app, page(t, "game", "ana"), "a.txt", "other")
	a, b := link(t, app, page(t, "todo", "ana"), one.ID()).TempFileURL, link(t, app, page(t, "game", "ana"), other.ID()).TempFileURL
	part := func(address string, i int) string { return strings.Split(address, "/")[i] }
	swap := func(address string, i int, with string) string {
		parts := strings.Split(address, "/")
		parts[i] = with
		return strings.Join(parts, "/")
	}
	end, mark, _ := strings.Cut(part(a, 4), ".")
	for name, address := range map[string]string{
		"another program":      swap(a, 2, "game"),
		"another blob":         swap(a, 3, part(b, 3)),
		"another mark":         swap(a, 4, part(b, 4)),
		"blob and program":     swap(swap(a, 3, part(b, 3)), 2, "game"),
		"a later end":          swap(a, 4, end+"0."+mark),
		"no mark":              swap(a, 4, end+"."),
		"half a mark":          swap(a, 4, end+"."+mark[:10]),
		"another name":         swap(a, 5, "b.html"),
		"a name with a slash":  swap(a, 5, "..%2Fa.txt"),
		"a program of another": swap(a, 2, "TODO"),
	} {
		if got := fetch(t, server.URL+address, ""); got.status != http.StatusForbidden || !strings.Contains(got.body, "cloud_file_bad_link") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	for _, address := range []string{"/cloud/", "/cloud/todo", "/cloud/todo/" + part(a, 3), "/cloud/todo/../../identity.key", "/cloud/todo/%2e%2e/x/y"} {
		if got := fetch(t, server.URL+address, ""); got.status < 400 {
			t.Errorf("%s: %d", address, got.status)
		}
	}
	clock.Set(app, now.Add(cloudfiles.LinkTime-15*time.Minute-time.Second))
	if got := fetch(t, server.URL+a, ""); got.status != 200 {
		t.Errorf("before its end: %d", got.status)
	}
	clock.Set(app, now.Add(cloudfiles.LinkTime))
	if got := fetch(t, server.URL+a, ""); got.status != http.StatusForbidden || !strings.Contains(got.body, "cloud_file_link_expired") {
		t.Errorf("after its end: %d %s", got.status, got.body)
	}
}

// The presets say who may do what from a page; a function may do everything with its own program's files, and
// nothing with another's.
func TestRules(t *testing.T) {
	app := newApp(t)
	for _, c := range []struct {
		preset              string
		create, read, write bool // create; another's file
	}{{"READONLY", true, true, false}, {"PRIVATE", true, false, false}, {"ADMINWRITE", false, true, false}, {"ADMINONLY", false, false, false}} {
		appid := "app-" + strings.ToLower(c.preset)
		ana, bob := page(t, appid, "ana"), page(t, appid, "bob")
		ana.Rules, bob.Rules = rules(t, c.preset), rules(t, c.preset)
		_, err := cloudfiles.Put(t.Context(), app, bob, "own.txt", strings.NewReader("x"))
		if (err == nil) != c.create || err != nil && !errors.Is(err, cloudfiles.ErrDenied) {
			t.Errorf("%s: create %v", c.preset, err)
		}
		var theirs cloudfiles.File
		if c.create {
			theirs = put(t, app, ana, "theirs.txt", "y")
		} else {
			theirs = put(t, app, function(appid), "theirs.txt", "y")
		}
		if got := link(t, app, bob, theirs.ID()); (got.Status == 0) != c.read || (got.TempFileURL != "") != c.read {
			t.Errorf("%s: read %+v", c.preset, got)
		}
		if _, err := cloudfiles.Put(t.Context(), app, bob, "theirs.txt", strings.NewReader("z")); !errors.Is(err, cloudfiles.ErrDenied) {
			t.Errorf("%s: overwrite %v", c.preset, err)
		}
		if gone, err := cloudfiles.Delete(app, bob, []string{theirs.ID()}); err != nil || gone[0].Status == 0 {
			t.Errorf("%s: delete %v %v", c.preset, gone, err)
		}
		if got := link(t, app, function(appid), theirs.ID()); got.Status != 0 {
			t.Errorf("%s: a function reads %+v", c.preset, got)
		}
		if got := link(t, app, function("another"), theirs.ID()); got.Code != "cloud_file_bad_id" {
			t.Errorf("%s: another program's function reads %+v", c.preset, got)
		}
		if gone, err := cloudfiles.Delete(app, function("another"), []string{theirs.ID()}); err != nil || gone[0].Code != "cloud_file_bad_id" {
			t.Errorf("%s: another program's function deletes %+v %v", c.preset, gone, err)
		}
		if _, err := cloudfiles.Read(app, function("another"), theirs.ID()); !errors.Is(err, cloudfiles.ErrBadID) {
			t.Errorf("%s: another program's function downloads %v", c.preset, err)
		}
	}
}

// What could mean another file than it seems to is refused, wherever it comes in.
func TestHostilePaths(t *testing.T) {
	app := newApp(t)
	ana := page(t, "todo", "ana")
	put(t, app, ana, "a", "a")
	for _, path := range []string{
		"", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", `a\b`, `..\a`, "a\x00", "a\nb", "\x7f", "a\u202eb", "a\u200bb", "\xff\xfe",
		" a", "a /b", "\u00a0", strings.Repeat("a", cloudfiles.PathBytes+1), strings.Repeat("é", cloudfiles.PathBytes/2+1),
	} {
		if _, err := cloudfiles.Put(t.Context(), app, ana, path, strings.NewReader("x")); !errors.Is(err, cloudfiles.ErrBadPath) {
			t.Errorf("%q: %v", path, err)
		}
	}
	for _, id := range []string{"", "a", "cloud://", "cloud://todo", "cloud://todo/", "cloud://TODO/a", "Cloud://todo/a", "cloud://todo/../todo/a", "cloud://todo//a", "cloud://game/../todo/a", "https://todo/a", "cloud://todo/a\x00"} {
		if got := link(t, app, ana, id); got.Code != "cloud_file_bad_id" {
			t.Errorf("%q: %+v", id, got)
		}
	}
	if got := link(t, app, ana, "cloud://todo/A"); got.Code != "cloud_file_not_found" {
		t.Errorf("another case: %+v", got)
	}
	put(t, app, ana, strings.Repeat("a", cloudfiles.PathBytes), "x")
	put(t, app, ana, "..a/.b/c..", "x")
	if list := make([]string, cloudfiles.ListLimit+1); true {
		if _, err := cloudfiles.Delete(app, ana, list); !errors.Is(err, cloudfiles.ErrTooMany) {
			t.Errorf("a long list: %v", err)
		}
	}
}

// However many upload at once, a program never has more than its quota, and what was refused leaves nothing.
func TestParallelUploadsAtTheEdgeOfTheQuota(t *testing.T) {
	app := newApp(t)
	ana := page(t, "todo", "ana")
	ana.Reviewed = false
	const size, many = 3 << 20, 16
	content := bytes.Repeat([]byte("x"), size)
	var group sync.WaitGroup
	var mu sync.Mutex
	kept, refused := 0, 0
	for i := range many {
		group.Go(func() {
			_, err := cloudfiles.Put(t.Context(), app, ana, fmt.Sprint(i), bytes.NewReader(content))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				kept++
			case errors.Is(err, cloudfiles.ErrQuota):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	want := cloudfiles.UnreviewedQuota / size
	if kept != want || refused != many-want || usage(t, app, "todo").Bytes != int64(want*size) || len(blobs(t, app)) != want {
		t.Errorf("%d kept, %d refused, %+v, %d on the disk", kept, refused, usage(t, app, "todo"), len(blobs(t, app)))
	}
	if _, err := cloudfiles.Put(t.Context(), app, ana, "large", io.LimitReader(zeros{}, cloudfiles.FileBytes+1)); !errors.Is(err, cloudfiles.ErrTooLarge) {
		t.Errorf("a large file: %v", err)
	}
	if len(blobs(t, app)) != want {
		t.Errorf("a refused file is on the disk")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Many who write one path at once leave one file, and its bytes are one of theirs, whole.
func TestParallelUploadsOfOnePath(t *testing.T) {
	app := newApp(t)
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			if _, err := cloudfiles.Put(t.Context(), app, page(t, "todo", "ana"), "one", strings.NewReader(strings.Repeat(string(rune('a'+i)), 1000+i))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	got, err := cloudfiles.Read(app, function("todo"), "cloud://todo/one")
	if err != nil || len(got) < 1000 || strings.Trim(string(got), string(got[:1])) != "" {
		t.Errorf("%q %v", got, err)
	}
	if u := usage(t, app, "todo"); u.Files != 1 || u.Bytes != int64(len(got)) || len(blobs(t, app)) != 1 {
		t.Errorf("%+v %v", u, blobs(t, app))
	}
}

// A person's files of one program go, and nothing else does.
func TestErase(t *testing.T) {
	app := newApp(t)
	for i := range 450 {
		put(t, app, page(t, "todo", "ana"), fmt.Sprint("a/", i), "x")
	}
	put(t, app, page(t, "todo", "bob"), "b", "x")
	put(t, app, page(t, "game", "ana"), "c", "x")
	put(t, app, function("todo"), "d", "x")
	if list, err := cloudfiles.Owned(app, "todo", "ana"); len(list) != 450 || err != nil {
		t.Errorf("%d %v", len(list), err)
	}
	for _, want := range []int{450, 0} {
		if n, err := cloudfiles.Erase(t.Context(), app, "todo", "ana"); n != want || err != nil {
			t.Errorf("%d %v", n, err)
		}
	}
	if usage(t, app, "todo").Files != 2 || usage(t, app, "game").Files != 1 || len(blobs(t, app)) != 3 {
		t.Errorf("%+v %v", usage(t, app, "todo"), blobs(t, app))
	}
	if n, err := cloudfiles.Erase(t.Context(), app, "todo", ""); n != 0 || err != nil {
		t.Errorf("nobody: %d %v", n, err)
	}
	if n, err := cloudfiles.Clear(t.Context(), app, "todo"); n != 2 || err != nil || len(blobs(t, app)) != 1 {
		t.Errorf("%d %v %v", n, err, blobs(t, app))
	}
}
