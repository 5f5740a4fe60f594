package leaderboards

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// Started is a play that the server has started.
type Started struct {
	Play         string    `json:"play"`
	Seed         uint32    `json:"seed"` // for the game's dice, so that a function can roll the same
	Started      time.Time `json:"started"`
	Expires      time.Time `json:"expires"`
	Season       string    `json:"season"`
	AttemptsLeft *int      `json:"attempts_left,omitempty"` // of a tournament that counts them
}

// Play starts a play: it counts as an attempt, and whatever play of theirs was open on the board is over.
func Play(app core.App, c Caller, name string, now time.Time) (Started, error) {
	if err := prepareTrial(app, c, now); err != nil {
		return Started{}, err
	}
	var started Started
	err := ledger.Write(app, func(tx core.App) error {
		b, s, err := admit(tx, c, name, now)
		if err != nil {
			return err
		}
		if started, err = begin(tx, c, b, s, now); err != nil {
			return err
		}
		return nil
	})
	return started, err
}

// Join takes part in the tournament that runs, if there is room.
func Join(app core.App, c Caller, name string, now time.Time) (Standing, error) {
	if err := prepareTrial(app, c, now); err != nil {
		return Standing{}, err
	}
	err := ledger.Write(app, func(tx core.App) error {
		_, s, err := admit(tx, c, name, now)
		if err != nil {
			return err
		}
		return join(tx, s, c.person(), now)
	})
	if err != nil {
		return Standing{}, err
	}
	return Mine(app, c, name, "", now)
}

// admit is the board and its season now, for somebody who is not kept out.
func admit(tx core.App, c Caller, name string, now time.Time) (board, *season, error) {
	b, err := boardOf(tx, c, name)
	if err != nil {
		return b, nil, err
	}
	out, err := banned(tx, b, c.person())
	if err != nil {
		return b, nil, err
	}
	if out {
		return b, nil, ErrBanned
	}
	s, err := seasonAt(tx, b, now)
	return b, s, err
}

func banned(app core.App, b board, person string) (bool, error) {
	var out bool
	err := ask(app, "SELECT EXISTS (SELECT 1 FROM leaderboards_bans WHERE board = {:board} AND person = {:person})").
		Bind(dbx.Params{"board": b.ID, "person": person}).Row(&out)
	if err != nil {
		return false, fmt.Errorf("bans of leaderboard: %w", err)
	}
	return out, nil
}

// begin counts the attempt and writes the play down. Everything that can be refused is, before anything is written.
func begin(tx core.App, c Caller, b board, s *season, now time.Time) (Started, error) {
	started := Started{Play: newPlay(), Seed: newSeed(), Started: now.UTC(), Expires: now.Add(PlayTTL).UTC(), Season: s.Period}
	if s.Spec.Tournament != nil {
		left, err := attempt(tx, s, c.person(), now)
		if err != nil {
			return started, err
		}
		started.AttemptsLeft = left
		if ends := instant(s.Ends); ends.Before(started.Expires) {
			started.Expires = ends
		}
	}
	params := dbx.Params{
		"id": started.Play, "board": b.ID, "season": s.ID, "person": c.person(), "seed": int64(started.Seed),
		"started": millis(now), "expires": millis(started.Expires),
	}
	err := execute(tx, "UPDATE leaderboards_plays SET state = 'left' WHERE board = {:board} AND person = {:person} AND state = 'open'",
		dbx.Params{"board": b.ID, "person": c.person()})
	if err != nil {
		return started, err
	}
	return started, execute(tx, `INSERT INTO leaderboards_plays (id, board, season, person, seed, started, expires, state)
		VALUES ({:id}, {:board}, {:season}, {:person}, {:seed}, {:started}, {:expires}, 'open')`, params)
}

// attempt counts one attempt in a tournament and says how many are left, nil when nobody counts.
func attempt(tx core.App, s *season, person string, now time.Time) (*int, error) {
	t := s.limits()
	if err := enter(tx, s, person, now); err != nil {
		return nil, err
	}
	var used int
	params := dbx.Params{"season": s.ID, "person": person, "attempts": t.Attempts}
	rows, err := changed(tx, `UPDATE leaderboards_entrants SET attempts = attempts + 1
		WHERE season = {:season} AND person = {:person} AND ({:attempts} = 0 OR attempts < {:attempts})`, params)
	if err != nil {
		return nil, err
	}
	if rows == 0 {
		return nil, ErrAttemptsUsed.With("attempts", t.Attempts)
	}
	if t.Attempts == 0 {
		return nil, nil //nolint:nilnil // nobody counts
	}
	err = ask(tx, "SELECT attempts FROM leaderboards_entrants WHERE season = {:season} AND person = {:person}").
		Bind(dbx.Params{"season": s.ID, "person": person}).Row(&used)
	if err != nil {
		return nil, fmt.Errorf("attempts: %w", err)
	}
	left := t.Attempts - used
	return &left, nil
}

// enter makes sure that somebody takes part: who plays joins, unless the tournament asks for joining first.
func enter(tx core.App, s *season, person string, now time.Time) error {
	if !s.limits().Join {
		return join(tx, s, person, now)
	}
	joined, err := takesPart(tx, s, person)
	if err == nil && !joined {
		err = ErrJoinFirst
	}
	return err
}

// join takes a place in the tournament, once.
func join(tx core.App, s *season, person string, now time.Time) error {
	if s.Spec.Tournament == nil {
		return nil
	}
	joined, err := takesPart(tx, s, person)
	if err != nil || joined {
		return err
	}
	size := s.limits().Size
	rows, err := changed(tx, "UPDATE leaderboards_seasons SET entrants = entrants + 1 WHERE id = {:season} AND ({:size} = 0 OR entrants < {:size})",
		dbx.Params{"season": s.ID, "size": size})
	if err != nil {
		return err
	}
	if rows == 0 {
		return ErrTournamentFull.With("size", size)
	}
	return execute(tx, "INSERT INTO leaderboards_entrants (season, person, joined) VALUES ({:season}, {:person}, {:now})",
		dbx.Params{"season": s.ID, "person": person, "now": millis(now)})
}

func takesPart(app core.App, s *season, person string) (bool, error) {
	var joined bool
	err := ask(app, "SELECT EXISTS (SELECT 1 FROM leaderboards_entrants WHERE season = {:season} AND person = {:person})").
		Bind(dbx.Params{"season": s.ID, "person": person}).Row(&joined)
	if err != nil {
		return false, fmt.Errorf("entrants of a tournament: %w", err)
	}
	return joined, nil
}

func newPlay() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(id[:])
}

func newSeed() uint32 {
	var seed [4]byte
	_, _ = rand.Read(seed[:])
	return binary.BigEndian.Uint32(seed[:])
}
