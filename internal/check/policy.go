package check

import (
	"bytes"
	_ "embed" // the policy of a new installation
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"plaza.internal/plaza/internal/weapp"
)

//go:embed policy.json
var defaultPolicy []byte

// Policy is what the operator decides about programs, as data: public, versioned, and read by the checks.
type Policy struct {
	Number            int             `json:"number"`
	Categories        []Category      `json:"categories"`
	Limits            Limits          `json:"limits"`
	Tiers             map[string]Tier `json:"tiers"`
	Individuals       Individuals     `json:"individuals"`
	Rules             []Rule          `json:"rules"`
	AppealDays        int             `json:"appeal_days"`         // how long a maker may appeal a takedown
	RatingAccountDays int             `json:"rating_account_days"` // how old an account must be for its rating to count
}

// Category is a shelf of the store.
type Category struct {
	ID        string            `json:"id"`
	Names     map[string]string `json:"names"`
	Certified bool              `json:"certified,omitempty"` // only for certified organisations
}

// Limits of a package. The compiler's own caps (package weapp) hold besides.
type Limits struct {
	PackageBytes int `json:"package_bytes"` // the zip
	MainBytes    int `json:"main_bytes"`    // unpacked, without subpackages and cloud functions
	TotalBytes   int `json:"total_bytes"`   // unpacked, all of it
	Files        int `json:"files"`
	FileBytes    int `json:"file_bytes"`  // one file, unpacked
	ImageBytes   int `json:"image_bytes"` // one picture; more is a warning
	Domains      int `json:"domains"`     // declared hosts of one program
}

// Tiers of a program. What a program may do is its tier's.
const (
	TierUnverified = "unverified"
	TierReviewed   = "reviewed"
	TierCertified  = "certified"
)

// Tier is what programs of one tier may do.
type Tier struct {
	Live   bool     `json:"live"` // may be released at all
	Scopes []string `json:"scopes"`
	Money  bool     `json:"money"`
	Push   bool     `json:"push"`
	People int      `json:"people"` // distinct persons who may open it; 0 is no cap
}

// Individuals is how much money a single person may take through programs of their own: by one bill, within 24 hours,
// within 30 days, in minor units of Plaza's first currency. Nothing but zeros means that they may take none.
type Individuals struct {
	BillMax  int64 `json:"bill_max"`
	DayMax   int64 `json:"day_max"`
	MonthMax int64 `json:"month_max"`
}

// Rule is something that a rejection or a takedown may cite.
type Rule struct {
	ID     string            `json:"id"` // "2.1"
	Titles map[string]string `json:"titles"`
	Texts  map[string]string `json:"texts"`
}

// Default is the policy of an installation whose operator has not written one. Its number is 0.
func Default() Policy {
	policy, err := ParsePolicy(defaultPolicy)
	if err != nil {
		panic(fmt.Sprintf("check: policy.json: %v", err)) // a mistake of ours, seen by the first test
	}
	return policy
}

// policyLimit is the longest policy that is read, what its row keeps.
const policyLimit = 200_000

// ParsePolicy reads and judges a policy. It refuses unknown members: a limit that is misspelt would be none.
func ParsePolicy(source []byte) (Policy, error) {
	var p Policy
	if len(source) > policyLimit {
		return p, ErrBadPolicy.With("path", "").Saying("The policy must have at most %d bytes.", policyLimit)
	}
	decoder := json.NewDecoder(bytes.NewReader(source))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		var kind *json.UnmarshalTypeError
		path := ""
		if errors.As(err, &kind) {
			path = kind.Field
		}
		return Policy{}, ErrBadPolicy.With("path", path).With("detail", err.Error())
	}
	if decoder.More() {
		return Policy{}, ErrBadPolicy.With("path", "").Saying("There is something behind the policy.")
	}
	for _, part := range []func() error{p.numbers, p.categories, p.limits, p.tiers, p.individuals, p.rules} {
		if err := part(); err != nil {
			return Policy{}, err
		}
	}
	return p, nil
}

// Category finds a category by its id.
func (p Policy) Category(id string) (Category, bool) {
	i := slices.IndexFunc(p.Categories, func(c Category) bool { return c.ID == id })
	if i < 0 {
		return Category{}, false
	}
	return p.Categories[i], true
}

// Rule finds a rule by its id.
func (p Policy) Rule(id string) (Rule, bool) {
	i := slices.IndexFunc(p.Rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return p.Rules[i], true
}

var rulePattern = regexp.MustCompile(`^[1-9][0-9]?\.[1-9][0-9]?$`)

func bad(path, format string, args ...any) error {
	return ErrBadPolicy.With("path", path).Saying("%s: %s", path, fmt.Sprintf(format, args...))
}

func (p Policy) numbers() error {
	switch {
	case p.Number < 0:
		return bad("number", "must not be negative.")
	case p.AppealDays < 1 || p.AppealDays > 365:
		return bad("appeal_days", "must be from 1 to 365.")
	case p.RatingAccountDays < 0 || p.RatingAccountDays > 365:
		return bad("rating_account_days", "must be from 0 to 365.")
	}
	return nil
}

func (p Policy) categories() error {
	if len(p.Categories) == 0 || len(p.Categories) > 100 {
		return bad("categories", "there must be 1 to 100.")
	}
	seen := map[string]bool{}
	for i, c := range p.Categories {
		path := fmt.Sprintf("categories.%d", i)
		if !categoryPattern.MatchString(c.ID) || seen[c.ID] {
			return bad(path+".id", "must be one small word that no other category has.")
		}
		seen[c.ID] = true
		if err := translated(path+".names", c.Names, 40); err != nil {
			return err
		}
	}
	return nil
}

func (p Policy) limits() error {
	l := p.Limits
	for _, one := range []struct {
		path       string
		value, cap int
	}{
		{"limits.package_bytes", l.PackageBytes, weapp.MaxArchiveBytes},
		{"limits.main_bytes", l.MainBytes, 1 << 30},
		{"limits.total_bytes", l.TotalBytes, 1 << 30},
		{"limits.files", l.Files, weapp.MaxFiles},
		{"limits.file_bytes", l.FileBytes, weapp.MaxFileBytes},
		{"limits.image_bytes", l.ImageBytes, weapp.MaxFileBytes},
		{"limits.domains", l.Domains, 1_000},
	} {
		if one.value < 1 || one.value > one.cap {
			return bad(one.path, "must be from 1 to %d.", one.cap)
		}
	}
	return nil
}

func (p Policy) tiers() error {
	if len(p.Tiers) != 3 {
		return bad("tiers", "there must be %s, %s and %s.", TierUnverified, TierReviewed, TierCertified)
	}
	for _, name := range []string{TierUnverified, TierReviewed, TierCertified} {
		tier, ok := p.Tiers[name]
		path := "tiers." + name
		if !ok {
			return bad(path, "is missing.")
		}
		if tier.People < 0 {
			return bad(path+".people", "must not be negative.")
		}
		for i, scope := range tier.Scopes {
			if !slices.Contains(Scopes(), scope) || slices.Contains(tier.Scopes[:i], scope) {
				return bad(path+".scopes", "%q is no scope, or stands twice.", scope)
			}
		}
	}
	return nil
}

// maxMoney is the largest sum that a policy may name: the ledger's own.
const maxMoney = 1<<53 - 1

func (p Policy) individuals() error {
	caps := p.Individuals
	switch {
	case caps == Individuals{}:
		return nil
	case caps.BillMax < 1:
		return bad("individuals.bill_max", "must be a positive number of minor units, or all three must be 0.")
	case caps.DayMax < caps.BillMax:
		return bad("individuals.day_max", "must not be less than bill_max.")
	case caps.MonthMax < caps.DayMax || caps.MonthMax > maxMoney:
		return bad("individuals.month_max", "must be from day_max to %d.", int64(maxMoney))
	}
	return nil
}

func (p Policy) rules() error {
	if len(p.Rules) == 0 || len(p.Rules) > 200 {
		return bad("rules", "there must be 1 to 200.")
	}
	seen := map[string]bool{}
	for i, r := range p.Rules {
		path := fmt.Sprintf("rules.%d", i)
		if !rulePattern.MatchString(r.ID) || seen[r.ID] {
			return bad(path+".id", "must look like 2.1 and be no other rule's.")
		}
		seen[r.ID] = true
		if err := translated(path+".titles", r.Titles, 100); err != nil {
			return err
		}
		if err := translated(path+".texts", r.Texts, 1_000); err != nil {
			return err
		}
	}
	return nil
}

// translated wants a text of at most limit characters in every language, and in no other.
func translated(path string, texts map[string]string, limit int) error {
	if len(texts) != len(languages) {
		return bad(path, "must have exactly en, fr and zh.")
	}
	for _, language := range languages {
		if text := []rune(texts[language]); len(text) == 0 || len(text) > limit {
			return bad(path+"."+language, "must have 1 to %d characters.", limit)
		}
	}
	return nil
}
