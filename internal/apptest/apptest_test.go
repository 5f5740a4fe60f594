package apptest_test

import (
	"testing"

	"plaza.internal/plaza/internal/apptest"
)

// A test app has the schema and is its own: what one test writes another does not see.
func TestNewAppHasTheSchema(t *testing.T) {
	app := apptest.New(t)
	for _, name := range []string{"users", "orgs", "staff", "places"} {
		if _, err := app.FindCollectionByNameOrId(name); err != nil {
			t.Errorf("collection %s: %v", name, err)
		}
	}
}
