package campaigns

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/triggers/when"
)

// bindTold tells the organisation's programs that a campaign has begun or is over, in the save that says so: the
// minute's announcement, or a merchant's own.
func bindTold(app core.App) {
	tell := func(e *core.RecordEvent) error {
		before, now := !e.Record.IsNew() && e.Record.Original().GetBool("live"), e.Record.GetBool("live")
		if err := e.Next(); err != nil || before == now {
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
