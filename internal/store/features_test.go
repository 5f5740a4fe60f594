package store_test

import (
	"net/http"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
)

// Featuring is the operator's, and each act of it is in the audit trail; one that is refused leaves no line.
func TestFeaturingIsAudited(t *testing.T) {
	app := newStore(t)
	program := listed(t, app, "tea", nil)
	operator, stranger := apptest.Operator(t, app, "olga"), apptest.Person(t, app, "sam")
	client := apptest.NewClient(t, app)
	const records = "/api/collections/store_features/records"
	feature := map[string]any{"program": program.Id, "slot": "picks", "position": 1, "starts_at": clock.Now(app)}
	acts := func() (acts []string) {
		err := app.DB().NewQuery("SELECT act FROM ledger_audit WHERE act LIKE 'store.feature%' ORDER BY seq").Column(&acts)
		if err != nil {
			t.Fatal(err)
		}
		return acts
	}
	client.Must(http.StatusBadRequest, http.MethodPost, records, apptest.Token(t, stranger), feature)
	same(t, "after a refusal", acts())

	token := apptest.Token(t, operator)
	id := client.Must(http.StatusOK, http.MethodPost, records, token, feature).Text("id")
	client.Must(http.StatusOK, http.MethodPatch, records+"/"+id, token, map[string]any{"position": 2})
	client.Must(http.StatusBadRequest, http.MethodPatch, records+"/"+id, token, map[string]any{"slot": "nowhere"})
	client.Must(http.StatusNoContent, http.MethodDelete, records+"/"+id, token, nil)
	same(t, "acts", acts(), "store.feature", "store.feature_changed", "store.feature_ended")
}
