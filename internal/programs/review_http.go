package programs

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// bindReviews binds the routes of review: the makers' side below /api/mp, the operator's below /api/reviews.
func bindReviews(se *core.ServeEvent) {
	bindSubmission(se)
	bindQueue(se)
	bindDecisions(se)
}

func bindSubmission(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/versions/{number}/submit", Tag: "reviews", Key: KeyHeader,
		Summary: "Ask for the review of a version.", Body: Submission{}, Answer: map[string]any{},
		Refusals: append([]*refusal.Refusal{ErrVersionNotFound, ErrReviewOpen, ErrNotSubmittable, ErrTakenDown, ErrDeleted, ErrBadText}, makersOnly...),
	}, handleSubmit)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/versions/{number}/withdraw", Tag: "reviews", Key: KeyHeader,
		Summary: "Take a version back from its review.", Answer: map[string]any{},
		Refusals: append([]*refusal.Refusal{ErrVersionNotFound, ErrReviewNotFound, ErrReviewDecided}, makersOnly...),
	}, handleWithdraw)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/review", Tag: "reviews", Key: KeyHeader,
		Summary: "Where the latest submission stands: its place in the queue, how long reviews take, the thread.", Answer: Standing{},
		Refusals: makersOnly,
	}, handleStanding)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/reviews/{id}/messages", Tag: "reviews",
		Summary: "Write to the reviewer, or to the makers.", Body: messageBody{}, Answer: Message{},
		Refusals: []*refusal.Refusal{ErrReviewNotFound, ErrNotMaker, ErrBadText, ErrThreadFull},
	}, handleMessage)
}

func bindQueue(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/reviews", Tag: "reviews",
		Summary: "Submissions in the order in which they are taken; ?state=decided for earlier ones, latest first; ?page, ?per_page (100 at most).",
		Answer:  []Queued{}, Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly},
	}, operatorOnly(func(e *core.RequestEvent) error {
		query := e.Request.URL.Query()
		queue, err := Queue(e.App, query.Get("state") != "decided", whole(query.Get("page"), 1), whole(query.Get("per_page"), queuePage),
			e.Auth, languageOf(e), clock.Now(e.App))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, queue)
	}))
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/reviews/{id}", Tag: "reviews",
		Summary: "One submission: what it changes, its check report, the test account, the thread.",
		Answer:  Reviewing{}, Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrReviewNotFound},
	}, operatorOnly(answerReview))
}

func bindDecisions(se *core.ServeEvent) {
	claims := []*refusal.Refusal{ledger.ErrOperatorOnly, ErrReviewNotFound, ErrReviewClaimed, ErrReviewDecided, ErrReviewWithdrawn, ErrOwnProgram}
	taking := func(verb, summary string, act func(app core.App, e *core.RequestEvent) error) {
		route.Handle(se, route.Operation{
			Method: http.MethodPost, Path: "/api/reviews/{id}/" + verb, Tag: "reviews", Summary: summary, Answer: Reviewing{}, Refusals: claims,
		}, operatorOnly(func(e *core.RequestEvent) error {
			if err := act(e.App, e); err != nil {
				return err
			}
			return answerReview(e)
		}))
	}
	taking("claim", "Take a submission for half an hour.", func(app core.App, e *core.RequestEvent) error {
		_, err := Claim(app, e.Request.PathValue("id"), e.Auth.Id, clock.Now(app))
		return err
	})
	taking("unclaim", "Put a submission back in the queue, at its old place.", func(app core.App, e *core.RequestEvent) error {
		_, err := Unclaim(app, e.Request.PathValue("id"), e.Auth.Id, clock.Now(app))
		return err
	})
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/versions/{number}/approve", Tag: "reviews",
		Summary: "Approve a version; its makers release it.", Body: approveBody{}, Answer: map[string]any{},
		Refusals: append([]*refusal.Refusal{ErrNotFound, ErrVersionNotFound, ErrBadText}, claims...),
	}, operatorOnly(handleApprove))
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/versions/{number}/reject", Tag: "reviews",
		Summary: "Reject a version: the rule, the reason, where it is. As JSON, or as a form with a file named screenshot.",
		Body:    Rejection{}, Answer: map[string]any{},
		Refusals: append([]*refusal.Refusal{ErrNotFound, ErrVersionNotFound, ErrRuleUnknown, ErrReasonRequired, ErrBadFindings, ErrBadFile, ErrBadText}, claims...),
	}, operatorOnly(handleReject))
}

// languageOf is the language that the caller asks for, or has.
func languageOf(e *core.RequestEvent) string {
	if language := e.Request.URL.Query().Get("lang"); language != "" || e.Auth == nil {
		return language
	}
	return e.Auth.GetString("language")
}

func whole(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1_000_000 {
		return otherwise
	}
	return n
}

// versionNumber is the number in the address.
func versionNumber(e *core.RequestEvent) (int, error) {
	number, err := strconv.Atoi(e.Request.PathValue("number"))
	if err != nil {
		return 0, ErrVersionNotFound.With("number", e.Request.PathValue("number"))
	}
	return number, nil
}

// reviewOfVersion is the latest review of the version in the address.
func reviewOfVersion(e *core.RequestEvent) (*core.Record, error) {
	number, err := versionNumber(e)
	if err != nil {
		return nil, err
	}
	program, version, err := versionRecord(e.App, e.Request.PathValue("appid"), number)
	if err != nil {
		return nil, err
	}
	review, err := latestReview(e.App, program, version.Id)
	if err != nil {
		return nil, err
	}
	if review == nil {
		return nil, ErrReviewNotFound
	}
	return review, nil
}

func handleSubmit(e *core.RequestEvent) error {
	actor, _, err := Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	number, err := versionNumber(e)
	if err != nil {
		return err
	}
	var body Submission
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	review, err := Submit(e.App, e.Request.PathValue("appid"), number, body, actor, clock.Now(e.App))
	return answerRecord(e, review, err)
}

func handleWithdraw(e *core.RequestEvent) error {
	actor, _, err := Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	review, err := reviewOfVersion(e)
	if err != nil {
		return err
	}
	review, err = WithdrawSubmission(e.App, review.Id, actor, clock.Now(e.App))
	return answerRecord(e, review, err)
}

func answerRecord(e *core.RequestEvent, record *core.Record, err error) error {
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, record)
}

// handleStanding answers makers and operators.
func handleStanding(e *core.RequestEvent) error {
	appid := e.Request.PathValue("appid")
	_, program, err := Maker(e, appid)
	makes := err == nil
	if errors.Is(err, ErrNotMaker) && identity.IsOperator(e.Auth) {
		program, err = programRecord(e.App, appid)
	}
	if err != nil {
		return err
	}
	standing, err := StandingOf(e.App, program, makes, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, standing)
}

func answerReview(e *core.RequestEvent) error {
	one, err := Review(e.App, e.Request.PathValue("id"), e.Auth, languageOf(e), clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, one)
}

type messageBody struct {
	Text string `json:"text"`
}

// handleMessage takes a message from either side. Whoever makes the program is on the makers' side, also as an
// operator.
func handleMessage(e *core.RequestEvent) error {
	var body messageBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	review, err := reviewRecord(e.App, e.Request.PathValue("id"))
	if err != nil {
		return err
	}
	program, err := e.App.FindRecordById("programs", review.GetString("program"))
	if err != nil {
		return err
	}
	side := SideCreator
	if err := RequireMaker(e.App, e.Auth, program); err != nil {
		if !errors.Is(err, ErrNotMaker) {
			return err
		}
		if !identity.IsOperator(e.Auth) {
			return ErrReviewNotFound // which reviews there are is not everybody's to know
		}
		side = SideReviewer
	}
	message, err := Say(e.App, review.Id, side, body.Text, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, message)
}

type approveBody struct {
	Note string `json:"note"`
}

func handleApprove(e *core.RequestEvent) error {
	var body approveBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	review, err := reviewOfVersion(e)
	if err != nil {
		return err
	}
	review, err = Approve(e.App, review.Id, body.Note, e.Auth.Id, clock.Now(e.App))
	return answerRecord(e, review, err)
}

func handleReject(e *core.RequestEvent) error {
	rejection, err := rejectionOf(e)
	if err != nil {
		return err
	}
	review, err := reviewOfVersion(e)
	if err != nil {
		return err
	}
	review, err = Reject(e.App, review.Id, rejection, e.Auth.Id, clock.Now(e.App))
	return answerRecord(e, review, err)
}

// rejectionOf reads a rejection from JSON, or from a form in which findings are JSON and the screenshot a file.
func rejectionOf(e *core.RequestEvent) (Rejection, error) {
	var rejection Rejection
	if !strings.HasPrefix(e.Request.Header.Get("Content-Type"), "multipart/form-data") {
		return rejection, route.Decode(e, &rejection)
	}
	files, err := e.FindUploadedFiles("screenshot")
	if err != nil && !errors.Is(err, http.ErrMissingFile) {
		return rejection, route.ErrBadBody.With("detail", err.Error())
	}
	if len(files) > 1 {
		return rejection, ErrBadFile.With("field", "screenshot").With("detail", "There may be one.")
	}
	rejection.Rule, rejection.Reason = e.Request.FormValue("rule"), e.Request.FormValue("reason")
	rejection.Screenshot = first(files)
	if findings := e.Request.FormValue("findings"); findings != "" {
		if err := json.Unmarshal([]byte(findings), &rejection.Findings); err != nil {
			return rejection, route.ErrBadBody.With("detail", err.Error())
		}
	}
	return rejection, nil
}

func first(files []*filesystem.File) *filesystem.File {
	if len(files) == 0 {
		return nil
	}
	return files[0]
}
