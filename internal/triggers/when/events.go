package when

import "slices"

// Event is something that happens in the house and that a program's function may listen to.
type Event struct {
	Kind string
	Says string // when it happens
	Data []Member
}

// Member is one member of an event's data.
type Member struct {
	Name, Type, Says string
}

// The kinds of events.
const (
	OrderPaid       = "order.paid"
	Scan            = "scan"
	PointsEarned    = "points.earned"
	PointsExpiring  = "points.expiring"
	CampaignStarted = "campaign.started"
	CampaignEnded   = "campaign.ended"
	PaymentPaid     = "payment.paid"
	PaymentRefunded = "payment.refunded"
)

// Events is every event there is, with what its data hold. Amounts are in the currency's smallest unit.
func Events() []Event {
	campaign := []Member{
		{"campaign", "string", "its id"},
		{"name", "string", "what the merchant calls it"},
		{"kind", "string", "sale, percent, fixed, bxgy, order_percent or order_fixed"},
	}
	return []Event{
		{OrderPaid, "Somebody has paid an order in one of the organisation's places.", []Member{
			{"order", "string", "its id"},
			{"number", "string", "of the receipt"},
			{"place", "string", "where"},
			{"channel", "string", "scan, pickup or delivery"},
			{"method", "string", "wallet, card or cash"},
			{"currency", "string", "of the amounts"},
			{"total", "number", "what it cost, points included"},
			{"points_used", "number", "points that paid for a part"},
			{"points_earned", "number", "points that it gave"},
			{"lines", "array", "{product, gtin, name, quantity, total} of each product"},
		}},
		{Scan, "Somebody has put a product into their basket in one of the organisation's places.", []Member{
			{"order", "string", "the basket's id"},
			{"place", "string", "where"},
			{"product", "string", "its id"},
			{"gtin", "string", "its barcode"},
			{"name", "string", "its name"},
			{"quantity", "number", "how many more"},
		}},
		{PointsEarned, "A purchase has given somebody points of the organisation.", []Member{
			{"points", "number", "how many"},
			{"spent", "number", "what they were given for"},
			{"operation", "string", "what gave them, such as order:ID"},
		}},
		{PointsExpiring, "Points of somebody end in 30 days, in 7 days or tomorrow; once each.", []Member{
			{"points", "number", "how many are left of the lot"},
			{"days", "number", "30, 7 or 1: the mark that was reached"},
			{"expires", "string", "when they end, in ISO 8601"},
			{"lot", "string", "the lot's id"},
		}},
		{CampaignStarted, "A campaign of the organisation has begun, or its window of today.", campaign},
		{CampaignEnded, "A campaign of the organisation is over, or its window of today.", campaign},
		{PaymentPaid, "Somebody has paid a bill of this program.", bill()},
		{PaymentRefunded, "A bill of this program was given back, in whole or in part.", append(bill(),
			Member{"refund", "object", "what was given back this time"})},
	}
}

func bill() []Member {
	return []Member{
		{"bill", "string", "its id"},
		{"package", "string", "what wx.requestPayment takes"},
		{"reference", "string", "your own, from making it"},
		{"openid", "string", "who was asked to pay"},
		{"status", "string", "as it is now"},
		{"amount", "number", "what it asks"},
		{"refunded", "number", "what was given back in all"},
		{"currency", "string", "of the amounts"},
		{"title", "string", "what the person read"},
		{"detail", "string", "and below it; may be missing"},
		{"attach", "string", "your own, from making it; may be missing"},
		{"method", "string", "how it was paid"},
		{"trial", "boolean", "true when a trial version made it; else missing"},
		{"created", "string", "when it was made"},
		{"expires_at", "string", "when it would have ended"},
		{"paid_at", "string", "when it was paid"},
	}
}

// kinds is the kind of every event, which every purchase looks at.
var kinds = []string{
	OrderPaid, Scan, PointsEarned, PointsExpiring, CampaignStarted, CampaignEnded, PaymentPaid, PaymentRefunded,
}

// IsEvent is true for the kind of an event.
func IsEvent(kind string) bool { return slices.Contains(kinds, kind) }

// Kinds is the kind of every event.
func Kinds() []string { return slices.Clone(kinds) }
