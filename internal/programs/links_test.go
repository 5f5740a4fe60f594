package programs_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/programs"
)

// hung is a link as its makers see it.
type hung struct {
	Code, URL, QR string
	Scene, Opens  int
	Version       int
}

// wall is a house with a released program, reached over HTTP.
type wall struct {
	house
	client *apptest.Client
}

func newWall(t *testing.T) wall {
	t.Helper()
	h := newHouse(t)
	clock.Set(h, now)
	h.upload(t, pack(t, project(t)))
	h.release(t, 1)
	return wall{house: h, client: apptest.NewClient(t, h.App)}
}

func (w wall) as(t *testing.T, user *core.Record, method, path string, body any) apptest.Answer {
	t.Helper()
	token := ""
	if user != nil {
		token = apptest.Token(t, user)
	}
	return w.client.Do(method, path, token, body)
}

func (w wall) hang(t *testing.T, to map[string]any) hung {
	t.Helper()
	got := w.as(t, w.owner, http.MethodPost, "/api/mp/hello/links", to)
	var link hung
	if err := json.Unmarshal(got.Body, &link); err != nil || got.Status != 200 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	return link
}

func (w wall) launch(user *core.Record, code string) (programs.Launched, error) {
	return programs.Launch(w.App, user, "hello", programs.Opening{Link: code, Scene: 1, Path: "of/the/caller"}, clock.Now(w))
}

// A code on a table: made, seen, opened, counted, withdrawn.
func TestACodeOpensItsPage(t *testing.T) {
	w := newWall(t)
	shop := apptest.Org(t, w, "shop")
	place := apptest.Place(t, w, shop, "The shop")
	query := "table=7&note=" + url.QueryEscape(strings.Repeat("长", 400))
	link := w.hang(t, map[string]any{"path": "/pages/index/index", "query": "?" + query, "place": place.Id, "name": "Table 7"})
	if !regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{10}$`).MatchString(link.Code) || link.Scene != 1047 || link.URL != w.client.Server.URL+"/m/"+link.Code {
		t.Errorf("the link is %+v", link)
	}
	seen := w.as(t, nil, http.MethodGet, "/api/links/"+strings.ToUpper(link.Code), nil)
	if seen.Status != 200 || seen.Text("appid") != "hello" || seen.Text("path") != "pages/index/index" || seen.Text("query") != query ||
		seen.Number("scene") != 1047 || seen.Text("place") != place.Id || !strings.Contains(string(seen.Body), `"publisher":{"name":"makers"`) {
		t.Errorf("anybody sees %d %s", seen.Status, seen.Body)
	}
	opened, err := w.launch(w.customer, link.Code)
	if err != nil || opened.Opening.Path != "pages/index/index" || opened.Opening.Scene != 1047 || opened.Opening.Place != place.Id || opened.Opening.Query != query || opened.Trial {
		t.Errorf("it opens %+v, %v", opened.Opening, err)
	}
	_, claims, err := programs.Running(w.App, w.customer, "hello", opened.Token, now)
	if err != nil || claims.Link != link.Code || claims.Scene != 1047 {
		t.Errorf("the launch says %+v, %v", claims, err)
	}
	list := w.as(t, w.owner, http.MethodGet, "/api/mp/hello/links", nil)
	if !strings.Contains(string(list.Body), `"opens":1`) || !strings.Contains(string(list.Body), `"name":"Table 7"`) {
		t.Errorf("the makers see %s", list.Body)
	}
	for range 2 {
		if got := w.as(t, w.owner, http.MethodDelete, "/api/mp/hello/links/"+link.Code, nil); got.Status != 204 {
			t.Errorf("withdrawn: %d %s", got.Status, got.Body)
		}
	}
	for _, path := range []string{"", "/qr.svg"} {
		if got := w.as(t, nil, http.MethodGet, "/api/links/"+link.Code+path, nil); got.Status != 410 || got.Code() != "link_revoked" {
			t.Errorf("after it was withdrawn: %d %s", got.Status, got.Body)
		}
	}
	if _, err := w.launch(w.customer, link.Code); !errors.Is(err, programs.ErrLinkRevoked) {
		t.Errorf("a withdrawn link opens: %v", err)
	}
}

// A link ends at its end, and one that names another program or none opens nothing.
func TestALinkEnds(t *testing.T) {
	w := newWall(t)
	link := w.hang(t, map[string]any{"expires_at": now.Add(time.Hour)})
	if _, err := w.launch(w.customer, link.Code); err != nil {
		t.Errorf("before its end: %v", err)
	}
	clock.Set(w, now.Add(time.Hour))
	if got := w.as(t, nil, http.MethodGet, "/api/links/"+link.Code, nil); got.Status != 410 || got.Code() != "link_expired" {
		t.Errorf("at its end: %d %s", got.Status, got.Body)
	}
	if _, err := w.launch(w.customer, link.Code); !errors.Is(err, programs.ErrLinkExpired) {
		t.Errorf("at its end it opens: %v", err)
	}
	if got := w.as(t, nil, http.MethodGet, "/api/links/0123456789", nil); got.Status != 404 || got.Code() != "link_not_found" {
		t.Errorf("no link: %d %s", got.Status, got.Body)
	}
	files := project(t)
	files["manifest.json"] = []byte(`{"app_id":"other","name":"Other"}`)
	if _, err := w.send(w.org, "other", pack(t, files), w.owner.Id); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Release(w.App, "other", 1, 100, w.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	mine := w.hang(t, nil)
	if _, err := programs.Launch(w.App, w.customer, "other", programs.Opening{Link: mine.Code}, now); !errors.Is(err, programs.ErrLinkNotFound) {
		t.Errorf("another program's link opens: %v", err)
	}
	if got := w.as(t, w.owner, http.MethodDelete, "/api/mp/other/links/"+mine.Code, nil); got.Code() != "link_not_found" {
		t.Errorf("another program's link was withdrawn: %d %s", got.Status, got.Body)
	}
}

// A trial link is for testers and makers; for others it is a code that opens nothing, and it counts nothing.
func TestATrialLinkIsForTesters(t *testing.T) {
	w := newWall(t)
	w.upload(t, edition(t, "second"))
	link := w.hang(t, map[string]any{"version": 2})
	if got := w.as(t, nil, http.MethodGet, "/api/links/"+link.Code, nil); got.Number("version") != 2 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if _, err := w.launch(w.customer, link.Code); !errors.Is(err, programs.ErrNotTester) {
		t.Errorf("a stranger tries it: %v", err)
	}
	opened, err := w.launch(w.owner, link.Code)
	if err != nil || !opened.Trial || opened.Version != 2 {
		t.Errorf("its maker gets version %d, %v", opened.Version, err)
	}
	if got := w.as(t, w.owner, http.MethodGet, "/api/mp/hello/links", nil); !strings.Contains(string(got.Body), `"version":2,"opens":1,`) {
		t.Errorf("the makers see %s", got.Body)
	}
}

// Links of a program that was taken down say so.
func TestLinksOfAStoppedProgram(t *testing.T) {
	w := newWall(t)
	link := w.hang(t, nil)
	w.suspend(t)
	if got := w.as(t, nil, http.MethodGet, "/api/links/"+link.Code, nil); got.Code() != "program_taken_down" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// What cannot be a link is refused by name, and links are their makers' alone.
func TestBadLinksAreRefusedByName(t *testing.T) {
	w := newWall(t)
	for field, to := range map[string]map[string]any{
		"path":       {"path": "https://elsewhere.example/"},
		"path ":      {"path": "pages/../../x"},
		"path  ":     {"path": strings.Repeat("p", 513)},
		"path   ":    {"path": "a\nb"},
		"query":      {"query": strings.Repeat("q", programs.QueryLimit+1)},
		"query ":     {"query": "a=%zz"},
		"query  ":    {"query": "a#b"},
		"scene":      {"scene": 10_000},
		"scene ":     {"scene": -1},
		"place":      {"place": "nowhere"},
		"name":       {"name": strings.Repeat("n", 61)},
		"version":    {"version": -1},
		"expires_at": {"expires_at": now},
	} {
		got := w.as(t, w.owner, http.MethodPost, "/api/mp/hello/links", to)
		if got.Status != 400 || got.Code() != "bad_link" || got.Data()["field"] != strings.TrimSpace(field) {
			t.Errorf("%.60v: %d %s", to, got.Status, got.Body)
		}
	}
	if got := w.as(t, w.owner, http.MethodPost, "/api/mp/hello/links", map[string]any{"version": 9}); got.Code() != "version_not_found" {
		t.Errorf("no version: %d %s", got.Status, got.Body)
	}
	if got := w.as(t, w.owner, http.MethodPost, "/api/mp/hello/links", `{"expires_at":"soon"}`); got.Code() != "bad_body" {
		t.Errorf("no time: %d %s", got.Status, got.Body)
	}
	link := w.hang(t, map[string]any{"query": strings.Repeat("q", programs.QueryLimit)})
	for _, call := range [][2]string{
		{http.MethodGet, "/api/mp/hello/links"}, {http.MethodPost, "/api/mp/hello/links"}, {http.MethodDelete, "/api/mp/hello/links/" + link.Code},
	} {
		if got := w.as(t, w.customer, call[0], call[1], map[string]any{}); got.Code() != "not_maker" {
			t.Errorf("%s by a stranger: %d %s", call[0], got.Status, got.Body)
		}
		if got := w.as(t, nil, call[0], call[1], map[string]any{}); got.Code() != "sign_in_required" {
			t.Errorf("%s by a guest: %d %s", call[0], got.Status, got.Body)
		}
	}
}

// Many phones at one code: each opening counts.
func TestOpeningsAtOnceAreAllCounted(t *testing.T) {
	w := newWall(t)
	link := w.hang(t, nil)
	var phones sync.WaitGroup
	for range 30 {
		phones.Go(func() {
			if _, err := w.launch(w.customer, link.Code); err != nil {
				t.Error(err)
			}
		})
	}
	phones.Wait()
	record, err := w.FindFirstRecordByData("programs_links", "code", link.Code)
	if err != nil || record.GetInt("opens") != 30 {
		t.Errorf("30 phones, %v counted, %v", record, err)
	}
}

// The makers' list comes in pages, latest first.
func TestLinksAreListedInPages(t *testing.T) {
	w := newWall(t)
	program, err := w.FindFirstRecordByData("programs", "appid", "hello")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 101 {
		if _, err := programs.Link(w.App, program, programs.LinkTo{Name: fmt.Sprint(n)}, w.owner.Id, now); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for page, more := range map[int]bool{1: true, 2: false} {
		links, further, err := programs.Links(w.App, program.Id, page)
		if err != nil || further != more {
			t.Errorf("page %d has %d links and more: %v, %v", page, len(links), further, err)
		}
		for _, link := range links {
			seen[link.GetString("code")] = true
		}
	}
	if len(seen) != 101 {
		t.Errorf("%d links are listed", len(seen))
	}
}

// The code's picture is a QR code that cameras find: black on white, with its quiet zone, of whole pixels.
func TestTheCodeIsDrawn(t *testing.T) {
	w := newWall(t)
	link := w.hang(t, nil)
	drawn := w.client.Must(http.StatusOK, http.MethodGet, "/api/links/"+link.Code+"/qr.svg", "", nil)
	var svg struct {
		ViewBox string `xml:"viewBox,attr"`
	}
	if err := xml.Unmarshal(drawn.Body, &svg); err != nil || svg.ViewBox != "0 0 37 37" || drawn.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%v %+v %s", err, svg, drawn.Header.Get("Content-Type"))
	}
	if !strings.Contains(string(drawn.Body), `"M4 4h7v1h-7z`) { // the upper edge of the first finder, behind the quiet zone
		t.Errorf("no quiet zone of four: %.300s", drawn.Body)
	}
	for asked, size := range map[string]int{"": 512, "&size=300": 300, "&size=1": 64, "&size=99999": 2048, "&size=x": 512} {
		got := w.client.Must(http.StatusOK, http.MethodGet, "/api/links/"+link.Code+"/qr.svg?format=png"+asked, "", nil)
		picture, err := png.Decode(bytes.NewReader(got.Body))
		if err != nil || picture.Bounds().Dx() != size || picture.Bounds().Dy() != size {
			t.Fatalf("%q is %v, %v", asked, picture.Bounds(), err)
		}
		if r, _, _, _ := picture.At(1, 1).RGBA(); r != 0xffff {
			t.Errorf("%q has no white edge", asked)
		}
	}
}

// The address in a code is the one that the operator has set, not the one by which a maker happened to come.
func TestTheOperatorsAddressStandsInTheCode(t *testing.T) {
	w := newWall(t)
	w.Settings().Meta.AppURL = "https://plaza.example/"
	if link := w.hang(t, nil); link.URL != "https://plaza.example/m/"+link.Code || !strings.HasPrefix(link.QR, "https://plaza.example/api/links/") {
		t.Errorf("the link is %+v", link)
	}
}
