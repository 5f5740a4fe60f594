package programs

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/weapp"
)

const (
	// overdueAfter is how long a submission may wait before nothing riskier goes ahead of it.
	overdueAfter = 24 * time.Hour
	// medianOver is how many of the latest decisions say how long a review takes.
	medianOver = 50
	// queuePage is how many reviews a page has at most.
	queuePage = 100
)

// The order in which reviews are taken: first what has waited for longer than overdueAfter, oldest first, so that
// nothing waits for ever; then by class of risk, because that is where people may come to harm; then by age.
const takenOrder = `(submitted_at <= {:overdue}) DESC,
	CASE WHEN submitted_at <= {:overdue} THEN 0 WHEN risk >= 60 THEN 1 WHEN risk >= 30 THEN 2 ELSE 3 END, submitted_at, id`

// whatWaits is the reviews that nobody looks at now.
const whatWaits = "(state = 'waiting' OR (state = 'claimed' AND claimed_until <= {:now}))"

func queueParams(now time.Time) dbx.Params {
	return dbx.Params{"now": stamp(now), "overdue": stamp(now.Add(-overdueAfter))}
}

// place is where the review stands among the ones that wait: 1 is taken next, 0 when it does not wait.
func place(app core.App, reviewID string, now time.Time) (position, waiting int, err error) {
	params := queueParams(now)
	params["id"] = reviewID
	if err := app.DB().NewQuery("SELECT COUNT(*) FROM programs_reviews WHERE " + whatWaits).Bind(params).Row(&waiting); err != nil {
		return 0, 0, fmt.Errorf("count what waits: %w", err)
	}
	err = app.DB().NewQuery("SELECT place FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY " + takenOrder + ") AS place FROM programs_reviews WHERE " + whatWaits + ") WHERE id = {:id}").
		Bind(params).Row(&position)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, waiting, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("place of review %s: %w", reviewID, err)
	}
	return position, waiting, nil
}

// medianWait is how many seconds passed between submission and decision, in the middle of the latest decisions;
// 0 when there was none yet.
func medianWait(app core.App) (int, error) {
	var seconds []float64
	err := app.DB().NewQuery(`SELECT (julianday(decided_at) - julianday(submitted_at)) * 86400 FROM programs_reviews
		WHERE decided_at != '' AND state IN ('approved', 'rejected') ORDER BY decided_at DESC LIMIT {:n}`).
		Bind(dbx.Params{"n": medianOver}).Column(&seconds)
	if err != nil {
		return 0, fmt.Errorf("median of the reviews: %w", err)
	}
	if len(seconds) == 0 {
		return 0, nil
	}
	slices.Sort(seconds)
	middle := len(seconds) / 2
	if len(seconds)%2 == 0 {
		return int((seconds[middle-1]+seconds[middle])/2 + 0.5), nil
	}
	return int(seconds[middle] + 0.5), nil
}

// ReviewDiff is what the version under review changes.
type ReviewDiff struct {
	Diff
	FilesBefore int `json:"files_before"`
	FilesAfter  int `json:"files_after"`
}

// Queued is a review as the operator's list shows it. Report is there when one review is asked for.
type Queued struct {
	Review        *core.Record  `json:"review"`
	Program       Card          `json:"program"`
	Version       *core.Record  `json:"version"`
	AgeSeconds    int           `json:"age_seconds"` // since the submission, or until the decision
	Overdue       bool          `json:"overdue"`
	Risk          int           `json:"risk"`
	Risks         []Reason      `json:"risks"`
	ClaimedByName string        `json:"claimed_by_name"` // "" when nobody has it now
	DecidedByName string        `json:"decided_by_name"`
	Own           bool          `json:"own"` // the one who asks makes it, and may not judge it
	Diff          ReviewDiff    `json:"diff"`
	Warnings      int           `json:"warnings"` // findings of its check
	Frame         string        `json:"frame"`    // where its document lies, for a sandboxed run
	Report        *check.Report `json:"report"`
}

// Reviewing is one review with all that a reviewer needs.
type Reviewing struct {
	Queued
	FileChanges
	TestAccount string    `json:"test_account"`
	Language    string    `json:"language"` // of who submitted it: a reason is best given in theirs
	Thread      []Message `json:"thread"`
}

// Queue is a page of the open reviews in the order in which they are taken, claimed ones among them, or of the
// decided ones, latest first.
func Queue(app core.App, open bool, page, perPage int, reader *core.Record, language string, now time.Time) ([]Queued, error) {
	perPage = min(max(perPage, 1), queuePage)
	query := app.RecordQuery("programs_reviews").Limit(int64(perPage)).Offset(int64(max(page, 1)-1) * int64(perPage))
	if open {
		query.AndWhere(dbx.NewExp(isOpen)).OrderBy(takenOrder).AndBind(queueParams(now))
	} else {
		query.AndWhere(dbx.NewExp("decided_at != ''")).OrderBy("decided_at DESC", "id")
	}
	reviews := []*core.Record{}
	if err := query.All(&reviews); err != nil {
		return nil, fmt.Errorf("review queue: %w", err)
	}
	queue := make([]Queued, 0, len(reviews))
	for _, review := range reviews {
		one, err := queued(app, review, reader, language, now)
		if err != nil {
			return nil, err
		}
		one.Report = nil
		queue = append(queue, one)
	}
	return queue, nil
}

// queued is what the reader sees of a review.
func queued(app core.App, review, reader *core.Record, language string, now time.Time) (Queued, error) {
	one := Queued{Review: review, Risk: review.GetInt("risk"), Risks: []Reason{}}
	program, err := app.FindRecordById("programs", review.GetString("program"))
	if err != nil {
		return one, err
	}
	if one.Version, err = app.FindRecordById("programs_versions", review.GetString("version")); err != nil {
		return one, err
	}
	if one.Program, err = cardOf(app, program.Id, language); err != nil {
		return one, err
	}
	if err := review.UnmarshalJSONField("risks", &one.Risks); err != nil {
		return one, fmt.Errorf("risks of review %s: %w", review.Id, err)
	}
	if one.Diff, one.Report, err = weighed(app, program, one.Version); err != nil {
		return one, err
	}
	for _, finding := range one.Report.Findings {
		if finding.Severity == weapp.SeverityWarning {
			one.Warnings++
		}
	}
	one.Version.Hide("report", "manifest")
	one.Frame = Address(program.GetString("appid"), one.Version.GetString("package"))
	if holder := heldBy(review, now); holder != "" {
		one.ClaimedByName = nameOf(app, holder)
	}
	until := now
	if decided := review.GetDateTime("decided_at"); !decided.IsZero() {
		until = decided.Time()
	}
	if state := review.GetString("state"); state == stateApproved || state == stateRejected {
		one.DecidedByName = nameOf(app, review.GetString("decided_by"))
	}
	waited := until.Sub(review.GetDateTime("submitted_at").Time())
	one.AgeSeconds, one.Overdue = int(waited.Seconds()), until.Equal(now) && waited >= overdueAfter
	err = impartial(app, review, reader.Id)
	one.Own = errors.Is(err, ErrOwnProgram)
	if one.Own {
		err = nil
	}
	return one, err
}

// weighed is the version's check report, and its difference to what people have now.
func weighed(app core.App, program, version *core.Record) (ReviewDiff, *check.Report, error) {
	before, err := released(app, program, version.Id)
	if err != nil {
		return ReviewDiff{}, nil, err
	}
	report := reportOf(version)
	diff := ReviewDiff{Diff: DiffOf(before, version), FilesAfter: report.Sizes.Files}
	if before != nil {
		diff.FilesBefore = reportOf(before).Sizes.Files
	}
	return diff, report, nil
}

// reportOf is what the check said of the version. Versions from before there were reports have an empty one.
func reportOf(version *core.Record) *check.Report {
	report := &check.Report{}
	if err := version.UnmarshalJSONField("report", report); err != nil {
		return &check.Report{}
	}
	return report
}

func cardOf(app core.App, programID, language string) (Card, error) {
	var card Card
	err := app.DB().NewQuery(cardColumns + " " + cardFrom + " WHERE p.id = {:id}").Bind(dbx.Params{"id": programID}).One(&card)
	if err != nil {
		return card, fmt.Errorf("card of program %s: %w", programID, err)
	}
	card.complete(language)
	return card, nil
}

// Review is one review with its thread, as an operator sees it.
func Review(app core.App, id string, reader *core.Record, language string, now time.Time) (Reviewing, error) {
	review, err := reviewRecord(app, id)
	if err != nil {
		return Reviewing{}, err
	}
	one, err := queued(app, review, reader, language, now)
	if err != nil {
		return Reviewing{}, err
	}
	all := Reviewing{Queued: one, TestAccount: review.GetString("test_account")}
	if by, err := app.FindRecordById("users", review.GetString("submitted_by")); err == nil {
		all.Language = by.GetString("language")
	}
	program, err := app.FindRecordById("programs", review.GetString("program"))
	if err != nil {
		return all, err
	}
	before, err := released(app, program, one.Version.Id)
	if err != nil {
		return all, err
	}
	if all.FileChanges, err = changedFiles(app, before, one.Version); err != nil {
		return all, err
	}
	all.Thread, err = thread(app, program.Id, false)
	return all, err
}

// Standing is where a program's latest submission stands.
type Standing struct {
	Review        *core.Record `json:"review"`   // null when nothing was ever submitted
	Position      int          `json:"position"` // 1 is taken next; 0 when it does not wait, or is being looked at
	Waiting       int          `json:"waiting"`
	MedianSeconds int          `json:"median_seconds"` // of the latest decisions; 0 when there are none
	Number        int          `json:"number"`         // the version
	Thread        []Message    `json:"thread"`
}

// StandingOf is where the program's latest submission stands.
func StandingOf(app core.App, program *core.Record, forMakers bool, now time.Time) (Standing, error) {
	var s Standing
	var err error
	if s.Review, err = latestReview(app, program, ""); err != nil {
		return s, err
	}
	id := ""
	if s.Review != nil {
		id = s.Review.Id
		version, err := app.FindRecordById("programs_versions", s.Review.GetString("version"))
		if err != nil {
			return s, err
		}
		s.Number = version.GetInt("number")
	}
	if s.Position, s.Waiting, err = place(app, id, now); err != nil {
		return s, err
	}
	if s.MedianSeconds, err = medianWait(app); err != nil {
		return s, err
	}
	s.Thread, err = thread(app, program.Id, forMakers)
	return s, err
}
