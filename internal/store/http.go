package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// publisherJob indexes a publisher's programs anew; its payload is the id of the organisation or person.
const publisherJob = "store.publisher"

// Register binds the routes, the hooks that keep the index, and the night's work.
func Register(app core.App) {
	bindHooks(app)
	auditFeatures(app)
	jobs.Every(app, "store.nightly", "10 4 * * *", "UTC", nightly)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := start(e.App); err != nil {
			return err
		}
		bindShop(e)
		bindRatings(e)
		bindReports(e)
		return e.Next()
	})
}

// start makes the index whole before the first answer when another version made it, and otherwise beside it.
func start(app core.App) error {
	current, err := isCurrent(app)
	if err != nil {
		return err
	}
	if !current {
		return Rebuild(app)
	}
	var catching sync.WaitGroup
	catching.Go(func() {
		if err := catchUp(app); err != nil {
			app.Logger().Error("The store's index may have missed something", "error", err)
		}
	})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		catching.Wait()
		return e.Next()
	})
	return nil
}

// bindHooks follows the programs and their publishers after each commit. What is missed is found at the next
// start, so a failure here is told and hinders nobody.
func bindHooks(app core.App) {
	follow := func(e *core.RecordEvent) error {
		if err := Index(e.App, e.Record.Id); err != nil {
			e.App.Logger().Error("A program is not in the store's index as it is", "program", e.Record.Id, "error", err)
		}
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess("programs").BindFunc(follow)
	app.OnRecordAfterUpdateSuccess("programs").BindFunc(follow)
	app.OnRecordAfterDeleteSuccess("programs").BindFunc(follow)
	publisher := func(e *core.RecordEvent) error {
		if err := promise(e.App, e.Record); err != nil {
			e.App.Logger().Error("A publisher's programs are not indexed anew", "publisher", e.Record.Id, "error", err)
		}
		return e.Next()
	}
	app.OnRecordAfterUpdateSuccess("orgs", "users").BindFunc(publisher)
	jobs.Handle(app, publisherJob, indexPublisher)
}

// promise has the programs of an organisation or a person indexed soon: there may be many of them.
func promise(app core.App, publisher *core.Record) error {
	var some bool
	err := app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM programs WHERE org = {:id} OR agency = {:id} OR (owner = {:id} AND org = ''))").
		Bind(dbx.Params{"id": publisher.Id}).Row(&some)
	if err != nil || !some {
		return err
	}
	now := clock.Now(app)
	return jobs.Add(app, publisherJob, publisher.Id+"/"+publisher.GetString("updated"), publisher.Id, now)
}

func indexPublisher(app core.App, payload []byte, _ time.Time) error {
	var publisher string
	if err := json.Unmarshal(payload, &publisher); err != nil {
		return err
	}
	var ids []string
	err := app.DB().NewQuery("SELECT id FROM programs WHERE org = {:id} OR agency = {:id} OR (owner = {:id} AND org = '')").
		Bind(dbx.Params{"id": publisher}).Column(&ids)
	if err != nil {
		return fmt.Errorf("programs of %s: %w", publisher, err)
	}
	return indexAll(app, ids)
}

func bindShop(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/store", Tag: "store", Public: true, Answer: Page{},
		Summary:  "Search the mini programs, or list them by rank, ?sort=new or rising; ?q, category, kind, certified=true, page or after, per_page, lang.",
		Refusals: []*refusal.Refusal{ErrBadQuery},
	}, handleSearch)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/store/front", Tag: "store", Public: true, Answer: Front{},
		Summary: "The store's first screen: banner, picks, new, rising, categories with counts.",
	}, func(e *core.RequestEvent) error {
		front, err := Open(e.App, languageOf(e), clock.Now(e.App))
		return answer(e, front, err)
	})
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/store/{appid}", Tag: "store", Public: true, Answer: Detail{},
		Summary:  "A mini program's page: history, permissions, screenshots, stars, and whether you may rate it.",
		Refusals: []*refusal.Refusal{programs.ErrNotFound},
	}, func(e *core.RequestEvent) error {
		detail, err := Show(e.App, e.Request.PathValue("appid"), languageOf(e), person(e))
		return answer(e, detail, err)
	})
}

func bindRatings(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/store/{appid}/ratings", Tag: "store", Public: true, Answer: Opinions{},
		Summary:  "What people say of a mini program; ?page, ?sort=new, helpful, low or high.",
		Refusals: []*refusal.Refusal{programs.ErrNotFound, ErrBadQuery},
	}, handleRatings)
	route.Handle(se, route.Operation{
		Method: http.MethodPut, Path: "/api/store/{appid}/rating", Tag: "store", Body: Rating{}, Answer: Opinion{},
		Summary:  "Rate a mini program that you have used, or change your rating.",
		Refusals: []*refusal.Refusal{programs.ErrNotFound, ErrNotUsed, ErrOwnProgram, ErrBadRating},
	}, handleRate)
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/store/{appid}/rating", Tag: "store",
		Summary: "Take your rating back.", Refusals: []*refusal.Refusal{programs.ErrNotFound},
	}, func(e *core.RequestEvent) error {
		if err := Unrate(e.App, e.Auth, e.Request.PathValue("appid"), clock.Now(e.App)); err != nil {
			return err
		}
		return e.NoContent(http.StatusNoContent)
	})
	// Public, because an upload key may do it too: programs.Maker asks who it is.
	route.Handle(se, route.Operation{
		Method: http.MethodPut, Path: "/api/store/ratings/{id}/reply", Tag: "store", Public: true, Body: replyBody{}, Answer: Opinion{},
		Summary:  "Answer a rating of a mini program that you make; an empty text takes the answer back.",
		Refusals: []*refusal.Refusal{route.ErrSignIn, ErrRatingNotFound, ErrBadRating, programs.ErrNotMaker, programs.ErrKeyInvalid},
	}, handleReply)
}

func bindReports(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/store/{appid}/report", Tag: "store", Body: Complaint{}, Answer: map[string]any{},
		Summary:  "Report a mini program, or a rating of it, to the operator.",
		Refusals: []*refusal.Refusal{programs.ErrNotFound, ErrRatingNotFound, ErrBadReport},
	}, handleReport)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/reports", Tag: "store", Answer: Reports{},
		Summary:  "Reports of mini programs and ratings; ?state=open or closed, ?page. Operators only.",
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrBadQuery},
	}, func(e *core.RequestEvent) error {
		if !identity.IsOperator(e.Auth) {
			return ledger.ErrOperatorOnly
		}
		query := e.Request.URL.Query()
		page, err := number(query.Get("page"), "page")
		if err != nil {
			return err
		}
		reports, err := ReportsOf(e.App, query.Get("state"), page, languageOf(e))
		return answer(e, reports, err)
	})
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/reports/{id}/close", Tag: "store", Body: Verdict{}, Answer: map[string]any{},
		Summary:  "Close a report, with an answer; hide_rating hides the rating, or those that a burst held. Operators only.",
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrReportNotFound, ErrBadReport},
	}, handleClose)
}

func handleSearch(e *core.RequestEvent) error {
	values := e.Request.URL.Query()
	query := Query{
		Q: values.Get("q"), Category: values.Get("category"), Kind: values.Get("kind"), Sort: values.Get("sort"),
		Certified: values.Get("certified") == "true", After: values.Get("after"), Language: languageOf(e),
	}
	var err error
	if query.Page, err = number(values.Get("page"), "page"); err != nil {
		return err
	}
	if query.PerPage, err = number(values.Get("per_page"), "per_page"); err != nil {
		return err
	}
	if user := person(e); user != nil {
		query.User = user.Id
	}
	page, err := Search(e.App, query)
	return answer(e, page, err)
}

func handleRatings(e *core.RequestEvent) error {
	values := e.Request.URL.Query()
	page, err := number(values.Get("page"), "page")
	if err != nil {
		return err
	}
	userID := ""
	if user := person(e); user != nil {
		userID = user.Id
	}
	opinions, err := Ratings(e.App, e.Request.PathValue("appid"), values.Get("sort"), page, userID)
	return answer(e, opinions, err)
}

func handleRate(e *core.RequestEvent) error {
	var body Rating
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	if body.Language == "" {
		body.Language = e.Auth.GetString("language")
	}
	rating, err := Rate(e.App, e.Auth, e.Request.PathValue("appid"), body, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, opinionOf(rating, authorOf(e.Auth.GetString("name")), true))
}

type replyBody struct {
	Text string `json:"text"`
}

func handleReply(e *core.RequestEvent) error {
	if e.Auth == nil && e.Request.Header.Get(programs.KeyHeader) == "" {
		return route.ErrSignIn
	}
	var body replyBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	id := e.Request.PathValue("id")
	var appid, author string
	err := e.App.DB().NewQuery(`SELECT p.appid, COALESCE(u.name, '') FROM store_ratings r JOIN programs p ON p.id = r.program
		LEFT JOIN users u ON u.id = r.user WHERE r.id = {:id}`).Bind(dbx.Params{"id": id}).Row(&appid, &author)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrRatingNotFound
	}
	if err != nil {
		return err
	}
	actor, _, err := programs.Maker(e, appid)
	if err != nil {
		return err
	}
	rating, err := Reply(e.App, id, body.Text, actor, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, opinionOf(rating, authorOf(author), false))
}

func handleReport(e *core.RequestEvent) error {
	var body Complaint
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	report, err := Report(e.App, e.Auth, e.Request.PathValue("appid"), body, clock.Now(e.App))
	return answer(e, report, err)
}

func handleClose(e *core.RequestEvent) error {
	if !identity.IsOperator(e.Auth) {
		return ledger.ErrOperatorOnly
	}
	var body Verdict
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	report, err := CloseReport(e.App, e.Request.PathValue("id"), body, e.Auth.Id, clock.Now(e.App))
	return answer(e, report, err)
}

func answer(e *core.RequestEvent, value any, err error) error {
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, value)
}

// number is a number of the address's query; none is 0.
func number(text, field string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, ErrBadQuery.With("field", field)
	}
	return n, nil
}

// languageOf is the language that the caller reads: as the address says, else their own.
func languageOf(e *core.RequestEvent) string {
	if language := e.Request.URL.Query().Get("lang"); language != "" {
		return language
	}
	if user := person(e); user != nil {
		return user.GetString("language")
	}
	return ""
}

// person is who asks, if it is one of the people.
func person(e *core.RequestEvent) *core.Record {
	if e.Auth == nil || e.Auth.Collection().Name != "users" {
		return nil
	}
	return e.Auth
}
