package bridge

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/programs"
)

// ordersShown is how many of the person's latest orders orders.list answers.
const ordersShown = 50

type ordersStartArgs struct {
	Place   string `json:"place"`
	Channel string `json:"channel"`
}

func ordersStart(c call, args ordersStartArgs) (any, error) {
	if args.Channel == "" {
		args.Channel = "scan"
	}
	return shown(orders.Start(c.app, c.user, args.Place, args.Channel, c.now))
}

type ordersScanArgs struct {
	Order    string `json:"order"`
	Code     string `json:"code"`
	Quantity *int64 `json:"quantity"`
}

func ordersScan(c call, args ordersScanArgs) (any, error) {
	quantity := int64(1)
	if args.Quantity != nil {
		quantity = *args.Quantity
	}
	return shown(orders.Scan(c.app, c.user, args.Order, args.Code, quantity, c.now))
}

type ordersLineArgs struct {
	Order    string `json:"order"`
	Line     string `json:"line"`
	Quantity *int64 `json:"quantity"`
}

func ordersLine(c call, args ordersLineArgs) (any, error) {
	if args.Quantity == nil { // a forgotten member must not empty a line
		return nil, ErrBadArgs.With("detail", "quantity is missing")
	}
	return shown(orders.SetLine(c.app, c.user, args.Order, args.Line, *args.Quantity, c.now))
}

type ordersGetArgs struct {
	Order string `json:"order"`
}

func ordersGet(c call, args ordersGetArgs) (any, error) {
	order, err := orders.Find(c.app, c.user, args.Order)
	if err == nil && order.GetString("customer") != c.user.Id {
		// What the person may see as staff is the shop's business, and no program's.
		err = orders.ErrOrderNotFound
	}
	return shown(order, err)
}

type ordersCurrentArgs struct {
	Place string `json:"place"`
}

// ordersCurrent is the person's open basket in the place, or null.
func ordersCurrent(c call, args ordersCurrentArgs) (any, error) {
	found, err := c.app.FindRecordsByFilter("orders",
		"customer = {:user} && place = {:place} && (status = 'open' || status = 'awaiting_approval') && priced_at > {:since}",
		"", 1, 0, dbx.Params{"user": c.user.Id, "place": args.Place, "since": instant(c.now.Add(-orders.OpenFor))})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return orderFor(found[0]), nil
}

func ordersList(c call, _ struct{}) (any, error) {
	found, err := c.app.FindRecordsByFilter("orders", "customer = {:user} && status != 'abandoned'", "-created", ordersShown, 0,
		dbx.Params{"user": c.user.Id})
	if err != nil {
		return nil, err
	}
	list := make([]map[string]any, 0, len(found))
	for _, order := range found {
		list = append(list, orderFor(order))
	}
	return map[string]any{"orders": list}, nil
}

func shown(order *core.Record, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return orderFor(order), nil
}

// orderFor is an order as a program sees it: without the ids and names of people, and without the code that
// opens the door, which only the house's own screens show.
func orderFor(order *core.Record) map[string]any {
	public := order.PublicExport()
	for _, private := range []string{
		"customer", "customer_name", "age_approved_by", "checked_by", "exit_code", "collectionId", "collectionName", "expand",
	} {
		delete(public, private)
	}
	return public
}

type loyaltyStatementArgs struct {
	Org string `json:"org"`
}

func loyaltyStatement(c call, args loyaltyStatementArgs) (any, error) {
	return loyalty.Balance(c.app, c.user.Id, args.Org, c.now)
}

// cards is what the person has at every organisation, and the number under which they are a member to the program.
type cards struct {
	Member string              `json:"member"` // the program's own id of the person
	Items  []loyalty.Statement `json:"items"`
}

// loyaltyStatements is loyalty.statement of every organisation where there ever were points.
func loyaltyStatements(c call, _ struct{}) (any, error) {
	member, err := identity.OpenID(c.app, c.user.Id, c.program.AppID)
	if err != nil {
		return nil, err
	}
	items, err := loyalty.Balances(c.app, c.user.Id, c.now)
	if err != nil {
		return nil, err
	}
	return cards{Member: member, Items: items}, nil
}

func identityProfile(c call, _ struct{}) (any, error) {
	openID, err := identity.OpenID(c.app, c.user.Id, c.program.AppID)
	if err != nil {
		return nil, err
	}
	return map[string]any{"openid": openID, "name": c.user.GetString("name"), "language": c.user.GetString("language")}, nil
}

type badgeSetArgs struct {
	Count *int `json:"count"`
}

// badgeSet shows a count on the program's icon, on this person's own launcher.
func badgeSet(c call, args badgeSetArgs) (any, error) {
	if args.Count == nil {
		return nil, ErrBadArgs.With("detail", "count is missing")
	}
	if err := programs.SetBadge(c.app, c.user.Id, c.program.ID, *args.Count); err != nil {
		return nil, err
	}
	return map[string]any{"count": *args.Count}, nil
}

// instant is how PocketBase writes a time in a row.
func instant(at time.Time) string {
	date, _ := types.ParseDateTime(at) // a time always parses
	return date.String()
}
