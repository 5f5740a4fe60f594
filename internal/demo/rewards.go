package demo

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/loyalty"
)

const (
	thanked     = 90       // points for an answer to a survey, and
	thanksAhead = 12 * day // when they end: the person has something that ends soon
)

// offerRewards has Halle Market offer things for points: what the person whose login is printed can take, one that is
// scarce, and one that is still far.
func (q *quarter) offerRewards(tx core.App) error {
	few, one := int64(12), int64(1)
	for _, r := range []loyalty.Reward{
		{Name: "A coffee", Cost: 80, Value: 1_90},
		{Name: "Fresh bread on Saturday", Cost: 150, Value: 3_20, Each: &one, Ends: q.now.Add(20 * day).Format(time.RFC3339)},
		{Name: "A basket of the season", Cost: 600, Value: 15_00, Stock: &few},
		{Name: "A tasting for two", Cost: 1500, Value: 45_00, Stock: &few, Each: &one},
	} {
		r.Org = q.orgs["halle-market"]
		if _, err := loyalty.SaveReward(tx, r, q.people["merchant"].Id, q.now.Add(-10*day)); err != nil {
			return err
		}
	}
	return nil
}

// thank gives the person whose login is printed points that end soon, which those of purchases do not.
func (q *quarter) thank(tx core.App) error {
	at := q.now.Add(-lastVisit)
	return loyalty.Grant(tx, loyalty.Gift{
		User: q.people["person"].Id, Org: q.orgs["halle-market"], OpID: "demo:survey:person", Points: thanked,
		Active: at, Expires: q.now.Add(thanksAhead), Reason: "Thank you for your answers", Actor: q.people["merchant"].Id,
	}, at)
}
