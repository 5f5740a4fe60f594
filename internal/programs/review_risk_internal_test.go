package programs

import (
	"slices"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/weapp"
)

// What makes a version worth a closer look, reason by reason: each weighs what its name says and nothing else does.
func TestRiskHasNamedReasons(t *testing.T) {
	known := submitted{certified: true, publisherDays: 400}
	with := func(change func(s *submitted)) submitted {
		s := known
		change(&s)
		return s
	}
	for _, c := range []struct {
		what    string
		given   submitted
		risk    int
		reasons string
	}{
		{"an update that changes nothing", known, 0, ""},
		{"a scope", with(func(s *submitted) { s.diff.ScopesAdded = []string{"profile"} }), 10, "new_scopes"},
		{"a scope that leads to money", with(func(s *submitted) { s.diff.ScopesAdded = []string{"orders"} }), 35, "new_scopes new_money_scopes"},
		{"a scope less", with(func(s *submitted) { s.diff.ScopesRemoved = []string{"orders"} }), 0, ""},
		{"a host", with(func(s *submitted) { s.diff.DomainsAdded = []string{"a.example"} }), 5, "new_domains"},
		{"fifty hosts", with(func(s *submitted) { s.diff.DomainsAdded = slices.Repeat([]string{"a.example"}, 50) }), 20, "new_domains"},
		{"a first submission", with(func(s *submitted) { s.first = true }), 20, "first_submission"},
		{"a publisher of yesterday", with(func(s *submitted) { s.certified, s.publisherDays = false, 1 }), 15, "young_publisher"},
		{"a certified publisher of yesterday", with(func(s *submitted) { s.publisherDays = 1 }), 0, ""},
		{"an old publisher without papers", with(func(s *submitted) { s.certified = false }), 0, ""},
		{"a secret in the code", with(func(s *submitted) { s.findings = []weapp.Finding{{Code: "secret_key", File: "app.js"}} }), 20, "secrets"},
		{"eval in a library", with(func(s *submitted) {
			s.findings = []weapp.Finding{{Code: "forbidden_eval", File: "a.js"}, {Code: "remote_code", File: "b.js"}, {Code: "forbidden_eval", File: "a.js"}}
		}), 20, "forbidden"},
		{"another warning", with(func(s *submitted) { s.findings = []weapp.Finding{{Code: "script_warning", File: "a.js"}} }), 0, ""},
		{"three times the size", with(func(s *submitted) { s.diff.SizeBefore, s.diff.SizeAfter = 2<<20, 6<<20 }), 10, "size_jump"},
		{"three times nearly nothing", with(func(s *submitted) { s.diff.SizeBefore, s.diff.SizeAfter = 2<<10, 6<<10 }), 0, ""},
		{"a first package", with(func(s *submitted) { s.diff.SizeAfter = 20 << 20 }), 0, ""},
		{"rejected before", with(func(s *submitted) { s.rejections = 1 }), 10, "earlier_rejections"},
		{"rejected often", with(func(s *submitted) { s.rejections = 9 }), 20, "earlier_rejections"},
		{"reported", with(func(s *submitted) { s.reports = 2 }), 20, "open_reports"},
		{"reported by everybody", with(func(s *submitted) { s.reports = 100 }), 30, "open_reports"},
		{"everything at once", submitted{
			diff:  Diff{ScopesAdded: []string{"profile", "orders", "points"}, DomainsAdded: slices.Repeat([]string{"a.example"}, 9)},
			first: true, rejections: 5, reports: 5, findings: []weapp.Finding{{Code: "secret"}, {Code: "forbidden_eval"}},
		}, 100, "new_scopes new_money_scopes new_domains first_submission young_publisher secrets forbidden earlier_rejections open_reports"},
	} {
		risk, reasons := assess(c.given)
		codes := make([]string, 0, len(reasons))
		sum := 0
		for _, reason := range reasons {
			codes = append(codes, reason.Code)
			sum += reason.Points
		}
		if got := strings.Join(codes, " "); risk != c.risk || got != c.reasons || min(sum, riskCap) != risk {
			t.Errorf("%s: risk %d of %q, want %d of %q; the points sum up to %d", c.what, risk, got, c.risk, c.reasons, sum)
		}
	}
	_, reasons := assess(with(func(s *submitted) { s.diff.ScopesAdded = []string{"orders", "profile"} }))
	if got := reasons[1].Detail; len(got) != 1 || got[0] != "orders" {
		t.Errorf("the reason names %v, want the money's scope alone", got)
	}
}
