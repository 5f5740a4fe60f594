package programs

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/weapp"
)

var (
	// ErrRuleUnknown refuses a rejection that cites no rule of the current policy.
	ErrRuleUnknown = refusal.New(http.StatusBadRequest, "rule_unknown", "The policy has no such rule; a rejection cites one.")
	// ErrReasonRequired refuses a rejection that does not say why.
	ErrReasonRequired = refusal.New(http.StatusBadRequest, "reason_required", "Say why, so that the makers can do better.")
	// ErrBadFindings refuses findings that are too many, too long or empty.
	ErrBadFindings = refusal.New(http.StatusBadRequest, "bad_findings", "There are too many findings, or one is empty or too long.")
	// ErrBadFile refuses a file that is too large or not of an allowed kind; data.detail says which.
	ErrBadFile = refusal.New(http.StatusBadRequest, "bad_file", "The file is too large or not of an allowed kind.")
)

const (
	// claimFor is how long a review is one reviewer's before others may take it.
	claimFor = 30 * time.Minute
	// findingsLimit is how many places a rejection may point at.
	findingsLimit = 100
	// findingLimit is how many characters one of them may say.
	findingLimit = 500
)

// Claim makes the review the actor's for half an hour. Claiming what one has renews it; a claim that has run out
// is anybody's.
func Claim(app core.App, reviewID, actor string, now time.Time) (*core.Record, error) {
	return judged(app, reviewID, func(tx core.App, review *core.Record) error {
		reviewer := personID(tx, actor)
		if err := impartial(tx, review, reviewer); err != nil {
			return err
		}
		until := now.Add(claimFor)
		result, err := tx.NonconcurrentDB().NewQuery("UPDATE programs_reviews SET claimed_by = {:reviewer}, claimed_until = {:until} WHERE id = {:id} AND " + isOpen + " AND " + freeFor).
			Bind(dbx.Params{"id": review.Id, "reviewer": reviewer, "until": stamp(until), "now": stamp(now)}).Execute()
		if err != nil {
			return fmt.Errorf("claim review %s: %w", review.Id, err)
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if rows == 0 {
			return whyNot(tx, review)
		}
		renewed := heldBy(review, now) == reviewer
		review.Load(map[string]any{"state": stateClaimed, "claimed_by": reviewer, "claimed_until": until})
		if err := tx.Save(review); err != nil {
			return fmt.Errorf("save review: %w", err)
		}
		if renewed {
			return nil
		}
		return auditReview(tx, review, "programs.claim", actor, now)
	})
}

// heldBy is who has claimed the review and still has it, or "".
func heldBy(review *core.Record, now time.Time) string {
	if review.GetString("state") != stateClaimed || !now.Before(review.GetDateTime("claimed_until").Time()) {
		return ""
	}
	return review.GetString("claimed_by")
}

// Unclaim puts a review that the actor has claimed back in the queue, at its old place. One that nobody has is
// there already.
func Unclaim(app core.App, reviewID, actor string, now time.Time) (*core.Record, error) {
	return judged(app, reviewID, func(tx core.App, review *core.Record) error {
		holder := heldBy(review, now)
		state := review.GetString("state")
		switch {
		case state == stateWaiting:
			return nil
		case state != stateClaimed, holder != "" && holder != personID(tx, actor):
			return whyNot(tx, review)
		}
		review.Load(map[string]any{"state": stateWaiting, "claimed_by": "", "claimed_until": ""})
		if err := tx.Save(review); err != nil {
			return fmt.Errorf("save review: %w", err)
		}
		return auditReview(tx, review, "programs.unclaim", actor, now)
	})
}

func auditReview(tx core.App, review *core.Record, act, actor string, now time.Time) error {
	program, err := tx.FindRecordById("programs", review.GetString("program"))
	if err != nil {
		return err
	}
	return ledger.Audit(tx, actor, act, program.GetString("appid"), map[string]any{"review": review.Id}, now)
}

// Approve says that the version may go to everybody, with the rights of the reviewed tier. It does not release it:
// that is the makers' act.
func Approve(app core.App, reviewID, note, actor string, now time.Time) (*core.Record, error) {
	if len([]rune(note)) > reasonLimit {
		return nil, ErrBadText.With("limit", reasonLimit)
	}
	return judged(app, reviewID, func(tx core.App, review *core.Record) error {
		reviewer := personID(tx, actor)
		if err := impartial(tx, review, reviewer); err != nil {
			return err
		}
		if review.GetString("state") == stateApproved && review.GetString("decided_by") == reviewer {
			return nil
		}
		if err := closeReview(tx, review, stateApproved, reviewer, now); err != nil {
			return err
		}
		review.Set("reason", note)
		return finish(tx, review, "approved", "programs.approve", actor, map[string]any{"note": note}, now)
	})
}

// Rejection is why a version may not go to people. It always cites a rule and always says why.
type Rejection struct {
	Rule       string           `json:"rule"` // of the current policy
	Reason     string           `json:"reason"`
	Findings   []weapp.Finding  `json:"findings"` // where it is; may be empty
	Screenshot *filesystem.File `json:"-"`        // what was seen; may be nil
}

func (r *Rejection) judge(app core.App) error {
	r.Reason = strings.TrimSpace(r.Reason)
	switch {
	case r.Reason == "":
		return ErrReasonRequired
	case len([]rune(r.Reason)) > reasonLimit:
		return ErrBadText.With("field", "reason").With("limit", reasonLimit)
	case len(r.Findings) > findingsLimit:
		return ErrBadFindings.With("limit", findingsLimit)
	}
	for i := range r.Findings {
		finding := &r.Findings[i]
		if strings.TrimSpace(finding.Message) == "" || len([]rune(finding.Message)) > findingLimit ||
			len(finding.File) > weapp.MaxPathBytes || finding.Line < 0 || finding.Column < 0 {
			return ErrBadFindings.With("finding", i).With("limit", findingLimit)
		}
		finding.Severity, finding.Code = weapp.SeverityError, "review"
	}
	policy, err := CurrentPolicy(app)
	if err != nil {
		return err
	}
	if _, known := policy.Rule(r.Rule); !known {
		return ErrRuleUnknown.With("rule", r.Rule).With("policy", policy.Number)
	}
	return nil
}

// Reject sends the version back to its makers. They may answer and submit the same bytes again, or better ones.
func Reject(app core.App, reviewID string, r Rejection, actor string, now time.Time) (*core.Record, error) {
	if err := r.judge(app); err != nil {
		return nil, err
	}
	review, err := judged(app, reviewID, func(tx core.App, review *core.Record) error {
		reviewer := personID(tx, actor)
		if err := impartial(tx, review, reviewer); err != nil {
			return err
		}
		if review.GetString("state") == stateRejected && review.GetString("decided_by") == reviewer &&
			review.GetString("rule") == r.Rule && review.GetString("reason") == r.Reason {
			return nil
		}
		if err := closeReview(tx, review, stateRejected, reviewer, now); err != nil {
			return err
		}
		review.Load(map[string]any{"rule": r.Rule, "reason": r.Reason, "findings": append([]weapp.Finding{}, r.Findings...)})
		if r.Screenshot != nil {
			review.Set("screenshot", r.Screenshot)
		}
		return finish(tx, review, "rejected", "programs.reject", actor, map[string]any{"rule": r.Rule, "reason": r.Reason}, now)
	})
	var invalid validation.Errors
	if errors.As(err, &invalid) && invalid["screenshot"] != nil {
		return nil, ErrBadFile.With("field", "screenshot").With("detail", invalid["screenshot"].Error())
	}
	return review, err
}
