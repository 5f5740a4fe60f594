package apptest

import (
	"maps"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
)

// Password is that of every Person.
const Password = "plaza-test-2026"

// Person signs somebody up; the address is name@plaza.test.
func Person(t testing.TB, app core.App, name string) *core.Record {
	t.Helper()
	return Record(t, app, "users", map[string]any{
		"email": strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@plaza.test", "password": Password,
		"name": name, "language": "en", "verified": true,
	})
}

// Operator is a Person who runs the house.
func Operator(t testing.TB, app core.App, name string) *core.Record {
	t.Helper()
	user := Person(t, app, name)
	user.Set("operator", true)
	if err := app.Save(user); err != nil {
		t.Fatalf("make %s operator: %v", name, err)
	}
	return user
}

// Token signs the user in.
func Token(t testing.TB, user *core.Record) string {
	t.Helper()
	token, err := user.NewAuthToken()
	if err != nil {
		t.Fatalf("token: %v", err)
	}
	return token
}

// Org founds a merchant in Paris that trades in euros.
func Org(t testing.TB, app core.App, slug string) *core.Record {
	t.Helper()
	return Record(t, app, "orgs", map[string]any{
		"name": slug, "slug": slug, "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris", "country": "FR",
	})
}

// Place opens a place of the organisation.
func Place(t testing.TB, app core.App, org *core.Record, name string) *core.Record {
	t.Helper()
	return Record(t, app, "places", map[string]any{"org": org.Id, "name": name, "timezone": org.GetString("timezone")})
}

// Staff gives the user a role in the organisation: owner, manager or cashier.
func Staff(t testing.TB, app core.App, org, user *core.Record, role string) *core.Record {
	t.Helper()
	return Record(t, app, "staff", map[string]any{"org": org.Id, "user": user.Id, "role": role})
}

// Product lists a product of the organisation at price minor units; more overrides its other fields.
func Product(t testing.TB, app core.App, org *core.Record, gtin14, name string, price int64, more map[string]any) *core.Record {
	t.Helper()
	fields := map[string]any{
		"org": org.Id, "gtin": gtin14, "name": name, "price": price,
		"currency": org.GetString("currency"), "vat_bp": 550,
	}
	maps.Copy(fields, more)
	return Record(t, app, "products", fields)
}

// Record saves a record of the collection, with all validators and hooks.
func Record(t testing.TB, app core.App, collection string, fields map[string]any) *core.Record {
	t.Helper()
	found, err := app.FindCollectionByNameOrId(collection)
	if err != nil {
		t.Fatalf("collection %s: %v", collection, err)
	}
	record := core.NewRecord(found)
	record.Load(fields)
	if err := app.Save(record); err != nil {
		t.Fatalf("save in %s: %v", collection, err)
	}
	return record
}
