package programs

import (
	"fmt"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/weapp"
)

// Diff is what a version asks for more, or less, than the one that people have.
type Diff struct {
	Against        int      `json:"against"` // the number of that version; 0 when there is none
	ScopesAdded    []string `json:"scopes_added"`
	ScopesRemoved  []string `json:"scopes_removed"`
	ScopesKept     []string `json:"scopes_kept"`
	DomainsAdded   []string `json:"domains_added"`
	DomainsRemoved []string `json:"domains_removed"`
	SizeBefore     int64    `json:"size_before"`
	SizeAfter      int64    `json:"size_after"`
	// Reasons is what the version says it wants its scopes for, in its own words.
	Reasons types.JSONMap[string] `json:"reasons"`
}

// DiffOf compares a version with another, or with nothing when that is nil.
func DiffOf(before, after *core.Record) Diff {
	diff := Diff{SizeAfter: after.GetInt64("size")}
	var scopes, domains []string
	if before != nil {
		diff.Against, diff.SizeBefore = before.GetInt("number"), before.GetInt64("size")
		scopes, domains = before.GetStringSlice("scopes"), before.GetStringSlice("domains")
	}
	declared := after.GetStringSlice("scopes")
	diff.ScopesAdded, diff.ScopesRemoved = between(scopes, declared)
	diff.ScopesKept, _ = between(diff.ScopesAdded, declared)
	if err := after.UnmarshalJSONField("reasons", &diff.Reasons); err != nil {
		diff.Reasons = nil // only of rows that are older than reasons are
	}
	diff.DomainsAdded, diff.DomainsRemoved = between(domains, after.GetStringSlice("domains"))
	return diff
}

func between(before, after []string) (added, removed []string) {
	without := func(list, others []string) []string {
		return slices.DeleteFunc(listed(list), func(s string) bool { return slices.Contains(others, s) })
	}
	return without(after, before), without(before, after)
}

// Entry is a version in the makers' own list.
type Entry struct {
	ID               string         `json:"id"`
	Number           int            `json:"number"`
	Name             string         `json:"name"`
	Note             string         `json:"note"`
	State            string         `json:"state"`
	Kind             string         `json:"kind"`
	Desk             string         `json:"desk"` // its page for staff, "" when it has none
	Reviewed         bool           `json:"reviewed"`
	Package          string         `json:"package"`
	Frame            string         `json:"frame"` // where its document lies, for a trial
	Size             int64          `json:"size"`
	BundleSize       int64          `json:"bundle_size"`
	Policy           int            `json:"policy"`
	Scopes           []string       `json:"scopes"`
	Domains          []string       `json:"domains"`
	Warnings         int            `json:"warnings"` // findings of its check; the report is in the version's record
	Created          types.DateTime `json:"created"`
	ReleasedAt       types.DateTime `json:"released_at"`
	ScheduledAt      types.DateTime `json:"scheduled_at"`
	ScheduledPercent int            `json:"scheduled_percent"`
	Diff             Diff           `json:"diff"`
	NextActs         []string       `json:"next_acts"` // submit, withdraw, release, schedule, unschedule, rollback
}

// History is a program with its versions, latest first, and what may be done with each.
type History struct {
	Program  *core.Record `json:"program"`
	Versions []Entry      `json:"versions"`
}

// Versions is the program's history. Each version is compared with the one that most people have now, and that
// one with the one that they had before.
func Versions(app core.App, program *core.Record) (History, error) {
	history := History{Program: program, Versions: []Entry{}}
	records, err := app.FindRecordsByFilter("programs_versions", "program = {:program}", "-number", 0, 0, dbx.Params{"program": program.Id})
	if err != nil {
		return history, fmt.Errorf("versions: %w", err)
	}
	policy, err := CurrentPolicy(app)
	if err != nil {
		return history, err
	}
	unverified, err := livesUnverified(app, program, policy)
	if err != nil {
		return history, err
	}
	open, err := openReview(app, program)
	if err != nil {
		return history, err
	}
	blocked, err := blocking(app, program)
	if err != nil {
		return history, err
	}
	for _, version := range records {
		entry := entryOf(program, version)
		entry.Diff = DiffOf(comparedWith(records, program, version), version)
		if !blocked && program.GetString("status") != "deleted" {
			entry.NextActs = nextActs(program, version, open, unverified)
		}
		history.Versions = append(history.Versions, entry)
	}
	return history, nil
}

func comparedWith(versions []*core.Record, program, version *core.Record) *core.Record {
	release := program.GetString("release")
	if release != version.Id {
		if i := slices.IndexFunc(versions, func(v *core.Record) bool { return v.Id == release }); i >= 0 {
			return versions[i]
		}
		return nil
	}
	var before *core.Record
	for _, v := range versions {
		if v.Id != version.Id && wasReleased(v) && !v.GetDateTime("released_at").After(version.GetDateTime("released_at")) &&
			(before == nil || v.GetDateTime("released_at").After(before.GetDateTime("released_at"))) {
			before = v
		}
	}
	return before
}

func entryOf(program, version *core.Record) Entry {
	var report check.Report
	warnings := 0
	if version.UnmarshalJSONField("report", &report) == nil {
		for _, finding := range report.Findings {
			if finding.Severity == weapp.SeverityWarning {
				warnings++
			}
		}
	}
	return Entry{
		ID: version.Id, Number: version.GetInt("number"), Name: version.GetString("name"), Note: version.GetString("note"),
		State: version.GetString("state"), Kind: version.GetString("kind"), Desk: version.GetString("desk"), Reviewed: version.GetBool("reviewed"),
		Package: version.GetString("package"), Frame: Address(program.GetString("appid"), version.GetString("package")),
		Size: version.GetInt64("size"), BundleSize: version.GetInt64("bundle_size"), Policy: version.GetInt("policy"),
		Scopes: listed(version.GetStringSlice("scopes")), Domains: listed(version.GetStringSlice("domains")), Warnings: warnings,
		Created: version.GetDateTime("created"), ReleasedAt: version.GetDateTime("released_at"),
		ScheduledAt: version.GetDateTime("scheduled_at"), ScheduledPercent: version.GetInt("scheduled_percent"), NextActs: []string{},
	}
}

// nextActs is what the makers may do with a version now. Open is the program's review that is not decided yet, if
// any; unverified is whether its versions may go out without one.
func nextActs(program, version, open *core.Record, unverified bool) []string {
	acts := []string{}
	state, reviewed := version.GetString("state"), version.GetBool("reviewed")
	past := state == "superseded" || state == "rolled_back"
	switch {
	case open != nil && open.GetString("version") == version.Id:
		acts = append(acts, "withdraw")
	case open == nil && submittable(version):
		acts = append(acts, "submit")
	}
	switch {
	case state == "approved", state == "rolling_out", state == "checked" && unverified,
		past && !wasReleased(version) && (reviewed || unverified):
		acts = append(acts, "release", "schedule")
	case past && wasReleased(version), state == "released" && program.GetString("rollout") != "": // it ends the roll-out
		acts = append(acts, "rollback")
	}
	if !version.GetDateTime("scheduled_at").IsZero() {
		acts = append(acts, "unschedule")
	}
	return acts
}
