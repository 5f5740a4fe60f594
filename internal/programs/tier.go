package programs

import (
	"net/http"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/refusal"
)

// ErrTierRight refuses what the policy does not give to programs of this tier; data has tier and right.
var ErrTierRight = refusal.New(http.StatusForbidden, "tier_not_allowed", "This mini program may not do that before it has been reviewed.")

// RightMoney is the right to anything that leads to paying, RightPush the right to send messages; the other rights
// are scopes.
const (
	RightMoney = "money"
	RightPush  = "push"
)

// Allowed refuses a right that the program's tier does not have: RightMoney, RightPush, or a scope. Nobody can be asked for
// such a scope either, and a consent that was given before does not help.
func (p Program) Allowed(app core.App, right string) error {
	policy, err := CurrentPolicy(app)
	if err != nil {
		return err
	}
	rights := p.Rights(policy)
	if right == RightMoney && rights.Money || right == RightPush && rights.Push || slices.Contains(rights.Scopes, right) {
		return nil
	}
	return ErrTierRight.With("tier", p.tier()).With("right", right)
}

// tier is the tier by which the program is judged. A trial version is judged as if it had been reviewed: its few
// testers opened it knowingly, and what it will do for everybody must be tried before.
func (p Program) tier() string {
	switch {
	case p.Tier != TierReviewed && !p.Trial:
		return p.Tier
	case p.Certified:
		return check.TierCertified
	}
	return TierReviewed
}
