package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/bridge"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/leaderboards"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
)

const (
	boardPlayers  = 1_000_000 // who are ranked before anybody submits
	boardPeople   = 64        // who submit, all at once
	boardSubmits  = 120       // scores of each, below the quota of calls
	submitsWanted = 2_000     // a second
)

// boards measures scores over HTTP on a leaderboard of a million: each is one that the server had started a play for, is
// taken through the launch, the quota, the checks and a durable commit, and is answered with its exact rank.
func boards(register Register) ([]Row, error) {
	s, err := start(plazaStore, register, nil)
	if err != nil {
		return nil, err
	}
	rows, err := measureBoards(s)
	if stopped := s.stop(); err == nil {
		err = stopped
	}
	return rows, err
}

func measureBoards(s *server) ([]Row, error) {
	if err := publishBoard(s.app); err != nil {
		return nil, err
	}
	work, sample, err := submissions(s)
	if err != nil {
		return nil, err
	}
	if err := crowd(s.app); err != nil {
		return nil, err
	}
	began := time.Now()
	if _, err := s.answer(sample); err != nil { // the first rank reads the buckets
		return nil, err
	}
	first := time.Since(began)
	rate, err := s.rush(work)
	if err != nil {
		return nil, err
	}
	if err := exact(s, sample); err != nil {
		return nil, err
	}
	return []Row{
		atLeast("scores with their rank on a board of a million, over HTTP", rate, "scores/s", fmt.Sprintf("limit of %d", submitsWanted), rate/submitsWanted, 1),
		atMost("the first rank on that board after a start", first.Seconds(), "s", "limit of 1 s", first.Seconds(), 1),
	}, nil
}

// publishBoard releases a game with one board whose scores need a play.
func publishBoard(app core.App) error {
	files := application(1, nil)
	files["manifest.json"] = encoded(map[string]any{"app_id": "boards", "name": "Boards", "x_plaza": map[string]any{
		"scopes":       []string{"orders"}, // of the pages that the bench makes
		"leaderboards": []any{map[string]any{"id": "points", "max_per_second": 1_000_000, "reset": "0 0 1 1 *"}},
	}})
	archive, err := check.Archive(files)
	if err != nil {
		return err
	}
	var org, owner *core.Record
	err = ledger.Write(app, func(tx core.App) error {
		if org, err = create(tx, "orgs", map[string]any{"name": "Boards", "slug": "boards", "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris"}); err != nil {
			return err
		}
		owner, err = create(tx, "users", map[string]any{"email": "owner@boards.test", "password": "1234567890", "verified": true, "name": "Owner"})
		return err
	})
	if err != nil {
		return err
	}
	version, err := programs.Upload(app, programs.Owner{Org: org.Id}, "boards", bytes.NewReader(archive), "", owner.Id, time.Now())
	if err != nil {
		return err
	}
	version.Set("reviewed", true)
	if err := app.Save(version); err != nil {
		return err
	}
	_, err = programs.Release(app, "boards", version.GetInt("number"), 100, owner.Id, time.Now())
	return err
}

// submissions are each person's scores, every one better than the one before, with plays that were started a while ago.
func submissions(s *server) (work [][]request, sample request, err error) {
	for person := range boardPeople + 1 {
		var user *core.Record
		err := ledger.Write(s.app, func(tx core.App) (err error) {
			user, err = create(tx, "users", map[string]any{
				"email": fmt.Sprintf("player%d@boards.test", person), "password": "1234567890", "verified": true, "name": fmt.Sprint("Player ", person),
			})
			return err
		})
		if err != nil {
			return nil, sample, err
		}
		token, err := user.NewAuthToken()
		if err != nil {
			return nil, sample, err
		}
		launch, err := programs.Launch(s.app, user, "boards", programs.Opening{}, time.Now())
		if err != nil {
			return nil, sample, err
		}
		var requests []request
		for n := range boardSubmits {
			play, err := playOf(s.app, user, person, n)
			if err != nil {
				return nil, sample, err
			}
			score := person*1009%boardPlayers + n*7_001
			requests = append(requests, request{
				path: "/api/mp/boards/bridge/leaderboards.submit", token: token, header: map[string]string{bridge.LaunchHeader: launch.Token},
				body: string(encoded(map[string]any{"args": map[string]any{"board": "points", "play": play, "score": score}})),
			})
		}
		if person == boardPeople {
			return work, requests[0], nil
		}
		work = append(work, requests)
	}
	return work, sample, nil
}

// playOf starts a play as a person would, and lets the next one begin beside it: a game that is as fast as this bench
// would have sent its score by then.
func playOf(app core.App, user *core.Record, person, n int) (string, error) {
	program, err := programs.Live(app, "boards")
	if err != nil {
		return "", err
	}
	if n == 0 {
		started, err := leaderboards.Play(app, leaderboards.Caller{Program: program, User: user}, "points", time.Now().Add(-time.Minute))
		return started.Play, err
	}
	id := fmt.Sprintf("bench-play-%04d-%04d-xx", person, n)
	return id, ledger.Write(app, func(tx core.App) error {
		_, err := tx.NonconcurrentDB().NewQuery(`INSERT INTO leaderboards_plays (id, board, season, person, seed, started, expires, state)
			SELECT {:id}, board, season, person, 1, started, expires, 'left' FROM leaderboards_plays WHERE person = {:person} LIMIT 1`).
			Bind(dbx.Params{"id": id, "person": user.Id}).Execute()
		return err
	})
}

// crowd ranks a million others, and drops the one rule that a person has one open play at a time, since these people
// have all theirs at once.
func crowd(app core.App) error {
	for _, statement := range []string{
		"DROP INDEX idx_leaderboards_plays_open",
		"DROP TRIGGER leaderboards_plays_once",
		"UPDATE leaderboards_plays SET state = 'open'",
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {:players})
			INSERT INTO leaderboards_scores (season, person, key, at)
			SELECT (SELECT MIN(id) FROM leaderboards_seasons), 'crowd' || i, -((i * 7919) % 1000003), 1700000000000 + i FROM n`,
		"UPDATE leaderboards_seasons SET players = players + {:players}, rev = rev + 1",
	} {
		if _, err := app.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"players": boardPlayers}).Execute(); err != nil {
			return fmt.Errorf("a crowd of players: %w", err)
		}
	}
	return nil
}

// answer is what came back.
func (s *server) answer(r request) ([]byte, error) {
	call, err := http.NewRequest(http.MethodPost, s.url+r.path, bytes.NewReader([]byte(r.body)))
	if err != nil {
		return nil, err
	}
	call.Header.Set("Authorization", r.token)
	call.Header.Set("Content-Type", "application/json")
	for name, value := range r.header {
		call.Header.Set(name, value)
	}
	answer, err := s.client.Do(call)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d %.300s", r.path, answer.StatusCode, body)
	}
	return body, err
}

// exact fails unless the rank that somebody is told after all that is the one that SQL counts.
func exact(s *server, sample request) error {
	sample.path = "/api/mp/boards/bridge/leaderboards.mine"
	sample.body = `{"args":{"board":"points"}}`
	body, err := s.answer(sample)
	if err != nil {
		return err
	}
	var mine leaderboards.Standing
	if err := json.Unmarshal(body, &mine); err != nil {
		return err
	}
	var counted int64
	err = s.app.DB().NewQuery(`SELECT 1 + COUNT(*) FROM leaderboards_scores a, (SELECT season, key, at, id FROM leaderboards_scores WHERE key = {:key} AND at > 1750000000000) b
		WHERE a.season = b.season AND a.hidden = '' AND (a.key, a.at, a.id) < (b.key, b.at, b.id)`).Bind(dbx.Params{"key": -mine.Score}).Row(&counted)
	if err == nil && counted != mine.Rank {
		err = fmt.Errorf("the rank is told as %d, and SQL counts %d", mine.Rank, counted)
	}
	return err
}
