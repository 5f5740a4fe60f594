package campaigns

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// bindRecords keeps the collection campaigns honest, however it is written: what cannot be meant is refused, what
// is live is remembered only until it changes, and changes through the API are written down with who made them.
func bindRecords(app core.App) {
	live := &liveCampaigns{app: app, changes: map[string]int64{}, known: map[string][]Campaign{}}
	app.Store().Set(liveKey, live)
	forget := func(e *core.RecordEvent) error {
		live.forget(e.Record.GetString("org"))
		live.forget(e.Record.Original().GetString("org"))
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess("campaigns").BindFunc(forget)
	app.OnRecordAfterUpdateSuccess("campaigns").BindFunc(forget)
	app.OnRecordAfterDeleteSuccess("campaigns").BindFunc(forget)
	app.OnRecordValidate("campaigns").BindFunc(func(e *core.RecordEvent) error {
		if err := settle(e.App, e.Record, clock.Now(e.App)); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnRecordCreateRequest("campaigns").BindFunc(func(e *core.RecordRequestEvent) error { return saveRequest(e, "campaigns.create") })
	app.OnRecordUpdateRequest("campaigns").BindFunc(func(e *core.RecordRequestEvent) error { return saveRequest(e, "campaigns.update") })
}

// settle fills in what follows from the rest of the record, and refuses what cannot be meant.
func settle(app core.App, record *core.Record, now time.Time) error {
	if err := fillZone(app, record); err != nil {
		return err
	}
	campaign, err := FromRecord(record)
	if err != nil {
		return err
	}
	if err := campaign.Validate(); err != nil {
		return err
	}
	record.Set("live", isLive(record, campaign, now))
	return nil
}

func isLive(record *core.Record, campaign Campaign, now time.Time) bool {
	return record.GetString("status") == "active" && campaign.Schedule.Active(now)
}

// fillZone gives a campaign that names no time zone its organisation's.
func fillZone(app core.App, record *core.Record) error {
	if record.GetString("timezone") != "" {
		return nil
	}
	var name string
	err := app.DB().Select("timezone").From("orgs").Where(dbx.HashExp{"id": record.GetString("org")}).Row(&name)
	if err != nil {
		return fmt.Errorf("zone of organisation %q: %w", record.GetString("org"), err)
	}
	record.Set("timezone", name)
	return nil
}

// saveRequest checks a write through the API before PocketBase does, so that its refusal has our code and names
// the field, and puts it into one transaction with its line in the audit.
func saveRequest(e *core.RecordRequestEvent, act string) error {
	now := clock.Now(e.App)
	sent := map[string]any{} // RequestInfo has the values as the fields read them, where a date is an instant already
	if err := e.BindBody(&sent); err != nil {
		return refusal.API(route.ErrBadBody)
	}
	if err := fillDates(e.App, e.Record, sent); err != nil {
		return refuse(err)
	}
	// Only making codes changes this: nobody opens a campaign to all by a slip. A new one may be born shut, as the copy
	// of one that is; it gives nothing until it has codes of its own.
	if !e.Record.IsNew() {
		e.Record.Set("codes", e.Record.Original().GetBool("codes"))
	}
	if err := settle(e.App, e.Record, now); err != nil {
		return refuse(err)
	}
	app := e.App
	defer func() { e.App = app }()
	return app.RunInTransaction(func(tx core.App) error {
		e.App = tx
		if err := e.Next(); err != nil {
			return err
		}
		return ledger.Audit(tx, e.Auth.Id, act, "campaign:"+e.Record.Id, e.Record.PublicExport(), now)
	})
}

// refuse answers a refusal also in the place where PocketBase's own clients look for the error of a field.
func refuse(err error) error {
	var r *refusal.Refusal
	if errors.As(err, &r) {
		if field, ok := r.Details["field"].(string); ok {
			return refusal.API(r.With(field, map[string]any{"code": r.Details["problem"], "message": r.Message}))
		}
	}
	return refusal.API(err)
}

// fillDates reads a start or an end that was sent as a date (2026-12-31) as that whole local day. Without this an
// end on the 31st would be its first moment, and the last day would be lost.
func fillDates(app core.App, record *core.Record, sent map[string]any) error {
	first, last := dateOnly(sent["starts_at"]), dateOnly(sent["ends_at"])
	if first == "" && last == "" {
		return nil
	}
	if err := fillZone(app, record); err != nil {
		return err
	}
	from, until, err := Days(record.GetString("timezone"), first, last)
	if err != nil {
		return err
	}
	if first != "" {
		record.Set("starts_at", from)
	}
	if last != "" {
		record.Set("ends_at", until)
	}
	return nil
}

// dateOnly is the value if it is written as a date without a time.
func dateOnly(value any) string {
	text, _ := value.(string)
	if len(text) == len(time.DateOnly) {
		return text
	}
	return ""
}

const announceJob = "campaigns.announce"

// announce tells those who watch which campaigns have begun or ended, by saving their field live. It looks at
// what is, not at which minute was asked for: late, twice or never, it changes no price.
func announce(app core.App, _ time.Time) error {
	records, err := app.FindAllRecords("campaigns", dbx.Or(dbx.HashExp{"status": "active"}, dbx.HashExp{"live": true}))
	if err != nil {
		return fmt.Errorf("find campaigns to announce: %w", err)
	}
	now := clock.Now(app)
	var failed []error
	for _, record := range records {
		campaign, err := FromRecord(record)
		if err == nil && isLive(record, campaign, now) != record.GetBool("live") {
			// The record is read again, so that a merchant's edit in between is not overwritten.
			err = ledger.Write(app, func(tx core.App) error {
				fresh, err := tx.FindRecordById("campaigns", record.Id)
				if err != nil {
					return err
				}
				return tx.Save(fresh) // validation sets live
			})
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("announce campaign %s: %w", record.Id, err))
		}
	}
	return errors.Join(failed...)
}

func bindAnnouncements(app core.App) {
	jobs.Every(app, announceJob, "* * * * *", "UTC", announce)
}
