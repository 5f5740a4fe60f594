package check_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/refusal"
)

func TestDefaultPolicy(t *testing.T) {
	policy := check.Default()
	if len(policy.Categories) < 20 || len(policy.Rules) < 15 {
		t.Fatalf("%d categories, %d rules", len(policy.Categories), len(policy.Rules))
	}
	for id, certified := range map[string]bool{"health": true, "finance": true, "government": true, "shopping": false} {
		if c, ok := policy.Category(id); !ok || c.Certified != certified {
			t.Errorf("category %s: %v %v", id, c, ok)
		}
	}
	if tier := policy.Tiers[check.TierUnverified]; !tier.Live || tier.Money || tier.Push || tier.People != 500 {
		t.Errorf("unverified: %+v", tier)
	}
	if _, ok := policy.Rule("3.3"); !ok {
		t.Error("no rule 3.3")
	}
}

// A policy that cannot be applied is refused, and the refusal names the member.
func TestBadPolicies(t *testing.T) {
	good, err := json.Marshal(check.Default())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := check.ParsePolicy(good); err != nil {
		t.Fatalf("a policy does not survive being written: %v", err)
	}
	for name, test := range map[string]struct{ old, new, path string }{
		"unknown member": {`"appeal_days"`, `"apeal_days"`, ""},
		"no days":        {`"appeal_days":14`, `"appeal_days":0`, "appeal_days"},
		"wrong type":     {`"files":5000`, `"files":"many"`, "limits.files"},
		"no limit":       {`"files":5000`, `"files":0`, "limits.files"},
		"over the cap":   {`"file_bytes":8388608`, `"file_bytes":99999999`, "limits.file_bytes"},
		"twice":          {`"id":"food"`, `"id":"shopping"`, "categories.1.id"},
		"untranslated":   {`"fr":"Voyage"`, `"de":"Reise"`, "categories.8.names.fr"},
		"empty":          {`"fr":"Voyage"`, `"fr":""`, "categories.8.names.fr"},
		"no tier":        {`"reviewed":`, `"checked":`, "tiers.reviewed"},
		"no such scope":  {`"scopes":["profile","camera","album"]`, `"scopes":["everything"]`, "tiers.unverified.scopes"},
		"people":         {`"people":500`, `"people":-1`, "tiers.unverified.people"},
		"one cap":        {`"bill_max":10000`, `"bill_max":0`, "individuals.bill_max"},
		"day under bill": {`"day_max":30000`, `"day_max":9999`, "individuals.day_max"},
		"month too much": {`"month_max":150000`, `"month_max":9007199254740992`, "individuals.month_max"},
		"rule":           {`"id":"1.1"`, `"id":"one"`, "rules.0.id"},
		"trailing":       {`"rating_account_days":7}`, `"rating_account_days":7} {}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			source := strings.Replace(string(good), test.old, test.new, 1)
			if source == string(good) {
				t.Fatalf("%s is not in the policy", test.old)
			}
			_, err := check.ParsePolicy([]byte(source))
			var no *refusal.Refusal
			if !errors.Is(err, check.ErrBadPolicy) || !errors.As(err, &no) || no.Details["path"] != test.path {
				t.Fatalf("got %v %v", err, no)
			}
		})
	}
}
