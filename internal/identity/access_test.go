package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/identity"
)

// town is one organisation with everybody who could want something of it.
type town struct {
	org, place, cashierRow *core.Record
	person                 map[string]*core.Record
}

func settle(t *testing.T, app core.App, n int) town {
	t.Helper()
	name := func(role string) string { return fmt.Sprintf("%s %d", role, n) }
	w := town{person: map[string]*core.Record{}}
	w.org = apptest.Org(t, app, fmt.Sprintf("shop-%d", n))
	w.place = apptest.Place(t, app, w.org, "High Street")
	for _, role := range []string{"owner", "manager", "cashier"} {
		w.person[role] = apptest.Person(t, app, name(role))
		row := apptest.Staff(t, app, w.org, w.person[role], role)
		if role == "cashier" {
			w.cashierRow = row
		}
	}
	w.person["stranger"] = apptest.Person(t, app, name("stranger"))
	w.person["rival"] = apptest.Person(t, app, name("rival"))
	apptest.Staff(t, app, apptest.Org(t, app, fmt.Sprintf("rival-%d", n)), w.person["rival"], "owner")
	w.person["operator"] = apptest.Operator(t, app, name("operator"))
	return w
}

// Everything that the rules of users, orgs, staff and places allow, and nothing else. The letters are list,
// view, create, update and delete of a record of the town; "self" is the record's own person.
func TestWhoMayDoWhat(t *testing.T) {
	app := apptest.New(t, identity.Register)
	client := apptest.NewClient(t, app)
	table := map[string]map[string]string{
		"users": {
			"guest": "c", "self": "lvcu", "stranger": "c", "cashier": "c", "manager": "c", "owner": "c", "rival": "c", "operator": "c",
		},
		"orgs": {
			"guest": "lv", "stranger": "lv", "cashier": "lv", "manager": "lv", "owner": "lvu", "rival": "lv", "operator": "lvcu",
		},
		"staff": {
			"guest": "", "stranger": "", "cashier": "lv", "manager": "", "owner": "lvcud", "rival": "", "operator": "lvc",
		},
		"places": {
			"guest": "lv", "stranger": "lv", "cashier": "lv", "manager": "lvcu", "owner": "lvcu", "rival": "lv", "operator": "lv",
		},
	}
	n := 0
	for collection, roles := range table {
		for role, want := range roles {
			n++
			w := settle(t, app, n)
			target, create, update := w.wish(t, app, collection, n)
			token := ""
			switch {
			case role == "self":
				token = apptest.Token(t, target)
			case role != "guest":
				token = apptest.Token(t, w.person[role])
			}
			base := "/api/collections/" + collection + "/records"
			var got strings.Builder
			list := client.Do("GET", base+"?perPage=500", token, nil)
			if strings.Contains(string(list.Body), `"id":"`+target.Id+`"`) {
				got.WriteByte('l')
			}
			for _, try := range []struct {
				letter       byte
				method, path string
				body         any
			}{
				{'v', "GET", base + "/" + target.Id, nil},
				{'c', "POST", base, create},
				{'u', "PATCH", base + "/" + target.Id, update},
				{'d', "DELETE", base + "/" + target.Id, nil},
			} {
				if answer := client.Do(try.method, try.path, token, try.body); answer.Status < 300 {
					got.WriteByte(try.letter)
				}
			}
			if got.String() != want {
				t.Errorf("%s: a %s may %q, want %q", collection, role, got.String(), want)
			}
		}
	}
}

// wish is a record of the town in that collection, with a body that creates another and one that changes it.
func (w town) wish(t *testing.T, app core.App, collection string, n int) (target *core.Record, create, update map[string]any) {
	t.Helper()
	switch collection {
	case "users":
		email := fmt.Sprintf("new-%d@plaza.test", n)
		return apptest.Person(t, app, fmt.Sprintf("target %d", n)),
			map[string]any{"email": email, "password": apptest.Password, "passwordConfirm": apptest.Password},
			map[string]any{"name": "New name"}
	case "orgs":
		return w.org, map[string]any{
			"name": "New", "slug": fmt.Sprintf("new-%d", n), "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris",
		}, map[string]any{"description": "Better"}
	case "staff":
		newcomer := apptest.Person(t, app, fmt.Sprintf("newcomer %d", n))
		return w.cashierRow, map[string]any{"org": w.org.Id, "user": newcomer.Id, "role": "cashier"}, map[string]any{"role": "manager"}
	}
	return w.place, map[string]any{"org": w.org.Id, "name": "Annex", "timezone": "Europe/Paris"}, map[string]any{"closed": true}
}

// The ways in which people try to raise themselves. All are refused, and nothing has changed afterwards.
func TestNobodyRaisesTheirOwnRights(t *testing.T) {
	app := apptest.New(t, identity.Register)
	client := apptest.NewClient(t, app)
	w := settle(t, app, 1)
	rivalOrg, err := app.FindFirstRecordByData("orgs", "slug", "rival-1")
	if err != nil {
		t.Fatal(err)
	}
	users, orgs, staff, places := "/api/collections/users/records", "/api/collections/orgs/records/"+w.org.Id,
		"/api/collections/staff/records", "/api/collections/places/records"
	signUp := func(more string) string {
		return `{"email":"evil@plaza.test","password":"plaza-test-2026","passwordConfirm":"plaza-test-2026"` + more + `}`
	}
	row := func(org, user, role string) string {
		return fmt.Sprintf(`{"org":%q,"user":%q,"role":%q}`, org, user, role)
	}
	id := func(role string) string { return w.person[role].Id }
	for _, try := range []struct{ name, who, method, path, body string }{
		{"sign up as operator", "", "POST", users, signUp(`,"operator":true`)},
		{"sign up as operator by a modifier", "", "POST", users, signUp(`,"operator":false,"operator+":true`)},
		{"sign up as verified", "", "POST", users, signUp(`,"verified":true`)},
		{"sign up as verified in text", "", "POST", users, signUp(`,"verified":"true"`)},
		{"sign up with a public address", "", "POST", users, signUp(`,"emailVisibility":true`)},
		{"sign up with a public address in text", "", "POST", users, signUp(`,"emailVisibility":"1"`)},
		{"sign up under an id of one's choice", "", "POST", users, signUp(`,"id":"abcdefghijklmno"`)},
		{"become operator", "stranger", "PATCH", users + "/" + id("stranger"), `{"operator":true}`},
		{"verify oneself", "stranger", "PATCH", users + "/" + id("stranger"), `{"verified":true}`},
		{"change another person", "stranger", "PATCH", users + "/" + id("owner"), `{"name":"Fool"}`},
		{"certify oneself", "owner", "PATCH", orgs, `{"certified":true}`},
		{"certify oneself in text", "owner", "PATCH", orgs, `{"certified":"true"}`},
		{"change the currency", "owner", "PATCH", orgs, `{"currency":"JPY"}`},
		{"take another slug", "operator", "PATCH", orgs, `{"slug":"famous"}`},
		{"certify without an organisation", "rival", "PATCH", orgs, `{"certified":true}`},
		{"certify without papers", "operator", "PATCH", orgs, `{"certified":true}`},
		{"certify an agency without papers", "operator", "PATCH", orgs, `{"certified_agency":true}`},
		{"certify for ever", "operator", "PATCH", orgs, `{"certified_until":"2099-01-01"}`},
		{"prolong one's own seal", "owner", "PATCH", orgs, `{"certified_until":"2099-01-01"}`},
		{"hide in a name", "stranger", "PATCH", users + "/" + id("stranger"), `{"name":"Pla\u200bza"}`},
		{"turn a name round", "owner", "PATCH", orgs, `{"name":"\u202eazalP"}`},
		{"be the house", "owner", "PATCH", orgs, `{"kind":"host"}`},
		{"be one's own agency", "owner", "PATCH", orgs, `{"certified_agency":true}`},
		{
			"found a certified shop", "operator", "POST", "/api/collections/orgs/records",
			`{"name":"New","slug":"new-1","kind":"merchant","currency":"EUR","timezone":"Europe/Paris","certified":true}`,
		},
		{
			"write a certification", "operator", "POST", "/api/collections/certifications/records",
			fmt.Sprintf(`{"org":%q,"kind":"business","state":"certified","legal_name":"x","registration":"x","country":"FR"}`, w.org.Id),
		},
		{"hire oneself", "stranger", "POST", staff, row(w.org.Id, id("stranger"), "owner")},
		{"hire oneself in another's shop", "rival", "POST", staff, row(w.org.Id, id("rival"), "owner")},
		{"hire an accomplice in another's shop", "rival", "POST", staff, row(w.org.Id, id("stranger"), "owner")},
		{"hire as a manager", "manager", "POST", staff, row(w.org.Id, id("stranger"), "cashier")},
		{"promote oneself", "cashier", "PATCH", staff + "/" + w.cashierRow.Id, `{"role":"owner"}`},
		{"appoint oneself as operator", "operator", "POST", staff, row(w.org.Id, id("operator"), "owner")},
		{"move a row to another shop", "owner", "PATCH", staff + "/" + w.cashierRow.Id, fmt.Sprintf(`{"org":%q}`, rivalOrg.Id)},
		{"move a row to another person", "owner", "PATCH", staff + "/" + w.cashierRow.Id, fmt.Sprintf(`{"user":%q}`, id("stranger"))},
		{"open a place for another shop", "manager", "POST", places, fmt.Sprintf(`{"org":%q,"name":"x","timezone":"UTC"}`, rivalOrg.Id)},
		{"move a place to another shop", "manager", "PATCH", places + "/" + w.place.Id, fmt.Sprintf(`{"org":%q}`, rivalOrg.Id)},
	} {
		token := ""
		if try.who != "" {
			token = apptest.Token(t, w.person[try.who])
		}
		if answer := client.Do(try.method, try.path, token, try.body); answer.Status < 400 {
			t.Errorf("%s: answered %d %s", try.name, answer.Status, answer.Body)
		}
	}
	for query, want := range map[string]int{
		"SELECT count(*) FROM users WHERE operator = TRUE":       1,
		"SELECT count(*) FROM users WHERE emailVisibility":       0,
		"SELECT count(*) FROM users WHERE email LIKE 'evil%'":    0,
		"SELECT count(*) FROM orgs WHERE certified":              0,
		"SELECT count(*) FROM orgs WHERE certified_agency":       0,
		"SELECT count(*) FROM orgs WHERE certified_until != ''":  0,
		"SELECT count(*) FROM certifications":                    0,
		"SELECT count(*) FROM orgs WHERE kind = 'host'":          0,
		"SELECT count(*) FROM staff":                             4,
		"SELECT count(*) FROM staff WHERE role = 'owner'":        2,
		"SELECT count(*) FROM places":                            1,
		"SELECT count(*) FROM orgs WHERE slug LIKE '%-1'":        2,
		"SELECT count(*) FROM users WHERE NOT verified":          0,
		"SELECT count(*) FROM orgs WHERE currency <> 'EUR'":      0,
		"SELECT count(*) FROM users WHERE name IN ('Fool', '')":  0,
		"SELECT count(*) FROM staff WHERE role NOT IN ('owner')": 2,
	} {
		var got int
		if err := app.DB().NewQuery(query).Row(&got); err != nil || got != want {
			t.Errorf("%s: %d, want %d (%v)", query, got, want, err)
		}
	}
}

// Founding a shop is the operator's: create it, appoint its first owner.
func TestOperatorFounds(t *testing.T) {
	app := apptest.New(t, identity.Register)
	client := apptest.NewClient(t, app)
	w := settle(t, app, 1)
	operator := apptest.Token(t, w.person["operator"])
	founded := client.Must(200, "POST", "/api/collections/orgs/records", operator,
		map[string]any{"name": "Baker", "slug": "baker", "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris"})
	client.Must(200, "POST", "/api/collections/staff/records", operator,
		map[string]any{"org": founded.Text("id"), "user": w.person["stranger"].Id, "role": "owner"})
	client.Must(200, "PATCH", "/api/collections/orgs/records/"+founded.Text("id"), apptest.Token(t, w.person["stranger"]),
		map[string]any{"description": "Bread since 1900"})
}

// A seal speaks for the name that the papers were looked at for: under it, an owner does not take another.
func TestNobodyChangesTheirNameUnderASeal(t *testing.T) {
	app := apptest.New(t)
	client := apptest.NewClient(t, app)
	w := settle(t, app, 1)
	address, owner := "/api/collections/orgs/records/"+w.org.Id, apptest.Token(t, w.person["owner"])
	client.Must(200, "PATCH", address, owner, map[string]any{"name": "Before the seal"})
	for _, field := range []string{"certified", "certified_agency"} {
		org, err := app.FindRecordById("orgs", w.org.Id)
		if err != nil {
			t.Fatal(err)
		}
		org.Load(map[string]any{"certified": false, "certified_agency": false, field: true})
		if err := app.Save(org); err != nil {
			t.Fatal(err)
		}
		if got := client.Do("PATCH", address, owner, map[string]any{"name": "Plaza"}); got.Status < 400 {
			t.Errorf("%s: another name: %d %s", field, got.Status, got.Body)
		}
		client.Must(200, "PATCH", address, owner, map[string]any{"name": "Before the seal", "description": "The same name."})
	}
	client.Must(200, "PATCH", address, apptest.Token(t, w.person["operator"]), map[string]any{"name": "As the papers say now"})
}
