package gateway_test

import (
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/gateway"
)

// Papers and codes lead to where the server is, until an operator says where that is.
func TestTheAddressIsTheServersUntilSomebodySetsIt(t *testing.T) {
	app := apptest.New(t)
	gateway.ServeAt(app, "http://127.0.0.1:18000")
	if err := app.ReloadSettings(); err != nil {
		t.Fatal(err)
	}
	if got := app.Settings().Meta.AppURL; got != "http://127.0.0.1:18000" {
		t.Errorf("after a reload it is %q", got)
	}
	settings, err := app.Settings().Clone()
	if err != nil {
		t.Fatal(err)
	}
	settings.Meta.AppURL = "https://plaza.example"
	if err := app.Save(settings); err != nil {
		t.Fatal(err)
	}
	if got := app.Settings().Meta.AppURL; got != "https://plaza.example" {
		t.Errorf("the operator's is %q", got)
	}
}
