package programs_test

import (
	"errors"
	"testing"

	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
)

// What a program may do follows from its review and from who answers for it; a trial may do what it will do.
func TestRightsFollowFromTheTier(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		what    string
		program programs.Program
		right   string
		tier    string // that refuses it
	}{
		{"a stranger's", programs.Program{Tier: "unverified"}, programs.ScopeProfile, ""},
		{"a stranger's", programs.Program{Tier: "unverified"}, programs.ScopeOrders, "unverified"},
		{"a stranger's", programs.Program{Tier: "unverified"}, programs.RightMoney, "unverified"},
		{"a certified stranger's", programs.Program{Tier: "unverified", Certified: true}, programs.RightMoney, "unverified"},
		{"a reviewed one", programs.Program{Tier: "reviewed"}, programs.RightMoney, ""},
		{"a certified one", programs.Program{Tier: "reviewed", Certified: true}, programs.ScopePoints, ""},
		{"a reviewed one", programs.Program{Tier: "reviewed"}, "everything", "reviewed"},
		{"a certified one", programs.Program{Tier: "reviewed", Certified: true}, "everything", "certified"},
		{"a trial", programs.Program{Tier: "unverified", Trial: true}, programs.RightMoney, ""},
	} {
		err := c.program.Allowed(h.App, c.right)
		var no *refusal.Refusal
		if c.tier == "" && err != nil || c.tier != "" && (!errors.As(err, &no) || no.Details["tier"] != c.tier || no.Details["right"] != c.right) {
			t.Errorf("%s and %s: %v, want refused by %q", c.what, c.right, err, c.tier)
		}
	}
	if err := (programs.Program{}).Allowed(h.App, programs.ScopeProfile); !errors.Is(err, programs.ErrTierRight) {
		t.Errorf("a program without a tier may do something: %v", err)
	}
}
