package gateway

import "github.com/pocketbase/pocketbase/core"

// unsetAddress is PocketBase's own default, which is nobody's address.
const unsetAddress = "http://localhost:8090"

// ServeAt tells where this server is reached, for codes and papers that lead back to it. It holds until an operator
// sets the application's address, which is kept; this one is not, for the next start may listen elsewhere.
func ServeAt(app core.App, address string) {
	settle := func() {
		if meta := &app.Settings().Meta; meta.AppURL == "" || meta.AppURL == unsetAddress {
			meta.AppURL = address
		}
	}
	settle()
	app.OnSettingsReload().BindFunc(func(e *core.SettingsReloadEvent) error {
		err := e.Next()
		settle()
		return err
	})
}
