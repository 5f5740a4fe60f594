package identity_test

import (
	"errors"
	"sync"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/identity"
)

// A program's server may name people by the openid that it knows, but only those who have opened the program.
func TestAnOpenIDFindsItsPerson(t *testing.T) {
	app := apptest.New(t, identity.Register)
	ana, ben := apptest.Person(t, app, "Ana"), apptest.Person(t, app, "Ben")
	openID, err := identity.OpenID(app, ana.Id, "bakery")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.ByOpenID(app, openID, "bakery"); !errors.Is(err, identity.ErrOpenIDUnknown) {
		t.Errorf("somebody who never came is found (%v)", err)
	}
	var all sync.WaitGroup
	for range 8 { // several devices at once
		all.Go(func() {
			if met, err := identity.Meet(app, ana.Id, "bakery"); err != nil || met != openID {
				t.Errorf("met %s, want %s (%v)", met, openID, err)
			}
		})
	}
	all.Wait()
	if user, err := identity.ByOpenID(app, openID, "bakery"); err != nil || user != ana.Id {
		t.Errorf("found %s (%v)", user, err)
	}
	if _, err := identity.ByOpenID(app, openID, "florist"); !errors.Is(err, identity.ErrOpenIDUnknown) {
		t.Errorf("another program finds the person by it (%v)", err)
	}
	if err := app.Delete(ana); err != nil {
		t.Fatal(err)
	}
	if _, err := identity.ByOpenID(app, openID, "bakery"); !errors.Is(err, identity.ErrOpenIDUnknown) {
		t.Errorf("a person who is gone is found (%v)", err)
	}

	// Whoever used the program before openids were kept is found, too.
	program := apptest.Record(t, app, "programs", map[string]any{"appid": "bakery", "name": "Bakery", "status": "live", "owner": ben.Id, "kind": "app", "tier": "reviewed"})
	apptest.Record(t, app, "programs_uses", map[string]any{"program": program.Id, "user": ben.Id, "opens": 1})
	bens, err := identity.OpenID(app, ben.Id, "bakery")
	if err != nil {
		t.Fatal(err)
	}
	if user, err := identity.ByOpenID(app, bens, "bakery"); err != nil || user != ben.Id {
		t.Errorf("found %s (%v)", user, err)
	}
}
