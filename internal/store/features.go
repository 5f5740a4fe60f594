package store

import (
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
)

// auditFeatures writes down who features what. Operators write the rows themselves, by the collection's rules,
// so the act enters the audit trail in the transaction of the write.
func auditFeatures(app core.App) {
	with := func(act string) func(e *core.RecordRequestEvent) error {
		return func(e *core.RecordRequestEvent) error {
			outer := e.App
			defer func() { e.App = outer }()
			return outer.RunInTransaction(func(tx core.App) error {
				e.App = tx
				if err := e.Next(); err != nil {
					return err
				}
				return ledger.Audit(tx, actorOf(e.Auth), act, e.Record.GetString("program"), map[string]any{
					"feature": e.Record.Id, "slot": e.Record.GetString("slot"), "position": e.Record.GetInt("position"),
					"starts_at": e.Record.GetString("starts_at"), "ends_at": e.Record.GetString("ends_at"),
				}, clock.Now(tx))
			})
		}
	}
	app.OnRecordCreateRequest("store_features").BindFunc(with("store.feature"))
	app.OnRecordUpdateRequest("store_features").BindFunc(with("store.feature_changed"))
	app.OnRecordDeleteRequest("store_features").BindFunc(with("store.feature_ended"))
}

// actorOf is a person's id; a superuser acts for the house.
func actorOf(auth *core.Record) string {
	if auth == nil || auth.IsSuperuser() {
		return "plaza"
	}
	return auth.Id
}
