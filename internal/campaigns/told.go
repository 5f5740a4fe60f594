package campaigns

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/triggers/when"
)

// bindTold tells the organisation's programs that a campaign has begun or is over, in the save that says so: the
// minute's announcement, or a merchant's own.
func bindTold(app core.App) {
	tell := func(e *core.RecordEvent) error {
		var before bool // as the table has it: a record that is saved twice remembers only what it was at first
		err := e.App.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM campaigns WHERE id = {:id} AND live)").
			Bind(dbx.Params{"id": e.Record.Id}).Row(&before)
		if err != nil {
			return fmt.Errorf("campaign %s: %w", e.Record.Id, err)
		}
		if err := e.Next(); err != nil || before == e.Record.GetBool("live") {
			return err
		}
		kind := when.CampaignStarted
		if before {
			kind = when.CampaignEnded
		}
		return tellChange(e.App, e.Record, kind, clock.Now(e.App))
	}
	app.OnRecordCreateExecute("campaigns").BindFunc(tell)
	app.OnRecordUpdateExecute("campaigns").BindFunc(tell)
}

func tellChange(tx core.App, campaign *core.Record, kind string, now time.Time) error {
	return events.Emit(tx, events.Event{
		ID: fmt.Sprintf("%s/%s/%d", kind, campaign.Id, now.UnixMilli()), Kind: kind, Org: campaign.GetString("org"),
		Data: map[string]any{"campaign": campaign.Id, "name": campaign.GetString("name"), "kind": campaign.GetString("kind")},
	}, now)
}
