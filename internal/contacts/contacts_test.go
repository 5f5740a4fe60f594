package contacts_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/contacts"
	"plaza.internal/plaza/internal/jobs"
)

var noon = time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)

type town struct {
	core.App
	t      testing.TB
	people map[string]*core.Record
}

func newTown(t testing.TB) *town {
	t.Helper()
	app := apptest.New(t, contacts.Register)
	clock.Set(app, noon)
	return &town{App: app, t: t, people: map[string]*core.Record{}}
}

func (h *town) who(name string) *core.Record {
	h.t.Helper()
	if h.people[name] == nil {
		h.people[name] = apptest.Person(h.t, h.App, name)
	}
	return h.people[name]
}

func (h *town) invite(name string) string {
	h.t.Helper()
	made, err := contacts.MakeInvite(h.App, h.who(name), noon)
	if err != nil {
		h.t.Fatal(err)
	}
	return made.Code
}

func (h *town) accept(name, code string) contacts.Contact {
	h.t.Helper()
	made, err := contacts.Accept(h.App, h.who(name), code, noon)
	if err != nil {
		h.t.Fatal(err)
	}
	return made
}

// friends is who sees whom: the same from both sides, or the test ends.
func (h *town) friends(name string) string {
	h.t.Helper()
	ids, err := contacts.Friends(h.App, h.who(name).Id)
	if err != nil {
		h.t.Fatal(err)
	}
	var names []string
	for other, person := range h.people {
		for _, id := range ids {
			if person.Id != id {
				continue
			}
			names = append(names, other)
			back, err := contacts.Friends(h.App, id)
			if err != nil || !strings.Contains(fmt.Sprint(back), h.who(name).Id) {
				h.t.Errorf("%s sees %s, who does not see %s: %v (%v)", name, other, name, back, err)
			}
		}
	}
	if len(names) != len(ids) {
		h.t.Errorf("%s has friends that the test does not know: %v", name, ids)
	}
	return strings.Join(names, " ")
}

func want(t testing.TB, err, expected error) {
	t.Helper()
	if !errors.Is(err, expected) {
		t.Errorf("got %v, want %v", err, expected)
	}
}

// An invitation makes friends of two who both want it, once; nobody is a friend of somebody by being guessed.
func TestAnInvitationMakesFriends(t *testing.T) {
	h := newTown(t)
	code := h.invite("Ana")
	if looked, err := contacts.Look(h.App, h.who("Ben"), code, noon); err != nil || looked.Name != "Ana" || looked.Mine || looked.Friend {
		t.Errorf("Ben sees %+v (%v)", looked, err)
	}
	if h.friends("Ana")+h.friends("Ben") != "" {
		t.Error("looking makes friends")
	}
	met := h.accept("Ben", strings.ToUpper(code))
	if again := h.accept("Ben", code); met.Name != "Ana" || again.ID != met.ID {
		t.Errorf("%+v, then %+v", met, again)
	}
	if h.friends("Ana") != "Ben" || h.friends("Ben") != "Ana" {
		t.Errorf("Ana has %q, Ben has %q", h.friends("Ana"), h.friends("Ben"))
	}
	list, err := contacts.Contacts(h.App, h.who("Ana"), noon)
	if err != nil || len(list.Friends) != 1 || list.Friends[0].ID != met.ID || len(list.Invites) != 1 || list.Invites[0].UsesLeft != contacts.InviteUses-1 {
		t.Errorf("Ana's list is %+v (%v)", list, err)
	}
	text, _ := json.Marshal(list)
	for _, person := range h.people {
		if strings.Contains(string(text), person.Id) {
			t.Errorf("an id is told: %s", text)
		}
	}
	_, err = contacts.Accept(h.App, h.who("Ana"), code, noon)
	want(t, err, contacts.ErrOwnInvite)
	for _, bad := range []string{"", "aaaaaaaaaaaaaaaa", code + "a", "' OR 1=1 --"} {
		_, err = contacts.Accept(h.App, h.who("Eve"), bad, noon)
		want(t, err, contacts.ErrInvite)
	}
}

// An invitation ends after a week, when it is withdrawn, when it is used up, and when there are too many later ones.
func TestInvitationsEnd(t *testing.T) {
	h := newTown(t)
	code := h.invite("Ana")
	_, err := contacts.Accept(h.App, h.who("Ben"), code, noon.Add(contacts.InviteTTL))
	want(t, err, contacts.ErrInvite)
	if _, err = contacts.Accept(h.App, h.who("Ben"), code, noon.Add(contacts.InviteTTL-time.Second)); err != nil {
		t.Error(err)
	}
	want(t, contacts.Withdraw(h.App, h.who("Eve"), code), nil) // which is not hers, and stays
	if _, err = contacts.Look(h.App, h.who("Cid"), code, noon); err != nil {
		t.Error(err)
	}
	want(t, contacts.Withdraw(h.App, h.who("Ana"), code), nil)
	_, err = contacts.Accept(h.App, h.who("Cid"), code, noon)
	want(t, err, contacts.ErrInvite)
	first := h.invite("Ana")
	for i := range contacts.InvitesOpen {
		if _, err := contacts.MakeInvite(h.App, h.who("Ana"), noon.Add(time.Duration(i+1)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	_, err = contacts.Look(h.App, h.who("Cid"), first, noon)
	want(t, err, contacts.ErrInvite)
}

// However many accept at once, an invitation makes as many friends as it says, and a pair is one pair.
func TestAcceptingAtOnce(t *testing.T) {
	h := newTown(t)
	code := h.invite("Ana")
	for i := range 2 * contacts.InviteUses {
		h.who(fmt.Sprint("P", i))
	}
	var all sync.WaitGroup
	for i := range 2 * contacts.InviteUses {
		for range 3 {
			all.Go(func() {
				if _, err := contacts.Accept(h.App, h.who(fmt.Sprint("P", i)), code, noon); err != nil && !errors.Is(err, contacts.ErrInvite) {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if n := len(strings.Fields(h.friends("Ana"))); n != contacts.InviteUses {
		t.Errorf("it made %d friends", n)
	}
	// Two who invite each other at the same moment are one pair.
	one, other := h.invite("Ben"), h.invite("Cid")
	all.Go(func() { h.accept("Cid", one) })
	all.Go(func() { h.accept("Ben", other) })
	all.Wait()
	if h.friends("Ben") != "Cid" {
		t.Errorf("Ben has %q", h.friends("Ben"))
	}
}

// Ending a friendship ends it for both; who ended it can bring it back for a moment, the other cannot.
func TestRemovingAndBringingBack(t *testing.T) {
	h := newTown(t)
	met := h.accept("Ben", h.invite("Ana"))
	want(t, contacts.Remove(h.App, h.who("Eve"), met.ID, noon), contacts.ErrUnknown)
	want(t, contacts.Remove(h.App, h.who("Ana"), met.ID, noon), nil)
	want(t, contacts.Remove(h.App, h.who("Ana"), met.ID, noon), nil)
	if h.friends("Ana")+h.friends("Ben") != "" {
		t.Error("they are friends still")
	}
	_, err := contacts.Restore(h.App, h.who("Ben"), met.ID, noon)
	want(t, err, contacts.ErrTooLate)
	_, err = contacts.Restore(h.App, h.who("Ana"), met.ID, noon.Add(contacts.UndoFor+time.Second))
	want(t, err, contacts.ErrTooLate)
	if back, err := contacts.Restore(h.App, h.who("Ana"), met.ID, noon.Add(contacts.UndoFor)); err != nil || back.Name != "Ben" || h.friends("Ben") != "Ana" {
		t.Errorf("%+v (%v)", back, err)
	}
	want(t, contacts.Remove(h.App, h.who("Ben"), met.ID, noon), nil)
	clock.Set(h.App, noon.Add(2*time.Hour))
	if _, err := jobs.RunDue(h.App, noon.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, err = contacts.Restore(h.App, h.who("Ben"), met.ID, noon)
	want(t, err, contacts.ErrUnknown)
	h.accept("Ben", h.invite("Ana")) // and they may meet again
}

// Who is blocked is no friend, cannot come back, and is told no more than anybody with an old invitation.
func TestBlocking(t *testing.T) {
	h := newTown(t)
	met := h.accept("Eve", h.invite("Ana"))
	want(t, contacts.Block(h.App, h.who("Ana"), met.ID, noon), nil)
	if h.friends("Ana")+h.friends("Eve") != "" {
		t.Error("they are friends still")
	}
	code := h.invite("Ana")
	_, err := contacts.Accept(h.App, h.who("Eve"), code, noon)
	want(t, err, contacts.ErrInvite)
	_, err = contacts.Look(h.App, h.who("Eve"), code, noon)
	want(t, err, contacts.ErrInvite)
	_, err = contacts.Restore(h.App, h.who("Eve"), met.ID, noon)
	want(t, err, contacts.ErrTooLate)
	list, err := contacts.Contacts(h.App, h.who("Eve"), noon)
	if err != nil || len(list.Friends)+len(list.Blocked) != 0 {
		t.Errorf("Eve sees %+v (%v)", list, err)
	}
	if list, err = contacts.Contacts(h.App, h.who("Ana"), noon); err != nil || len(list.Blocked) != 1 || list.Blocked[0].Name != "Eve" {
		t.Errorf("Ana sees %+v (%v)", list, err)
	}
	want(t, contacts.Unblock(h.App, h.who("Eve"), met.ID), nil) // takes away a block that Eve does not have
	_, err = contacts.Accept(h.App, h.who("Eve"), code, noon)
	want(t, err, contacts.ErrInvite)
	want(t, contacts.Unblock(h.App, h.who("Ana"), met.ID), nil)
	if h.friends("Ana") != "" {
		t.Error("unblocking made friends")
	}
	h.accept("Eve", code)
	// Who has blocked somebody and accepts their invitation has thought better of it.
	want(t, contacts.Block(h.App, h.who("Ana"), met.ID, noon), nil)
	h.accept("Ana", h.invite("Eve"))
	if h.friends("Eve") != "Ana" {
		t.Errorf("Eve has %q", h.friends("Eve"))
	}
}

// Nobody has more friends than the limit, on either side; and nobody's friends outlive their account.
func TestLimitsAndLeaving(t *testing.T) {
	h := newTown(t)
	code := h.invite("Ana")
	h.accept("Ben", code)
	_, err := h.NonconcurrentDB().NewQuery(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {:n})
		INSERT INTO contacts_pairs (id, one, other, since) SELECT 'pair' || i, 'A' || i, {:ana}, 1 FROM n`).
		Bind(dbx.Params{"n": contacts.FriendsLimit - 1, "ana": h.who("Ana").Id}).Execute()
	if err != nil && !strings.Contains(err.Error(), "CHECK") {
		t.Fatal(err)
	}
	if err == nil {
		_, err = contacts.Accept(h.App, h.who("Cid"), code, noon)
		want(t, err, contacts.ErrFull)
		_, err = contacts.Accept(h.App, h.who("Ana"), h.invite("Cid"), noon)
		want(t, err, contacts.ErrFull)
	}
	if err := h.Delete(h.who("Ana")); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"pairs", "invites WHERE person = {:ana}"} {
		var n int
		if err := h.DB().NewQuery("SELECT COUNT(*) FROM contacts_" + table).Bind(dbx.Params{"ana": h.who("Ana").Id}).Row(&n); err != nil || n != 0 {
			t.Errorf("%d of %s outlive Ana (%v)", n, table, err)
		}
	}
}

// The routes answer what the verbs do, to who is signed in.
func TestRoutes(t *testing.T) {
	h := newTown(t)
	client := apptest.NewClient(t, h.App)
	ana, ben := apptest.Token(t, h.who("Ana")), apptest.Token(t, h.who("Ben"))
	client.Must(http.StatusUnauthorized, "POST", "/api/contacts/invite", "", nil)
	made := client.Must(200, "POST", "/api/contacts/invite", ana, nil)
	code := made.Text("code")
	if made.Text("url") != "/friends/"+code || len(code) != 16 {
		t.Errorf("the invitation is %s", made.Body)
	}
	client.Must(200, "GET", "/api/contacts/invites/"+code, ben, nil)
	id := client.Must(200, "POST", "/api/contacts/accept", ben, map[string]any{"code": code}).Text("id")
	client.Must(204, "DELETE", "/api/contacts/"+id, ana, nil)
	client.Must(200, "POST", "/api/contacts/"+id+"/restore", ana, nil)
	client.Must(204, "POST", "/api/contacts/"+id+"/block", ana, nil)
	client.Must(204, "POST", "/api/contacts/"+id+"/unblock", ana, nil)
	client.Must(204, "DELETE", "/api/contacts/invites/"+code, ana, nil)
	if got := client.Do("POST", "/api/contacts/accept", ben, map[string]any{"code": code}); got.Code() != "invite_invalid" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := client.Must(200, "GET", "/api/contacts", ana, nil); strings.Contains(string(got.Body), h.who("Ben").Id) {
		t.Errorf("%s", got.Body)
	}
}
