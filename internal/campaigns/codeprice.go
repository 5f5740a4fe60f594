package campaigns

import (
	"cmp"
	"slices"
	"time"

	"plaza.internal/plaza/internal/ledger"
)

// Why a code gave nothing: the codes of reasons that go with an outcome that did not apply.
const (
	CodeNotStarted = "code_not_started"
	CodeNotNow     = "code_not_now" // out of the hours or days of its campaign
	CodeEnded      = "code_ended"   // over, paused, deleted or revoked
	CodeMinimum    = "code_minimum_not_reached"
	CodeUsedUp     = "code_used_up"
	CodeNotYours   = "code_not_yours" // this person has had it as often as one may
	CodeOtherShop  = "code_other_shop"
	CodeBudget     = "code_budget_spent"
	CodeExcluded   = "code_better_offer" // of its exclusive group another one is better for the customer
	CodeNoGoods    = "code_no_goods"
	CodeNothing    = "code_nothing_left" // the price is as low already as the code could make it
)

var codeWords = map[string]string{
	CodeNotStarted: "This code cannot be used yet.",
	CodeNotNow:     "This code cannot be used at this hour.",
	CodeEnded:      "This code has ended.",
	CodeMinimum:    "The basket has not reached the minimum of this code.",
	CodeUsedUp:     "This code has been used up.",
	CodeNotYours:   "You have used this code as often as one may.",
	CodeOtherShop:  "This code is not of this shop.",
	CodeBudget:     "What was set aside for this code has been given away.",
	CodeExcluded:   "Another offer is better for you and cannot be combined with this code.",
	CodeNoGoods:    "Nothing in the basket is covered by this code.",
	CodeNothing:    "There is nothing left to take off.",
}

// Entered is the code in a basket, as the tables know it at that moment.
type Entered struct {
	Code     string
	Campaign string
	Problem  string         // why it may not be used whatever is in the basket; empty when it may be
	Room     *ledger.Amount // what is left of the campaign's budget; nil without one
}

func (e *Entered) names(campaign string) bool { return e != nil && e.Campaign == campaign }

// CodeOutcome is what the entered code did to the price, or why it did nothing.
type CodeOutcome struct {
	Code     string        `json:"code"`
	Campaign string        `json:"campaign"`
	Name     string        `json:"name"`
	Applied  bool          `json:"applied"`
	Amount   ledger.Amount `json:"amount"`
	Reason   Reason        `json:"reason"`
}

// redeem prices the basket with the entered code, if it may be used and gives something.
func (b *basket) redeem(active []candidate, campaigns []Campaign, at time.Time, entered *Entered) (*pricing, *CodeOutcome) {
	settled := b.settle(active)
	p := b.price(settled)
	if entered == nil {
		return p, nil
	}
	out := &CodeOutcome{Code: entered.Code, Campaign: entered.Campaign}
	coded := slices.IndexFunc(settled, func(c candidate) bool { return c.Coded })
	if coded >= 0 && p.sums[coded].amount > 0 {
		c := settled[coded]
		out.Name = c.Name
		if out.Amount = p.sums[coded].amount; entered.Room == nil || out.Amount <= *entered.Room {
			out.Applied, out.Reason = true, c.reason(0)
			return p, out
		}
		// The whole basket's reduction or none of it: the price without the code is settled anew, for its group
		// may have kept another campaign out.
		out.Amount, out.Reason = 0, codeReason(CodeBudget, c.Name)
		return b.price(b.settle(slices.DeleteFunc(slices.Clone(active), func(c candidate) bool { return c.Coded }))), out
	}
	found := slices.IndexFunc(campaigns, func(c Campaign) bool { return c.ID == entered.Campaign && c.Coded })
	if found < 0 {
		out.Reason = codeReason(cmp.Or(entered.Problem, CodeEnded), "")
		return p, out
	}
	c := &campaigns[found]
	out.Name = c.Name
	out.Reason = b.whyNot(c, p, coded >= 0, at, entered)
	return p, out
}

// whyNot explains a code that gave nothing.
func (b *basket) whyNot(c *Campaign, p *pricing, settled bool, at time.Time, entered *Entered) Reason {
	lines := b.matching(c)
	switch {
	case entered.Problem != "":
		return codeReason(entered.Problem, c.Name)
	case !c.Schedule.From.IsZero() && at.Before(c.Schedule.From):
		return codeReason(CodeNotStarted, c.Name)
	case !c.Schedule.Until.IsZero() && !at.Before(c.Schedule.Until), c.checkRule() != nil:
		return codeReason(CodeEnded, c.Name)
	case !c.Schedule.Active(at):
		return codeReason(CodeNotNow, c.Name)
	case len(lines) == 0:
		return codeReason(CodeNoGoods, c.Name)
	case !settled:
		return codeReason(CodeExcluded, c.Name)
	}
	if sum := p.sum(lines); sum < c.MinSpend {
		reason := codeReason(CodeMinimum, c.Name)
		reason.Params["minimum"], reason.Params["missing"] = c.MinSpend, c.MinSpend-sum
		return reason
	}
	return codeReason(CodeNothing, c.Name)
}

func codeReason(code, name string) Reason {
	return Reason{Code: code, Params: map[string]any{"name": name}, Text: codeWords[code]}
}
