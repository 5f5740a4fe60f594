package programs_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
)

// A key that has leaked is not good for more beside somebody's login: it makes no other key and lets nobody in.
func TestAKeyBesideALoginIsWorthNoMore(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	c := serve(t, h)
	key := map[string]string{programs.KeyHeader: c.send("POST", "/api/mp/hello/keys", h.owner, []byte(`{"name":"ci"}`)).Text("key")}
	for _, try := range []struct{ method, path, body string }{
		{"GET", "keys", ""},
		{"POST", "keys", `{"name":"another"}`},
		{"DELETE", "keys/000000000000000", ""},
		{"GET", "testers", ""},
		{"POST", "testers", `{"email":"` + h.customer.Email() + `"}`},
		{"DELETE", "testers/000000000000000", ""},
		{"POST", "agency", `{"org":""}`},
	} {
		if got := c.send(try.method, "/api/mp/hello/"+try.path, h.customer, []byte(try.body), key); got.Code() != "not_maker" {
			t.Errorf("%s %s: %d %s", try.method, try.path, got.Status, got.Body)
		}
	}
	if got := c.send("GET", "/api/mp/hello/versions", h.customer, nil, key); got.Status != 200 {
		t.Errorf("what a key is good for: %d %s", got.Status, got.Body)
	}
}

// What makers tell the reviewer, and who tests for them, is read by those who may act: not at the till, and not by
// an agency that lost its seal.
func TestMakersRoomsAreReadByMakersAlone(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	agency := apptest.Org(t, h, "agency")
	program := h.program(t)
	program.Set("agency", agency.Id)
	if err := h.Save(program); err != nil {
		t.Fatal(err)
	}
	org, err := h.FindRecordById("orgs", h.org)
	if err != nil {
		t.Fatal(err)
	}
	cashier, builder := apptest.Person(t, h, "cashier"), apptest.Person(t, h, "builder")
	apptest.Staff(t, h, org, cashier, "cashier")
	apptest.Staff(t, h, agency, builder, "owner")
	c := serve(t, h)
	c.send("POST", "/api/mp/hello/versions/1/submit", h.owner, []byte(`{"test_account":"root / secret"}`))
	c.send("POST", "/api/mp/hello/keys", h.owner, []byte(`{"name":"ci"}`))
	c.send("POST", "/api/mp/hello/testers", h.owner, []byte(`{"email":"`+h.customer.Email()+`"}`))
	reads := func(user *core.Record) (n float64) {
		for _, collection := range []string{"programs", "programs_versions", "programs_reviews", "programs_keys", "programs_testers"} {
			total, _ := c.send("GET", "/api/collections/"+collection+"/records", user, nil).JSON()["totalItems"].(float64)
			n += total
		}
		return n
	}
	if owner, till, unsealed := reads(h.owner), reads(cashier), reads(builder); owner != 5 || till != 0 || unsealed != 0 {
		t.Errorf("the owner reads %v rows, a cashier %v, an agency without a seal %v; want 5, 0, 0", owner, till, unsealed)
	}
	agency.Set("certified_agency", true)
	if err := h.Save(agency); err != nil {
		t.Fatal(err)
	}
	if sealed := reads(builder); sealed != 5 {
		t.Errorf("a certified agency reads %v rows, want 5", sealed)
	}
}

// A rejected version does not become one that nobody has looked at by being submitted and withdrawn again.
func TestWithdrawingDoesNotWashARejection(t *testing.T) {
	d := newDesk(t)
	if _, err := programs.Reject(d, d.submit(t, 1).Id, noGood, d.operator.Id, now); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.WithdrawSubmission(d, d.submit(t, 1).Id, d.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	wantState(t, d.state(t, 1), "rejected")
}

// What passes for a certified organisation, or for a program of one, does not go out without a look at it; the
// reviewer is told for whom it passes.
func TestWhatPassesForSomebodyCertifiedIsLookedAtFirst(t *testing.T) {
	h := newHouse(t)
	h.upload(t, pack(t, project(t)))
	h.release(t, 1)
	name := h.program(t).GetString("name")
	send := func(appid, called string) (*core.Record, error) {
		files := project(t)
		words := strings.NewReplacer(`"hello"`, `"`+appid+`"`, `"`+name+`"`, `"`+called+`"`, "Bonjour", "Salut à tous", "你好", "大家好")
		files["manifest.json"] = []byte(words.Replace(string(files["manifest.json"])))
		if _, err := programs.Upload(h, programs.Owner{User: h.customer.Id}, appid, bytes.NewReader(pack(t, files)), "", h.customer.Id, now); err != nil {
			t.Fatalf("%v %v", err, findings(err))
		}
		return programs.Release(h, appid, 1, 100, h.customer.Id, now)
	}
	for appid, called := range map[string]string{"same": name, "cyrillic": "Неllо", "accent": "Héllo!", "digit": "HELL0", "wide": "Ｈｅｌｌｏ", "org": "makers"} {
		_, err := send(appid, called)
		var no *refusal.Refusal
		if !errors.As(err, &no) || no.Code != programs.ErrNotApproved.Code || no.Details["like"] == nil {
			t.Errorf("%s: %v", called, err)
		}
	}
	if _, err := send("other", "Hello you"); err != nil {
		t.Errorf("a name of its own: %v", err)
	}
	review, err := programs.Submit(h, "cyrillic", 1, programs.Submission{}, h.customer.Id, now)
	if err != nil || !strings.Contains(review.GetString("risks"), "name_of_another") {
		t.Errorf("the reviewer reads %s (%v)", review.GetString("risks"), err)
	}
}
