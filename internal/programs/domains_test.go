package programs_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/programs"
)

// A package that was written for WeChat names no host; its makers give it some, for each kind of use, and every
// change is in the trail.
func TestMakersGiveAProgramItsHosts(t *testing.T) {
	h := newHouse(t)
	files := project(t)
	files["manifest.json"] = []byte(strings.Replace(string(files["manifest.json"]), `"x_plaza": {`,
		`"x_plaza": { "domains": { "request": ["own.example.com"] },`, 1))
	h.upload(t, pack(t, files))
	h.release(t, 1)
	reaches := func(kind, host string, want bool) {
		t.Helper()
		program, err := programs.Live(h.App, "hello")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := program.Reaches(h.App, kind, host); err != nil || got != want {
			t.Errorf("reaches %s by %s: %v %v", host, kind, got, err)
		}
	}
	reaches("request", "own.example.com", true)
	reaches("request", "api.example.com", false)

	got, err := programs.ChangeDomains(h.App, h.program(t), check.ManifestDomains{Request: []string{"api.example.com"}, Socket: []string{"chat.example.com:8443"}},
		check.ManifestDomains{}, h.owner.Id, now)
	if err != nil || fmt.Sprint(got.Own.Request, got.Manifest.Request) != "[api.example.com] [own.example.com]" {
		t.Fatalf("add: %+v %v", got, err)
	}
	reaches("request", "api.example.com", true)
	reaches("upload", "api.example.com", false)
	reaches("socket", "chat.example.com", false)
	reaches("socket", "chat.example.com:8443", true)
	reaches("nothing", "api.example.com", false)
	if n := count(t, h.App, "ledger_audit WHERE act = 'programs.domains' AND subject = 'hello'"); n != 1 {
		t.Errorf("%d acts in the trail, want 1", n)
	}
	// What is there already is no change, and what the manifest says nobody takes off here.
	if _, err := programs.ChangeDomains(h.App, h.program(t), check.ManifestDomains{Request: []string{"api.example.com"}},
		check.ManifestDomains{Request: []string{"own.example.com"}}, h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	if n := count(t, h.App, "ledger_audit WHERE act = 'programs.domains'"); n != 1 {
		t.Errorf("%d acts in the trail after no change, want 1", n)
	}
	reaches("request", "own.example.com", true)
	if _, err := programs.ChangeDomains(h.App, h.program(t), check.ManifestDomains{}, check.ManifestDomains{Request: []string{"api.example.com"}}, h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	reaches("request", "api.example.com", false)
}

// A host is one in the one spelling that is compared, and there are no more than the policy lets.
func TestHostsAreJudged(t *testing.T) {
	h := newHouse(t)
	h.upload(t, edition(t, "hello"))
	for _, host := range []string{
		"", "localhost", "127.0.0.1", "0x7f.1", "2130706433", "[::1]", "Api.example.com", "https://api.example.com", "api.example.com/",
		"api.example.com.", "*.example.com", "api.example.com:0443443", "a b.example.com", "münchen.example", strings.Repeat("a.", 200) + "com",
	} {
		_, err := programs.ChangeDomains(h.App, h.program(t), check.ManifestDomains{Upload: []string{host}}, check.ManifestDomains{}, h.owner.Id, now)
		want(t, err, programs.ErrBadDomain)
	}
	many := make([]string, check.Default().Limits.Domains)
	for i := range many {
		many[i] = fmt.Sprintf("h%d.example.com", i)
	}
	all := check.ManifestDomains{Request: many, Download: many}
	if _, err := programs.ChangeDomains(h.App, h.program(t), all, check.ManifestDomains{}, h.owner.Id, now); err != nil {
		t.Fatalf("as many as there may be, on two lists: %v", err)
	}
	_, err := programs.ChangeDomains(h.App, h.program(t), check.ManifestDomains{Socket: []string{"more.example.com"}}, check.ManifestDomains{}, h.owner.Id, now)
	want(t, err, programs.ErrTooManyDomains)
	if _, err := programs.ChangeDomains(h.App, h.program(t), check.ManifestDomains{Socket: []string{"more.example.com"}},
		check.ManifestDomains{Request: many[:1], Download: many[:1]}, h.owner.Id, now); err != nil {
		t.Errorf("one for another: %v", err)
	}
}

// Makers who change the list at the same time lose nothing of each other's.
func TestChangesOfHostsAtOnce(t *testing.T) {
	h := newHouse(t)
	h.upload(t, edition(t, "hello"))
	program := h.program(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			add := check.ManifestDomains{Request: []string{fmt.Sprintf("h%d.example.com", i)}}
			if _, err := programs.ChangeDomains(h.App, program, add, check.ManifestDomains{}, h.owner.Id, now); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := programs.DomainsOf(h.App, program.Id)
	if err != nil || len(got.Own.Request) != 20 || !slices.IsSorted(got.Own.Request) {
		t.Errorf("%+v %v", got, err)
	}
}

// Over HTTP the makers alone see and change the list, in person: an upload key that has leaked leads nobody's data
// elsewhere.
func TestHostsOverHTTP(t *testing.T) {
	h := newHouse(t)
	h.upload(t, edition(t, "hello"))
	key, err := programs.NewKey(h.App, h.program(t), programs.KeyUpload, "ci", h.owner.Id, now)
	if err != nil {
		t.Fatal(err)
	}
	c := serve(t, h)
	path := "/api/mp/hello/domains"
	add := []byte(`{"add":{"request":["api.example.com"]}}`)
	if got := c.send("POST", path, h.customer, add); got.Code() != "not_maker" {
		t.Errorf("a stranger: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", path, nil, add, map[string]string{programs.KeyHeader: key.Secret}); got.Code() != "sign_in_required" {
		t.Errorf("an upload key: %d %s", got.Status, got.Body)
	}
	if got := c.send("GET", path, h.customer, nil); got.Code() != "not_maker" {
		t.Errorf("a stranger looks: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", path, h.owner, []byte(`{"add":{"request":["127.0.0.1"]}}`)); got.Code() != "bad_domain" {
		t.Errorf("an address: %d %s", got.Status, got.Body)
	}
	if got := c.send("POST", path, h.owner, add); got.Status != 200 || !strings.Contains(string(got.Body), `"own":{"request":["api.example.com"]}`) {
		t.Errorf("the owner: %d %s", got.Status, got.Body)
	}
	if got := c.send("GET", path, h.owner, nil); got.Status != 200 || got.JSON()["limit"] != float64(check.Default().Limits.Domains) {
		t.Errorf("the owner looks: %d %s", got.Status, got.Body)
	}
	stranger := apptest.Person(t, h, "stranger")
	if got := c.send("GET", "/api/mp/nothing/domains", stranger, nil); got.Code() != "program_not_found" {
		t.Errorf("no program: %d %s", got.Status, got.Body)
	}
}
