package demo

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/loyalty"
)

const (
	thanked     = 90       // points for an answer to a survey, and
	thanksAgo   = 18 * day // when they came
	thanksAhead = 12 * day // and when they end: the person has something that ends soon
)

// thank gives the person whose login is printed points that end soon, which those of purchases do not.
func (q *quarter) thank(tx core.App) error {
	at := q.now.Add(-thanksAgo)
	return loyalty.Grant(tx, loyalty.Gift{
		User: q.people["person"].Id, Org: q.orgs["halle-market"], OpID: "demo:survey:person", Points: thanked,
		Active: at, Expires: q.now.Add(thanksAhead).Truncate(time.Hour), Reason: "Thank you for your answers", Actor: q.people["merchant"].Id,
	}, at)
}
