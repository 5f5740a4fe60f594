package identity_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/identity"
)

// A role is looked up for one organisation only, and asked for by name.
func TestRequire(t *testing.T) {
	app := apptest.New(t)
	w := settle(t, app, 1)
	for _, c := range []struct {
		who   string
		roles []identity.Role
		want  error
	}{
		{"owner", nil, nil},
		{"cashier", nil, nil},
		{"cashier", []identity.Role{identity.Owner, identity.Manager}, identity.ErrRoleRequired},
		{"manager", []identity.Role{identity.Owner, identity.Manager}, nil},
		{"stranger", nil, identity.ErrNotStaff},
		{"rival", []identity.Role{identity.Owner}, identity.ErrNotStaff},
		{"operator", nil, identity.ErrNotStaff},
	} {
		role, err := identity.Require(app, w.person[c.who], w.org.Id, c.roles...)
		if !errors.Is(err, c.want) {
			t.Errorf("%s with %v: %v, want %v", c.who, c.roles, err, c.want)
		}
		if err == nil && string(role) != c.who {
			t.Errorf("%s has role %s", c.who, role)
		}
	}
	if _, err := identity.Require(app, nil, w.org.Id); !errors.Is(err, identity.ErrNotStaff) {
		t.Errorf("nobody: %v", err)
	}
	if !identity.IsOperator(w.person["operator"]) || identity.IsOperator(w.person["owner"]) || identity.IsOperator(nil) {
		t.Error("IsOperator is wrong")
	}
}

// Two programs cannot find out that they have the same user; one program always recognises hers, also
// after a restart; and the key that this rests on is for the owner of the files alone.
func TestPseudonyms(t *testing.T) {
	app := apptest.New(t)
	id := func(make func() (string, error)) string {
		t.Helper()
		out, err := make()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	open := func(user, app2 string) string {
		return id(func() (string, error) { return identity.OpenID(app, user, app2) })
	}
	union := func(user, org string) string {
		return id(func() (string, error) { return identity.UnionID(app, user, org) })
	}
	first := open("u1", "wx1")
	seen := map[string]bool{first: true}
	for _, other := range []string{open("u2", "wx1"), open("u1", "wx2"), union("u1", "wx1"), union("u1", "wx2"), open("1", "wxu1")} {
		if seen[other] {
			t.Errorf("pseudonym %s was given out twice", other)
		}
		seen[other] = true
	}
	app.Store().Remove("plaza.identity.secret") // what a restart forgets
	if again := open("u1", "wx1"); again != first {
		t.Errorf("after a restart %s, was %s", again, first)
	}
	path := filepath.Join(app.DataDir(), "identity.key")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	app.Store().Remove("plaza.identity.secret")
	if _, err := identity.OpenID(app, "u1", "wx1"); err == nil {
		t.Error("a damaged key was used")
	}
}

// The key is made once, whoever comes first.
func TestSecretIsMadeOnce(t *testing.T) {
	app := apptest.New(t)
	ids := make([]string, 16)
	var together sync.WaitGroup
	for i := range ids {
		together.Go(func() {
			id, err := identity.OpenID(app, "u", "wx")
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	together.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("%s and %s", id, ids[0])
		}
	}
}

// Signing up takes an address and a password; the rest comes from the browser.
func TestSignUpFillsInNameAndLanguage(t *testing.T) {
	app := apptest.New(t, identity.Register)
	client := apptest.NewClient(t, app)
	for _, c := range []struct{ email, header, given, name, language string }{
		{"ada@plaza.test", "fr-CA,fr;q=0.9,en;q=0.8", "", "ada", "fr"},
		{"li@plaza.test", "de, zh-Hans-CN;q=0.5", "", "li", "zh"},
		{"bob@plaza.test", "de", "Bob B.", "Bob B.", "en"},
		{"eve@plaza.test", "", "", "eve", "en"},
	} {
		answer := client.Must(200, "POST", "/api/collections/users/records", "", map[string]any{
			"email": c.email, "password": apptest.Password, "passwordConfirm": apptest.Password, "name": c.given,
		}, map[string]string{"Accept-Language": c.header})
		if answer.Text("name") != c.name || answer.Text("language") != c.language {
			t.Errorf("%s became %s, %s", c.email, answer.Text("name"), answer.Text("language"))
		}
	}
	// SDKs send these with their default value.
	client.Must(200, "POST", "/api/collections/users/records", "", map[string]any{
		"email": "sdk@plaza.test", "password": apptest.Password, "passwordConfirm": apptest.Password,
		"verified": false, "emailVisibility": false,
	})
}

// An organisation that nobody owns could never be repaired from the console.
func TestAnOrganisationKeepsAnOwner(t *testing.T) {
	app := apptest.New(t, identity.Register)
	client := apptest.NewClient(t, app)
	w := settle(t, app, 1)
	owner := apptest.Token(t, w.person["owner"])
	row, err := app.FindFirstRecordByFilter("staff", "user = {:user}", dbx.Params{"user": w.person["owner"].Id})
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/collections/staff/records/" + row.Id
	for _, answer := range []apptest.Answer{
		client.Do("PATCH", path, owner, map[string]any{"role": "cashier"}),
		client.Do("DELETE", path, owner, nil),
	} {
		if answer.Status != 409 || answer.Code() != "last_owner" {
			t.Errorf("answered %d %s", answer.Status, answer.Body)
		}
	}
	if _, err := identity.Require(app, w.person["owner"], w.org.Id, identity.Owner); err != nil {
		t.Errorf("the owner after it: %v", err)
	}
	apptest.Staff(t, app, w.org, w.person["stranger"], "owner")
	client.Must(204, "DELETE", path, owner, nil)
}
