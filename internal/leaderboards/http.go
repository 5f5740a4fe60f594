package leaderboards

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const tag = "leaderboards"

// Register binds the boards to the programs that declare them, the routes of players and makers, and the jobs that close
// seasons and forget.
func Register(app core.App) {
	bindBoards(app)
	app.OnRecordDeleteExecute("users").BindFunc(leave)
	jobs.Watch(app, "leaderboards.close", 1, dueSeasons)
	jobs.Every(app, "leaderboards.forget", "50 3 * * *", "UTC", func(app core.App, _ time.Time) error {
		return Forget(app, clock.Now(app))
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bindPlayers(se)
		bindMakers(se)
		bindActs(se)
		return se.Next()
	})
}

type boardsBody struct {
	Boards []Board `json:"boards"`
}

func bindPlayers(se *core.ServeEvent) {
	gone := []*refusal.Refusal{programs.ErrNotFound, programs.ErrTakenDown, programs.ErrDeleted}
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/leaderboards", Tag: tag,
		Summary: "The leaderboards of a mini program as they are now.", Answer: boardsBody{}, Refusals: gone,
	}, func(e *core.RequestEvent) error {
		c, err := visitor(e)
		if err != nil {
			return err
		}
		list, err := List(e.App, c, clock.Now(e.App))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, boardsBody{list})
	})
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/leaderboards/{board}", Tag: tag,
		Summary: "The first of a season, by ?season, ?limit and ?cursor.", Answer: Page{},
		Refusals: append([]*refusal.Refusal{ErrBoardUnknown, ErrSeasonUnknown, ErrBadQuery}, gone...),
	}, func(e *core.RequestEvent) error {
		c, err := visitor(e)
		if err != nil {
			return err
		}
		q, err := asked(e)
		if err != nil {
			return err
		}
		page, err := Top(e.App, c, q, clock.Now(e.App))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, page)
	})
}

// visitor is somebody who looks at a program's boards without opening it.
func visitor(e *core.RequestEvent) (Caller, error) {
	program, err := programs.For(e.App, e.Auth.Id, e.Request.PathValue("appid"))
	return Caller{Program: program, User: e.Auth}, err
}

func asked(e *core.RequestEvent) (Query, error) {
	values := e.Request.URL.Query()
	q := Query{Board: e.Request.PathValue("board"), Season: values.Get("season"), Cursor: values.Get("cursor")}
	if text := values.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 {
			return q, ErrBadQuery.With("limit", PageLimit)
		}
		q.Limit = limit
	}
	return q, nil
}

// ofMaker is who asks and the board that they mean, also one that the program declares no more.
func ofMaker(e *core.RequestEvent) (actor string, b board, err error) {
	actor, program, err := programs.Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return "", b, err
	}
	found, err := boards(e.App, "program = {:program} AND trial = 0 AND board = {:board}",
		dbx.Params{"program": program.Id, "board": e.Request.PathValue("board")})
	if err != nil {
		return "", b, err
	}
	if len(found) == 0 {
		return "", b, ErrBoardUnknown.With("board", e.Request.PathValue("board"))
	}
	return actor, found[0], nil
}

// forMakers binds a route that shows something of a board to its makers.
func forMakers[T any](se *core.ServeEvent, path, summary string, answer T, show func(e *core.RequestEvent, b board, now time.Time) (T, error)) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/leaderboards/{board}" + path, Tag: tag, Summary: "The makers: " + summary, Answer: answer,
		Refusals: []*refusal.Refusal{programs.ErrNotFound, programs.ErrDeleted, programs.ErrNotMaker, ErrBoardUnknown, ErrSeasonUnknown, ErrBadQuery},
	}, func(e *core.RequestEvent) error {
		_, b, err := ofMaker(e)
		if err != nil {
			return err
		}
		shown, err := show(e, b, clock.Now(e.App))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, shown)
	})
}

type (
	declaredBoard struct {
		Board
		Live bool `json:"live"` // the released version declares it
	}
	declaredBody struct {
		Boards []declaredBoard `json:"boards"`
	}
	seasonsBody struct {
		Seasons []MakerSeason `json:"seasons"`
	}
	triesBody struct {
		Tries []Try `json:"tries"`
		Next  int64 `json:"next"` // ?before of the next page; 0 when there is none
	}
	prizesBody struct {
		Prizes []Prize `json:"prizes"`
	}
	bansBody struct {
		Bans []MakerBan `json:"bans"`
	}
	logBody struct {
		Log string `json:"log"` // JSON, as the page sent it
	}
)

// triesPage is how many refused tries one page has.
const triesPage = 100

func bindMakers(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/boards", Tag: tag,
		Summary: "The makers: all leaderboards that the mini program ever had.", Answer: declaredBody{},
		Refusals: []*refusal.Refusal{programs.ErrNotFound, programs.ErrDeleted, programs.ErrNotMaker},
	}, handleBoards)
	forMakers(se, "/seasons", "its seasons, with what they gave.", seasonsBody{}, func(e *core.RequestEvent, b board, now time.Time) (seasonsBody, error) {
		list, err := MakerSeasons(e.App, b, now)
		return seasonsBody{list}, err
	})
	forMakers(se, "/scores", "the scores of a season, or with ?hidden=true those that are taken out.", MakerPage{}, func(e *core.RequestEvent, b board, now time.Time) (MakerPage, error) {
		q, err := asked(e)
		if err != nil {
			return MakerPage{}, err
		}
		return Scores(e.App, b, q, e.Request.URL.Query().Get("hidden") == "true", now)
	})
	forMakers(se, "/scores/{id}/log", "what a player did, as the page told it.", logBody{}, func(e *core.RequestEvent, b board, _ time.Time) (logBody, error) {
		return logOf(e.App, b, number(e))
	})
	forMakers(se, "/refused", "the scores that were refused, with the reason.", triesBody{}, func(e *core.RequestEvent, b board, _ time.Time) (triesBody, error) {
		before, _ := strconv.ParseInt(e.Request.URL.Query().Get("before"), 10, 64) // what is no number is the first page
		list, err := Refused(e.App, b, max(before, 0), triesPage)
		body := triesBody{Tries: list}
		if len(list) == triesPage {
			body.Next = list[len(list)-1].ID
		}
		return body, err
	})
	forMakers(se, "/prizes", "what its tournaments gave, and what could not be given.", prizesBody{}, func(e *core.RequestEvent, b board, _ time.Time) (prizesBody, error) {
		list, err := Prizes(e.App, b, e.Request.URL.Query().Get("season"))
		return prizesBody{list}, err
	})
	forMakers(se, "/bans", "who is kept out.", bansBody{}, func(e *core.RequestEvent, b board, _ time.Time) (bansBody, error) {
		list, err := Bans(e.App, b)
		return bansBody{list}, err
	})
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/leaderboards/{board}/scores.csv", Tag: tag,
		Summary:  "The makers: the ranking of a season as a table.",
		Refusals: []*refusal.Refusal{programs.ErrNotFound, programs.ErrNotMaker, ErrBoardUnknown, ErrSeasonUnknown},
	}, handleCSV)
}

func handleBoards(e *core.RequestEvent) error {
	_, program, err := programs.Maker(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	found, err := boards(e.App, "program = {:program} AND trial = 0 ORDER BY live DESC, id", dbx.Params{"program": program.Id})
	if err != nil {
		return err
	}
	body := declaredBody{Boards: []declaredBoard{}}
	for _, b := range found {
		one, err := boardNow(e.App, b, clock.Now(e.App))
		if err != nil {
			return err
		}
		body.Boards = append(body.Boards, declaredBoard{Board: one, Live: b.Live})
	}
	return e.JSON(http.StatusOK, body)
}

func handleCSV(e *core.RequestEvent) error {
	_, b, err := ofMaker(e)
	if err != nil {
		return err
	}
	season := e.Request.URL.Query().Get("season")
	if _, err := shownSeason(e.App, b, season, clock.Now(e.App)); err != nil {
		return err
	}
	e.Response.Header().Set("Content-Type", "text/csv; charset=utf-8")
	e.Response.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.csv"`, b.AppID, b.Name))
	return WriteCSV(e.App, b, season, clock.Now(e.App), e.Response)
}

// number is the id in the path; what is no number is the id of nothing.
func number(e *core.RequestEvent) int64 {
	id, _ := strconv.ParseInt(e.Request.PathValue("id"), 10, 64)
	return id
}

type (
	reasonBody struct {
		Reason string `json:"reason"`
	}
	payBody struct {
		Season string `json:"season"`
	}
	paidBody struct {
		Given int `json:"given"` // prizes
	}
)

func bindActs(se *core.ServeEvent) {
	refusals := []*refusal.Refusal{programs.ErrNotFound, programs.ErrDeleted, programs.ErrNotMaker, ErrBoardUnknown, ErrScoreUnknown, ErrReason, ErrBanned}
	bind := func(method, path, summary string, body any, do func(e *core.RequestEvent, actor string, b board, now time.Time) error) {
		route.Handle(se, route.Operation{
			Method: method, Path: "/api/mp/{appid}/leaderboards/{board}" + path, Tag: tag, Summary: "The makers: " + summary, Body: body, Refusals: refusals,
		}, func(e *core.RequestEvent) error {
			actor, b, err := ofMaker(e)
			if err != nil {
				return err
			}
			if err := do(e, actor, b, clock.Now(e.App)); err != nil {
				return err
			}
			return e.NoContent(http.StatusNoContent)
		})
	}
	withReason := func(do func(app core.App, actor string, b board, id int64, reason string, now time.Time) error) func(*core.RequestEvent, string, board, time.Time) error {
		return func(e *core.RequestEvent, actor string, b board, now time.Time) error {
			var body reasonBody
			if err := route.Decode(e, &body); err != nil {
				return err
			}
			return do(e.App, actor, b, number(e), body.Reason, now)
		}
	}
	bind(http.MethodPost, "/scores/{id}/remove", "take a score out of the ranking.", reasonBody{}, withReason(Remove))
	bind(http.MethodPost, "/scores/{id}/restore", "put it back.", nil, func(e *core.RequestEvent, actor string, b board, now time.Time) error {
		return Restore(e.App, actor, b, number(e), now)
	})
	bind(http.MethodPost, "/scores/{id}/ban", "keep its player out of the board.", reasonBody{}, withReason(Ban))
	bind(http.MethodDelete, "/bans/{id}", "let a player back.", nil, func(e *core.RequestEvent, actor string, b board, now time.Time) error {
		return Unban(e.App, actor, b, number(e), now)
	})
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/leaderboards/{board}/prizes/pay", Tag: tag,
		Summary: "The makers: give the prizes of a season that could not be given when it closed.", Body: payBody{}, Answer: paidBody{},
		Refusals: []*refusal.Refusal{programs.ErrNotFound, programs.ErrDeleted, programs.ErrNotMaker, ErrBoardUnknown, ErrSeasonUnknown},
	}, handlePay)
}

func handlePay(e *core.RequestEvent) error {
	actor, b, err := ofMaker(e)
	if err != nil {
		return err
	}
	var body payBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	given, err := PayAgain(e.App, actor, b, body.Season, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, paidBody{given})
}

// logOf is the log that is kept of a score; an empty list when there is none.
func logOf(app core.App, b board, id int64) (logBody, error) {
	if _, _, err := boardScore(app, b, id); err != nil {
		return logBody{}, err
	}
	var found []string
	if err := app.DB().NewQuery("SELECT log FROM leaderboards_logs WHERE score = {:id}").Bind(dbx.Params{"id": id}).Column(&found); err != nil {
		return logBody{}, fmt.Errorf("log of score %d: %w", id, err)
	}
	if len(found) == 0 {
		return logBody{Log: "[]"}, nil
	}
	return logBody{Log: found[0]}, nil
}
