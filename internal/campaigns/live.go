package campaigns

import (
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
)

const liveKey = "plaza.campaigns.live"

// liveCampaigns remembers the active campaigns of each organisation until one of them changes.
type liveCampaigns struct {
	app core.App // reads what is committed, also when asked inside somebody's transaction

	mu      sync.Mutex
	changes map[string]int64 // per organisation, how often it was forgotten
	known   map[string][]Campaign
}

// Live is every campaign of the organisation with status active, whatever its schedule says; Price looks at that.
// Inside a transaction too it is what was committed before. The slice is shared: callers must not change it.
func Live(app core.App, org string) ([]Campaign, error) {
	live, ok := app.Store().Get(liveKey).(*liveCampaigns)
	if !ok {
		return loadActive(app, org)
	}
	return live.of(org)
}

func (l *liveCampaigns) of(org string) ([]Campaign, error) {
	l.mu.Lock()
	found, ok := l.known[org]
	before := l.changes[org]
	l.mu.Unlock()
	if ok {
		return found, nil
	}
	found, err := loadActive(l.app, org)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// What was read before a change that has come since is good enough to answer, but not to remember.
	if l.changes[org] == before {
		l.known[org] = found
	}
	return found, nil
}

func (l *liveCampaigns) forget(org string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes[org]++
	delete(l.known, org)
}

func loadActive(app core.App, org string) ([]Campaign, error) {
	records, err := app.FindAllRecords("campaigns", dbx.HashExp{"org": org, "status": "active"})
	if err != nil {
		return nil, fmt.Errorf("load campaigns of %s: %w", org, err)
	}
	out := make([]Campaign, 0, len(records))
	for _, record := range records {
		campaign, err := FromRecord(record)
		if err != nil {
			// A campaign that cannot be read must not stop a shop from selling.
			app.Logger().Error("campaign left out", "campaign", record.Id, "error", err)
			continue
		}
		out = append(out, campaign)
	}
	return out, nil
}

// FromRecord reads a record of campaigns. It refuses lists that are not lists of the right kind; whether the rest
// makes sense is for Validate.
func FromRecord(record *core.Record) (Campaign, error) {
	c := Campaign{
		ID: record.Id, Name: record.GetString("name"), Kind: Kind(record.GetString("kind")),
		PercentBasisPoints: record.GetInt64("percent_bp"), Amount: ledger.Amount(record.GetInt64("amount")),
		Buy: record.GetInt64("buy"), Get: record.GetInt64("get"),
		MinSpend: ledger.Amount(record.GetInt64("min_spend")), Priority: record.GetInt("priority"),
		Group: record.GetString("exclusive_group"), Coded: record.GetBool("codes"),
		Schedule: Schedule{
			Zone: record.GetString("timezone"), From: instantOf(record, "starts_at"), Until: instantOf(record, "ends_at"),
			Start: record.GetString("start_time"), End: record.GetString("end_time"),
		},
	}
	for field, list := range map[string]*[]string{"products": &c.Products, "categories": &c.Categories} {
		if err := unmarshalList(record, field, list); err != nil {
			return c, err
		}
	}
	var days []int
	if err := unmarshalList(record, "weekdays", &days); err != nil {
		return c, err
	}
	for _, day := range days {
		c.Schedule.Days = append(c.Schedule.Days, time.Weekday(day))
	}
	return c, nil
}

func unmarshalList(record *core.Record, field string, list any) error {
	raw, _ := record.Get(field).(types.JSONRaw)
	if text := raw.String(); text == "" || text == "null" || text == `""` {
		return nil
	}
	if err := record.UnmarshalJSONField(field, list); err != nil {
		return bad(field, "not_a_list", "%s must be a list.", field)
	}
	return nil
}

func instantOf(record *core.Record, field string) time.Time {
	at := record.GetDateTime(field)
	if at.IsZero() {
		return time.Time{}
	}
	return at.Time().UTC()
}
