package campaigns

import (
	"net/http"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// ErrCampaign refuses a campaign whose figures make no sense; data.field names the field, data.problem says what
// is wrong: unknown_kind, out_of_range, both_given, no_codes or too_many.
var ErrCampaign = refusal.New(http.StatusBadRequest, "bad_campaign", "This campaign is not valid.")

// MaxTargets is how many products and categories one campaign may name.
const MaxTargets = 1000

// Validate refuses, naming the field, what a merchant cannot have meant.
func (c *Campaign) Validate() error {
	if err := c.checkRule(); err != nil {
		return err
	}
	if len(c.Products)+len(c.Categories) > MaxTargets {
		return bad("products", "too_many", "A campaign names at most %d products and categories.", MaxTargets)
	}
	return c.Schedule.Validate()
}

// checkRule looks at the figures alone. Price asks it too, so that a campaign that came into the database on
// another way can at worst do nothing.
func (c *Campaign) checkRule() error {
	if c.Amount < 0 || c.Amount > ledger.MaxAmount {
		return bad("amount", "out_of_range", "The amount is out of range.")
	}
	if c.MinSpend < 0 || c.MinSpend > ledger.MaxAmount {
		return bad("min_spend", "out_of_range", "The minimum spend is out of range.")
	}
	if c.Coded && (c.Kind == Sale || c.Kind == BuyXGetY) {
		return bad("kind", "no_codes", "A campaign with codes takes a percentage or an amount off; it has no listing price and gives no units away.")
	}
	switch c.Kind {
	case Sale:
		if c.Amount > 0 && c.PercentBasisPoints != 0 {
			return bad("amount", "both_given", "A sale has either a percentage or a new price, not both.")
		}
		if c.Amount == 0 {
			return c.checkPercent()
		}
	case Percent, OrderPercent:
		return c.checkPercent()
	case Fixed, OrderFixed:
		if c.Amount == 0 {
			return bad("amount", "out_of_range", "The amount must be more than zero.")
		}
	case BuyXGetY:
		if c.Buy < 1 || c.Buy > MaxQuantity {
			return bad("buy", "out_of_range", "The number to buy must be from 1 to %d.", MaxQuantity)
		}
		if c.Get < 1 || c.Get > MaxQuantity {
			return bad("get", "out_of_range", "The number that is free must be from 1 to %d.", MaxQuantity)
		}
	default:
		return bad("kind", "unknown_kind", "%q is not a kind of campaign.", string(c.Kind))
	}
	return nil
}

func (c *Campaign) checkPercent() error {
	if c.PercentBasisPoints < 1 || c.PercentBasisPoints > whole {
		return bad("percent_bp", "out_of_range", "The percentage must be more than 0 and at most 100.")
	}
	return nil
}

func bad(field, problem, sentence string, args ...any) error {
	return ErrCampaign.With("field", field).With("problem", problem).Saying(sentence, args...)
}
