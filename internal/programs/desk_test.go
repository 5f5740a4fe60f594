package programs_test

import (
	"bytes"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/programs"
)

// withDesk is the project with a desk.
func withDesk(t *testing.T) map[string][]byte {
	t.Helper()
	files := project(t)
	files["manifest.json"] = []byte(`{"app_id":"hello","name":"Hello","x_plaza":{"desk":"pages/index/index","functions":["echo"]}}`)
	return files
}

func openDesk(t *testing.T) house {
	t.Helper()
	h := newHouse(t)
	h.upload(t, pack(t, withDesk(t)))
	h.approve(t, 1)
	h.release(t, 1)
	return h
}

// A desk opens for those who work for the organisation, in their role, and for nobody else: not for customers, not
// for the operator, not for who works elsewhere.
func TestDeskIsForTheStaff(t *testing.T) {
	h := openDesk(t)
	org, err := h.FindRecordById("orgs", h.org)
	if err != nil {
		t.Fatal(err)
	}
	till, elsewhere := apptest.Person(t, h, "till"), apptest.Person(t, h, "elsewhere")
	apptest.Staff(t, h, org, till, "cashier")
	apptest.Staff(t, h, apptest.Org(t, h, "another"), elsewhere, "owner")
	for _, c := range []struct {
		who  string
		role identity.Role
	}{{"owner", identity.Owner}, {"till", identity.Cashier}} {
		user, err := h.FindAuthRecordByEmail("users", c.who+"@plaza.test")
		if err != nil {
			t.Fatal(err)
		}
		launched, err := programs.Launch(h.App, user, "hello", programs.Opening{Desk: true}, now)
		if err != nil || launched.Role != c.role || launched.Opening.Path != "pages/index/index" || launched.Opening.Scene != programs.DeskScene {
			t.Fatalf("%s: %q %+v %v", c.who, launched.Role, launched.Opening, err)
		}
		if _, claims, err := programs.Running(h.App, user, "hello", launched.Token, now); err != nil || claims.Desk != string(c.role) {
			t.Errorf("%s runs as %q (%v)", c.who, claims.Desk, err)
		}
		desks, err := programs.Desks(h.App, user)
		if err != nil || len(desks) != 1 || desks[0].Role != c.role || desks[0].OrgName != "makers" || desks[0].Names == nil && desks[0].Name != "Hello" {
			t.Errorf("%s has the desks %+v (%v)", c.who, desks, err)
		}
	}
	for name, user := range map[string]string{"customer": h.customer.Id, "operator": h.operator.Id, "elsewhere": elsewhere.Id} {
		person, err := h.FindRecordById("users", user)
		if err != nil {
			t.Fatal(err)
		}
		_, err = programs.Launch(h.App, person, "hello", programs.Opening{Desk: true}, now)
		want(t, err, programs.ErrDeskStaff)
		if desks, err := programs.Desks(h.App, person); err != nil || len(desks) != 0 {
			t.Errorf("%s has the desks %+v (%v)", name, desks, err)
		}
	}
}

// A launch that did not ask for the desk has none of it, whoever the person is and whatever page and scene they name.
func TestOrdinaryLaunchHasNoDesk(t *testing.T) {
	h := openDesk(t)
	opening := programs.Opening{Path: "pages/index/index", Scene: programs.DeskScene}
	launched, err := programs.Launch(h.App, h.owner, "hello", opening, now)
	if err != nil || launched.Role != "" {
		t.Fatalf("%q %v", launched.Role, err)
	}
	if _, claims, err := programs.Running(h.App, h.owner, "hello", launched.Token, now); err != nil || claims.Desk != "" {
		t.Errorf("runs as %q (%v)", claims.Desk, err)
	}
}

// Who leaves the staff loses the open desk with the next thing that it asks for; who gets another role has that one.
func TestDeskEndsWithTheJob(t *testing.T) {
	h := openDesk(t)
	org, err := h.FindRecordById("orgs", h.org)
	if err != nil {
		t.Fatal(err)
	}
	mia := apptest.Person(t, h, "mia")
	job := apptest.Staff(t, h, org, mia, "manager")
	launched, err := programs.Launch(h.App, mia, "hello", programs.Opening{Desk: true}, now)
	if err != nil {
		t.Fatal(err)
	}
	job.Set("role", "cashier")
	if err := h.Save(job); err != nil {
		t.Fatal(err)
	}
	if _, claims, err := programs.Running(h.App, mia, "hello", launched.Token, now); err != nil || claims.Desk != "cashier" {
		t.Errorf("after the demotion: %q %v", claims.Desk, err)
	}
	if err := h.Delete(job); err != nil {
		t.Fatal(err)
	}
	_, _, err = programs.Running(h.App, mia, "hello", launched.Token, now)
	want(t, err, programs.ErrDeskStaff)
	if _, err := programs.Launch(h.App, mia, "hello", programs.Opening{}, now); err != nil {
		t.Errorf("as a customer: %v", err)
	}
}

// A program without a desk has none to open; a person's program has one for that person; a trial version has its own.
func TestDesksOfPersonsAndTrials(t *testing.T) {
	h, _ := open(t)
	_, err := programs.Launch(h.App, h.owner, "hello", programs.Opening{Desk: true}, now)
	want(t, err, programs.ErrNoDesk)
	h.upload(t, pack(t, withDesk(t)))
	launched, err := programs.Launch(h.App, h.owner, "hello", programs.Opening{Desk: true, Version: 2}, now)
	if err != nil || !launched.Trial || launched.Role != identity.Owner {
		t.Fatalf("the trial: %+v %v", launched.Role, err)
	}
	if _, claims, err := programs.Running(h.App, h.owner, "hello", launched.Token, now); err != nil || claims.Desk != "owner" || !claims.Trial {
		t.Errorf("%+v %v", claims, err)
	}
	if desks, err := programs.Desks(h.App, h.owner); err != nil || len(desks) != 0 {
		t.Errorf("a trial is listed: %+v %v", desks, err)
	}

	files := withDesk(t)
	files["manifest.json"] = []byte(`{"app_id":"solo","name":"Mine","x_plaza":{"desk":"pages/index/index"}}`)
	if _, err := programs.Upload(h.App, programs.Owner{User: h.customer.Id}, "solo", bytes.NewReader(pack(t, files)), "", h.customer.Id, now); err != nil {
		t.Fatalf("%v %v", err, findings(err))
	}
	if _, err := programs.Launch(h.App, h.customer, "solo", programs.Opening{Desk: true, Version: 1}, now); err != nil {
		t.Errorf("a person's own desk: %v", err)
	}
	if _, err := programs.Launch(h.App, h.owner, "solo", programs.Opening{Desk: true, Version: 1}, now); err == nil {
		t.Error("somebody else's desk opened")
	}
}

// The desk is a page of the package.
func TestDeskMustBeAPage(t *testing.T) {
	h := newHouse(t)
	files := project(t)
	files["manifest.json"] = []byte(`{"app_id":"hello","name":"Hello","x_plaza":{"desk":"pages/none/none"}}`)
	_, err := h.send(h.org, "hello", pack(t, files), h.owner.Id)
	want(t, err, programs.ErrInvalid)
}
