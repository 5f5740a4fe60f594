package programs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/weapp"
)

// Reason is something that makes a version worth a closer look, and how many points it weighs.
type Reason struct {
	Code   string   `json:"code"`
	Points int      `json:"points"`
	Detail []string `json:"detail,omitempty"`
}

// Codes of reasons.
const (
	riskScopes     = "new_scopes"         // asks for something that the released version does not
	riskMoney      = "new_money_scopes"   // and that leads to money
	riskDomains    = "new_domains"        // reaches hosts that the released version does not
	riskFirst      = "first_submission"   // nothing of this publisher was ever approved
	riskYoung      = "young_publisher"    // not certified, and here for less than youngDays
	riskSecrets    = "secrets"            // the check warns of secrets in the code
	riskName       = "name_of_another"    // looks like the name of a certified organisation, or of its program
	riskForbidden  = "forbidden"          // the check warns of constructs that the frame blocks
	riskSize       = "size_jump"          // the package grew much
	riskRejections = "earlier_rejections" // versions of this program were rejected since the last approval
	riskReports    = "open_reports"       // people have reported the program, and nobody has answered
)

// What reasons weigh, and where they begin. The sum is capped at riskCap.
const (
	riskCap         = 100
	youngDays       = 30
	pointsScope     = 10
	pointsMoney     = 25
	pointsDomain    = 5
	domainsCap      = 20
	pointsFirst     = 20
	pointsYoung     = 15
	pointsSecrets   = 20
	pointsForbidden = 20
	pointsName      = 40
	pointsSize      = 10
	pointsRejection = 10
	rejectionsCap   = 20
	pointsReport    = 10
	reportsCap      = 30
	jumpTimes       = 2       // a package that is more than so many times its predecessor
	jumpBytes       = 1 << 20 // and so many bytes more
)

// Classes of risk, by which the queue is ordered and coloured.
const (
	HighRisk   = 60
	MediumRisk = 30
)

// submitted is what is known of a submission when it comes in.
type submitted struct {
	diff          Diff
	findings      []weapp.Finding
	like          string // whose name this one's looks like
	first         bool
	certified     bool
	publisherDays int // how long the publisher has been here
	rejections    int
	reports       int
}

// moneyScopes are those with which a program can lead a person to paying.
var moneyScopes = [...]string{check.ScopeOrders}

// assess weighs a submission from 0, nothing speaks against it, to riskCap. It only decides how soon and how
// closely somebody looks.
func assess(s submitted) (risk int, reasons []Reason) {
	reasons = []Reason{}
	add := func(code string, points int, detail ...string) {
		if points > 0 {
			reasons = append(reasons, Reason{Code: code, Points: points, Detail: detail})
			risk += points
		}
	}
	money := slices.DeleteFunc(slices.Clone(s.diff.ScopesAdded), func(scope string) bool { return !slices.Contains(moneyScopes[:], scope) })
	add(riskScopes, pointsScope*len(s.diff.ScopesAdded), s.diff.ScopesAdded...)
	add(riskMoney, pointsMoney*len(money), money...)
	add(riskDomains, min(pointsDomain*len(s.diff.DomainsAdded), domainsCap), s.diff.DomainsAdded...)
	if s.first {
		add(riskFirst, pointsFirst)
	}
	if !s.certified && s.publisherDays < youngDays {
		add(riskYoung, pointsYoung)
	}
	if files := warned(s.findings, "secret"); len(files) > 0 {
		add(riskSecrets, pointsSecrets, files...)
	}
	if s.like != "" {
		add(riskName, pointsName, s.like)
	}
	if files := warned(s.findings, "forbidden_", "remote_code"); len(files) > 0 {
		add(riskForbidden, pointsForbidden, files...)
	}
	if before, after := s.diff.SizeBefore, s.diff.SizeAfter; before > 0 && after > jumpTimes*before && after-before > jumpBytes {
		add(riskSize, pointsSize)
	}
	add(riskRejections, min(pointsRejection*s.rejections, rejectionsCap))
	add(riskReports, min(pointsReport*s.reports, reportsCap))
	return min(risk, riskCap), reasons
}

// warnedFiles is how many files a reason names.
const warnedFiles = 5

// warned is the first files with a finding whose code begins with one of the words.
func warned(findings []weapp.Finding, words ...string) []string {
	files := []string{}
	for _, finding := range findings {
		matches := slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(finding.Code, word) })
		if matches && !slices.Contains(files, finding.File) && len(files) < warnedFiles {
			files = append(files, finding.File)
		}
	}
	return files
}

// gather is what the database knows of a submission.
func gather(tx core.App, program, version *core.Record, now time.Time) (submitted, error) {
	before, err := released(tx, program, version.Id)
	if err != nil {
		return submitted{}, err
	}
	var report struct {
		Findings []weapp.Finding `json:"findings"`
	}
	// Reports from before there were reports are lists of findings; nothing is held against those.
	_ = version.UnmarshalJSONField("report", &report)
	s := submitted{diff: DiffOf(before, version), findings: report.Findings}
	owner, since := ownerOf(program), ""
	var approved int
	err = tx.DB().NewQuery(`SELECT
		(SELECT COUNT(*) FROM programs_reviews r JOIN programs p ON p.id = r.program WHERE r.state = 'approved'
			AND p.org = {:org} AND ({:org} != '' OR p.owner = {:user})),
		COALESCE((SELECT certified FROM orgs WHERE id = {:org}), FALSE),
		COALESCE((SELECT created FROM orgs WHERE id = {:org}), (SELECT created FROM users WHERE id = {:user}), ''),
		(SELECT COUNT(*) FROM programs_reviews WHERE program = {:program} AND state = 'rejected' AND decided_at >
			COALESCE((SELECT MAX(decided_at) FROM programs_reviews WHERE program = {:program} AND state = 'approved'), '')),
		(SELECT COUNT(*) FROM store_reports WHERE program = {:program} AND state = 'open' AND rating = '')`).
		Bind(dbx.Params{"org": owner.Org, "user": owner.User, "program": program.Id}).
		Row(&approved, &s.certified, &since, &s.rejections, &s.reports)
	if err != nil {
		return s, fmt.Errorf("gather what is known of %s: %w", program.GetString("appid"), err)
	}
	if s.like, err = imitated(tx, program, version); err != nil {
		return s, err
	}
	s.first = approved == 0
	if arrived, err := time.Parse("2006-01-02 15:04:05.000Z", since); err == nil {
		s.publisherDays = int(now.Sub(arrived) / (24 * time.Hour))
	}
	return s, nil
}

// released is the version that everybody has, against which a newer one is compared; nil when there is none, or
// when it is that version itself.
func released(app core.App, program *core.Record, version string) (*core.Record, error) {
	id := program.GetString("release")
	if id == "" || id == version {
		return nil, nil //nolint:nilnil // "nothing before" is an answer here
	}
	before, err := app.FindRecordById("programs_versions", id)
	if err != nil {
		return nil, fmt.Errorf("released version of %s: %w", program.GetString("appid"), err)
	}
	return before, nil
}
