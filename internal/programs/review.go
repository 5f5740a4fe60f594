package programs

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// A review is the operator's look at one version, from the submission to the decision. The invariants: a program
// has one open review at most; an open review is decided or withdrawn exactly once; nobody judges what they make.

var (
	// ErrReviewNotFound refuses a review that does not exist.
	ErrReviewNotFound = refusal.New(http.StatusNotFound, "review_not_found", "There is no such review.")
	// ErrReviewOpen refuses a second submission while one waits; data.number is the version that waits.
	ErrReviewOpen = refusal.New(http.StatusConflict, "review_open", "Another version of this mini program is under review; withdraw that one first.")
	// ErrNotSubmittable refuses to submit a version that was approved already, or is past that.
	ErrNotSubmittable = refusal.New(http.StatusConflict, "not_submittable", "This version cannot be submitted for review in its present state.")
	// ErrReviewClaimed refuses to judge what another reviewer has taken; data has by and until.
	ErrReviewClaimed = refusal.New(http.StatusConflict, "review_claimed", "Another reviewer is looking at this version.")
	// ErrReviewDecided refuses to change a review that was approved or rejected; data.state says which.
	ErrReviewDecided = refusal.New(http.StatusConflict, "review_decided", "This review has been decided already.")
	// ErrReviewWithdrawn refuses to judge a version that its makers have taken back.
	ErrReviewWithdrawn = refusal.New(http.StatusConflict, "review_withdrawn", "This version was withdrawn from review.")
	// ErrOwnProgram refuses to judge a program that the reviewer makes.
	ErrOwnProgram = refusal.New(http.StatusForbidden, "own_program", "Nobody reviews a mini program that they make.")
)

// States of a review.
const (
	stateWaiting   = "waiting"
	stateClaimed   = "claimed"
	stateApproved  = "approved"
	stateRejected  = "rejected"
	stateWithdrawn = "withdrawn"
)

const (
	notesLimit   = 4000 // characters of what makers tell the reviewer
	accountLimit = 500  // characters of a test account
)

// Submission is what the makers tell the reviewer.
type Submission struct {
	Notes       string `json:"notes"`
	TestAccount string `json:"test_account"` // read by operators and makers only
}

func (s Submission) judge() error {
	if len([]rune(s.Notes)) > notesLimit {
		return ErrBadText.With("field", "notes").With("limit", notesLimit)
	}
	if len([]rune(s.TestAccount)) > accountLimit {
		return ErrBadText.With("field", "test_account").With("limit", accountLimit)
	}
	return nil
}

// Submit puts a version in the queue of the reviewers. A version that people have already, unverified, stays with
// them meanwhile. Submitting it again while it waits is the same review. Whether the actor may is the caller's
// question.
func Submit(app core.App, appid string, number int, s Submission, actor string, now time.Time) (*core.Record, error) {
	if err := s.judge(); err != nil {
		return nil, err
	}
	var id string
	err := ledger.Write(app, func(tx core.App) error {
		program, version, err := versionRecord(tx, appid, number)
		if err != nil {
			return err
		}
		if err := running(tx, program); err != nil {
			return err
		}
		open, err := openReview(tx, program)
		if err != nil {
			return err
		}
		if open != nil && open.GetString("version") == version.Id {
			id = open.Id
			return nil
		}
		if open != nil {
			return alreadyOpen(tx, open)
		}
		if !submittable(version) {
			return ErrNotSubmittable.With("state", version.GetString("state"))
		}
		review, err := enqueue(tx, program, version, s, actor, now)
		if err != nil {
			return err
		}
		id = review.Id
		return ledger.Audit(tx, actor, "programs.submit", appid, map[string]any{
			"number": number, "review": id, "risk": review.GetInt("risk"),
		}, now)
	})
	if err != nil {
		return nil, err
	}
	return reviewRecord(app, id)
}

// submittable tells whether the version waits for a look: it is new, was answered on the same bytes, or is with
// people in the unverified tier.
func submittable(version *core.Record) bool {
	switch version.GetString("state") {
	case "checked", "rejected":
		return true
	case "rolling_out", "released":
		return !version.GetBool("reviewed")
	}
	return false
}

func alreadyOpen(tx core.App, open *core.Record) error {
	version, err := tx.FindRecordById("programs_versions", open.GetString("version"))
	if err != nil {
		return err
	}
	return ErrReviewOpen.With("number", version.GetInt("number")).With("review", open.Id)
}

func enqueue(tx core.App, program, version *core.Record, s Submission, actor string, now time.Time) (*core.Record, error) {
	what, err := gather(tx, program, version, now)
	if err != nil {
		return nil, err
	}
	risk, reasons := assess(what)
	collection, err := tx.FindCollectionByNameOrId("programs_reviews")
	if err != nil {
		return nil, err
	}
	review := core.NewRecord(collection)
	review.Load(map[string]any{
		"program": program.Id, "version": version.Id, "state": stateWaiting, "notes": s.Notes, "test_account": s.TestAccount,
		"submitted_by": personID(tx, actor), "submitted_at": now, "risk": risk, "risks": reasons,
	})
	if err := tx.Save(review); err != nil {
		return nil, fmt.Errorf("save review: %w", err)
	}
	if state := version.GetString("state"); state == "checked" || state == "rejected" {
		err = setState(tx, version, "in_review")
	}
	return review, err
}

// WithdrawSubmission takes a version back, also while a reviewer looks at it.
func WithdrawSubmission(app core.App, reviewID, actor string, now time.Time) (*core.Record, error) {
	return judged(app, reviewID, func(tx core.App, review *core.Record) error {
		if review.GetString("state") == stateWithdrawn {
			return nil
		}
		if err := closeReview(tx, review, stateWithdrawn, "", now); err != nil {
			return err
		}
		state, err := unseen(tx, review)
		if err != nil {
			return err
		}
		return finish(tx, review, state, "programs.withdraw", actor, nil, now)
	})
}

// unseen is the state of a version whose review was withdrawn. A rejection of the same bytes stays: else what was
// found bad could go out unverified after all.
func unseen(tx core.App, review *core.Record) (string, error) {
	rejected, err := tx.CountRecords("programs_reviews", dbx.HashExp{"version": review.GetString("version"), "state": stateRejected})
	if err != nil || rejected > 0 {
		return "rejected", err
	}
	return "checked", nil
}

// judged runs a change of a review in a transaction and answers the review as it is then.
func judged(app core.App, id string, change func(tx core.App, review *core.Record) error) (*core.Record, error) {
	err := ledger.Write(app, func(tx core.App) error {
		review, err := reviewRecord(tx, id)
		if err != nil {
			return err
		}
		return change(tx, review)
	})
	if err != nil {
		return nil, err
	}
	return reviewRecord(app, id)
}

// closeReview is the one door out of the queue: of two who come at the same instant one gets through, whatever
// either has read before. A reviewer is held up by another's claim, the makers are not (reviewer is "").
func closeReview(tx core.App, review *core.Record, state, reviewer string, now time.Time) error {
	free := "TRUE"
	if state != stateWithdrawn {
		free = freeFor
	}
	result, err := tx.NonconcurrentDB().NewQuery("UPDATE programs_reviews SET state = {:state} WHERE id = {:id} AND " + isOpen + " AND " + free).
		Bind(dbx.Params{"state": state, "id": review.Id, "reviewer": reviewer, "now": stamp(now)}).Execute()
	if err != nil {
		return fmt.Errorf("close review %s: %w", review.Id, err)
	}
	if rows, err := result.RowsAffected(); err != nil || rows == 1 {
		review.Load(map[string]any{"state": state, "decided_by": reviewer, "decided_at": now, "claimed_until": ""})
		return err
	}
	return whyNot(tx, review)
}

const (
	isOpen  = "state IN ('waiting', 'claimed')"
	freeFor = "(claimed_by = '' OR claimed_by = {:reviewer} OR claimed_until <= {:now})"
)

// whyNot is the reason why a review could not be taken or closed.
func whyNot(tx core.App, review *core.Record) error {
	switch state := review.GetString("state"); state {
	case stateWithdrawn:
		return ErrReviewWithdrawn
	case stateApproved, stateRejected:
		return ErrReviewDecided.With("state", state)
	}
	return ErrReviewClaimed.With("by", nameOf(tx, review.GetString("claimed_by"))).With("until", review.GetDateTime("claimed_until"))
}

// finish saves a closed review, which tells everybody who follows it, and moves its version on. A version that
// was in no review's hands, because people have it already, stays where it is.
func finish(tx core.App, review *core.Record, state, act, actor string, detail map[string]any, now time.Time) error {
	if err := tx.Save(review); err != nil {
		return fmt.Errorf("save review: %w", err)
	}
	version, err := tx.FindRecordById("programs_versions", review.GetString("version"))
	if err != nil {
		return err
	}
	program, err := tx.FindRecordById("programs", review.GetString("program"))
	if err != nil {
		return err
	}
	if state == "approved" {
		version.Set("reviewed", true)
	}
	if version.GetString("state") == "in_review" {
		version.Set("state", state)
	}
	if err := tx.Save(version); err != nil {
		return fmt.Errorf("save version: %w", err)
	}
	if err := raise(tx, program, version); err != nil {
		return err
	}
	told := map[string]any{"number": version.GetInt("number"), "review": review.Id}
	for key, value := range detail {
		told[key] = value
	}
	return ledger.Audit(tx, actor, act, program.GetString("appid"), told, now)
}

// raise gives the program the rights of its tier when the version that people have was approved.
func raise(tx core.App, program, version *core.Record) error {
	shown := orElse(program.GetString("release"), program.GetString("rollout"))
	if shown != version.Id || program.GetString("tier") == tierOf(version) {
		return nil
	}
	program.Set("tier", tierOf(version))
	if err := tx.Save(program); err != nil {
		return fmt.Errorf("save program: %w", err)
	}
	return nil
}

func setState(tx core.App, version *core.Record, state string) error {
	version.Set("state", state)
	if err := tx.Save(version); err != nil {
		return fmt.Errorf("save version: %w", err)
	}
	return nil
}

func reviewRecord(app core.App, id string) (*core.Record, error) {
	review, err := app.FindRecordById("programs_reviews", id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrReviewNotFound
	}
	return review, err
}

// openReview is the program's review that is not over, or nil.
func openReview(app core.App, program *core.Record) (*core.Record, error) {
	found, err := app.FindRecordsByFilter("programs_reviews", "program = {:program} && (state = 'waiting' || state = 'claimed')",
		"", 1, 0, dbx.Params{"program": program.Id})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// latestReview is the latest submission of the program, or of one version of it; nil when there was none.
func latestReview(app core.App, program *core.Record, version string) (*core.Record, error) {
	filter := "program = {:program}"
	if version != "" {
		filter += " && version = {:version}"
	}
	found, err := app.FindRecordsByFilter("programs_reviews", filter, "-submitted_at,-created", 1, 0,
		dbx.Params{"program": program.Id, "version": version})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// impartial refuses a reviewer who makes the program in any way: owns it, works for its organisation or its
// agency, has uploaded or submitted the version.
func impartial(app core.App, review *core.Record, reviewer string) error {
	if reviewer == "" {
		return nil // the house itself
	}
	program, err := app.FindRecordById("programs", review.GetString("program"))
	if err != nil {
		return err
	}
	version, err := app.FindRecordById("programs_versions", review.GetString("version"))
	if err != nil {
		return err
	}
	if slices.Contains([]string{program.GetString("owner"), version.GetString("uploaded_by"), review.GetString("submitted_by")}, reviewer) {
		return ErrOwnProgram
	}
	user, err := app.FindRecordById("users", reviewer)
	if err != nil {
		return err
	}
	for _, org := range []string{program.GetString("org"), program.GetString("agency")} {
		if org == "" {
			continue
		}
		switch _, err := identity.Require(app, user, org); {
		case err == nil:
			return ErrOwnProgram
		case !errors.Is(err, identity.ErrNotStaff):
			return err
		}
	}
	return nil
}

// nameOf is what others call the person; the house when it is nobody.
func nameOf(app core.App, userID string) string {
	if userID == "" {
		return "Plaza"
	}
	user, err := app.FindRecordById("users", userID)
	if err != nil {
		return "" // an account that is gone has no name
	}
	return user.GetString("name")
}
