package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
)

// method is one line of the table. A method without scope shows only what is public anyway. A method that
// writes runs in one transaction, with the caller's Idempotency-Key. One that leads to paying is marked money: it
// is for programs whose tier has that right. One that is marked function is for the program's cloud functions, whose
// code the maker keeps, and not for its pages, whose code anybody may change on their own device; one that is marked
// person needs somebody on whose behalf it is.
type method struct {
	scope    string
	writes   bool
	money    bool
	function bool
	person   bool
	open     bool // the program's open data context may call it, too
	onlyOpen bool // nobody but such a context may, for it can show what it is told and tell nobody
	args     int  // how many bytes its arguments may have when a function calls; 0 is ArgsLimit
	run      func(c call, args json.RawMessage) (any, error)
}

// room is how many bytes the arguments of the call may have.
func (m method) room(c call) int {
	if c.function && m.args > 0 {
		return m.args
	}
	return ArgsLimit
}

// methods is all that a program may do.
var methods = map[string]method{
	"catalog.places":     {run: with(catalogPlaces)},
	"catalog.products":   {run: with(catalogProducts)},
	"catalog.product":    {run: with(catalogProduct)},
	"campaigns.offers":   {run: with(campaignsOffers)},
	"orders.start":       {scope: programs.ScopeOrders, writes: true, money: true, run: with(ordersStart)},
	"orders.scan":        {scope: programs.ScopeOrders, writes: true, money: true, run: with(ordersScan)},
	"orders.line":        {scope: programs.ScopeOrders, writes: true, money: true, run: with(ordersLine)},
	"orders.coupon":      {scope: programs.ScopeOrders, writes: true, money: true, run: with(ordersCoupon)},
	"orders.get":         {scope: programs.ScopeOrders, run: with(ordersGet)},
	"orders.current":     {scope: programs.ScopeOrders, run: with(ordersCurrent)},
	"orders.list":        {scope: programs.ScopeOrders, run: with(ordersList)},
	"loyalty.statement":  {scope: programs.ScopePoints, run: with(loyaltyStatement)},
	"loyalty.statements": {scope: programs.ScopePoints, run: with(loyaltyStatements)},
	"loyalty.rewards":    {scope: programs.ScopePoints, run: with(loyaltyRewards)},
	"loyalty.take":       {scope: programs.ScopePoints, writes: true, money: true, run: with(loyaltyTake)},
	"loyalty.vouchers":   {scope: programs.ScopePoints, run: with(loyaltyVouchers)},
	"loyalty.release":    {scope: programs.ScopePoints, writes: true, run: with(loyaltyRelease)},
	"identity.profile":   {scope: programs.ScopeProfile, run: with(identityProfile)},
	"identity.userinfo":  {scope: programs.ScopeProfile, run: with(identityUserinfo)},
	"identity.session":   {person: true, run: with(identitySession)},
	"consents.get":       {person: true, run: with(consentsGet)},
	"consents.use":       {person: true, run: with(consentsUse)},
	"badge.set":          {writes: true, person: true, run: with(badgeSet)},

	"bills.make":   {money: true, function: true, run: with(billsMake)},
	"bills.get":    {function: true, run: with(billsGet)},
	"bills.refund": {function: true, run: with(billsRefund)},
	"bills.close":  {function: true, run: with(billsClose)},

	"receipts.issue": {money: true, function: true, run: with(receiptsIssue)},
	"receipts.get":   {function: true, run: with(receiptsGet)},

	"messages.send": {function: true, run: with(messagesSend)},

	"nearby.search":     {run: with(nearbySearch)},
	"nearby.categories": {run: with(nearbyCategories)},
	"nearby.listing":    {run: with(nearbyListing)},
	"nearby.map":        {run: with(nearbyMap)},
	"nearby.report":     {writes: true, person: true, run: with(nearbyReport)},

	"leaderboards.list":    {run: with(leaderboardsList)},
	"leaderboards.play":    {person: true, run: with(leaderboardsPlay)},
	"leaderboards.join":    {person: true, run: with(leaderboardsJoin)},
	"leaderboards.submit":  {person: true, run: with(leaderboardsSubmit)},
	"leaderboards.top":     {run: with(leaderboardsTop)},
	"leaderboards.around":  {person: true, run: with(leaderboardsAround)},
	"leaderboards.mine":    {person: true, open: true, run: with(leaderboardsMine)},
	"leaderboards.seasons": {run: with(leaderboardsSeasons)},
	"leaderboards.friends": {person: true, open: true, onlyOpen: true, run: with(leaderboardsFriends)},

	"network.request": {args: requestArgs, run: with(networkRequest)},

	// The cloud database is a file of its own, so these write in its transactions, not in the house's.
	"clouddb.get":         {run: with(cloudGet)},
	"clouddb.count":       {run: with(cloudCount)},
	"clouddb.aggregate":   {run: with(cloudAggregate)},
	"clouddb.watch":       {run: with(cloudWatch)},
	"clouddb.add":         {run: with(cloudAdd)},
	"clouddb.set":         {run: with(cloudSet)},
	"clouddb.update":      {run: with(cloudUpdate)},
	"clouddb.remove":      {run: with(cloudRemove)},
	"clouddb.collection":  {run: with(cloudCollection)},
	"clouddb.transaction": {run: with(cloudTransaction)},

	"files.upload":   {function: true, args: uploadArgs, run: with(filesUpload)},
	"files.download": {function: true, run: with(filesDownload)},
	"files.urls":     {run: with(filesURLs)},
	"files.delete":   {run: with(filesDelete)},
}

// with reads the arguments into the function's own type, and keeps what a program must not know out of its
// refusals.
func with[A any](run func(c call, args A) (any, error)) func(call, json.RawMessage) (any, error) {
	return func(c call, raw json.RawMessage) (any, error) {
		var args A
		if raw = bytes.TrimSpace(raw); len(raw) > 0 && !bytes.Equal(raw, []byte("null")) {
			if err := json.Unmarshal(raw, &args); err != nil {
				return nil, ErrBadArgs.With("detail", err.Error())
			}
		}
		answer, err := run(c, args)
		if err != nil {
			return nil, discreet(err)
		}
		return answer, nil
	}
}

// discreet is the refusal with its records as programs may see them.
func discreet(err error) error {
	var no *refusal.Refusal
	if !errors.As(err, &no) {
		return err
	}
	for key, value := range maps.Clone(no.Details) {
		if record, ok := value.(*core.Record); ok {
			no = no.With(key, orderFor(record))
		}
	}
	return no
}
