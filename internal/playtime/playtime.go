// Package playtime is how long an account with a limit may play each day.
//
// A guardian sets the limit with a PIN. From then on, and only then, the house counts: a game that is on screen says
// so twice a minute, and the time between two such signs is play. The house's own clock measures it, so a phone's
// clock changes nothing; opening a game is a sign, too, so that loading it anew gives no time back; and two phones
// that play at once are one person who plays. The invariant: once the limit of a day is used up, no game opens for
// that account before the next day. What an account without a limit plays is written down nowhere.
package playtime

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// BeatMax is the longest time between two signs of one game that still counts as play: three times what hosts
	// keep to. A game that is silent for longer was closed without a word.
	BeatMax = 90 * time.Second
	// Grace is how much longer than the limit a launch lives, so that a game can keep its state and its score.
	Grace = 2 * time.Minute
	// MinMinutes and MaxMinutes are the smallest and the largest limit of a day.
	MinMinutes = 5
	// MaxMinutes is a whole day: time is counted and nothing is closed.
	MaxMinutes = 24 * 60
	// KeptDays is for how many days time is kept, today included: what the week's list shows.
	KeptDays = 8
)

var (
	// ErrOver refuses to open a game when the day's time is used up; data.resets_at says when the next day begins.
	ErrOver = refusal.New(http.StatusForbidden, "playtime_over", "The time for games is over for today.")
	// ErrNoLimit refuses to end a limit that there is not.
	ErrNoLimit = refusal.New(http.StatusNotFound, "no_playtime_limit", "This account has no limit of play time.")
	// ErrBadLimit refuses minutes, a zone or a PIN that cannot be.
	ErrBadLimit = refusal.New(http.StatusBadRequest, "bad_playtime_limit", "A limit has 5 to 1440 minutes a day, the name of a time zone, and a PIN of 4 to 8 digits.")
	// ErrPIN refuses a wrong PIN; data.left says how many may still be tried.
	ErrPIN = refusal.New(http.StatusForbidden, "wrong_pin", "This is not the PIN.")
	// ErrLocked refuses every PIN for a while, after too many wrong ones; data.until says for how long.
	ErrLocked = refusal.New(http.StatusTooManyRequests, "pin_locked", "Too many wrong PINs; wait a while.")
)

// Standing is where an account stands in its day.
type Standing struct {
	Limited  bool      `json:"limited"`
	Minutes  int       `json:"minutes"`   // of the limit; 0 without one
	Used     int64     `json:"used"`      // seconds played today
	Left     int64     `json:"left"`      // seconds that are left today; 0 without a limit
	ResetsAt time.Time `json:"resets_at"` // when the next day begins
}

// limit is a row of playtime_limits.
type limit struct {
	User    string `db:"user"`
	Minutes int    `db:"minutes"`
	Zone    string `db:"zone"`
	Salt    string `db:"salt"`
	PIN     string `db:"pin"`
	Tries   int    `db:"tries"`
	Locked  int64  `db:"locked"`
	Playing string `db:"playing"` // the game on screen, "" when there is none
	Seen    int64  `db:"seen"`    // its last sign, in milliseconds
	Since   int64  `db:"since"`
}

var errNone = errors.New("no limit")

func limitOf(app core.App, userID string) (limit, error) {
	var l limit
	err := app.DB().NewQuery("SELECT * FROM playtime_limits WHERE user = {:user}").Bind(dbx.Params{"user": userID}).One(&l)
	if errors.Is(err, sql.ErrNoRows) {
		return l, errNone
	}
	if err != nil {
		return l, fmt.Errorf("play time limit: %w", err)
	}
	return l, nil
}

// today is the account's calendar day at now, and when it ends.
func (l limit) today(now time.Time) (day string, ends time.Time) {
	zone, err := time.LoadLocation(l.Zone)
	if err != nil { // a zone that this machine's data has lost
		zone = time.UTC
	}
	local := now.In(zone)
	year, month, date := local.Date()
	return local.Format(time.DateOnly), time.Date(year, month, date+1, 0, 0, 0, 0, zone).UTC()
}

// Enter opens a game: it counts what was played until now and refuses when nothing is left. An account without a limit
// enters uncounted.
func Enter(app core.App, userID, appid string, now time.Time) (Standing, error) {
	standing, err := sign(app, userID, appid, true, now)
	if err == nil && standing.Limited && standing.Left <= 0 {
		return standing, ErrOver.With("resets_at", standing.ResetsAt)
	}
	return standing, err
}

// Beat is a sign of the game on screen; ended says that it leaves the screen now. It refuses nothing: the host that
// gives it reads how much is left.
func Beat(app core.App, userID, appid string, ended bool, now time.Time) (Standing, error) {
	return sign(app, userID, appid, !ended, now)
}

// sign counts the time since the last sign and begins the next stretch, if the game goes on.
func sign(app core.App, userID, appid string, on bool, now time.Time) (Standing, error) {
	if _, err := limitOf(app, userID); errors.Is(err, errNone) { // most people: nothing is written
		return Standing{}, nil
	} else if err != nil {
		return Standing{}, err
	}
	var standing Standing
	err := ledger.Write(app, func(tx core.App) error {
		l, err := limitOf(tx, userID)
		if errors.Is(err, errNone) { // ended this moment
			standing = Standing{}
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.count(tx, now); err != nil {
			return err
		}
		standing, err = l.standing(tx, now)
		if err != nil {
			return err
		}
		playing := ""
		if on && standing.Left > 0 {
			playing = appid
		}
		_, err = tx.DB().NewQuery("UPDATE playtime_limits SET playing = {:playing}, seen = {:seen} WHERE user = {:user}").
			Bind(dbx.Params{"user": userID, "playing": playing, "seen": now.UnixMilli()}).Execute()
		return err
	})
	if err != nil {
		return Standing{}, fmt.Errorf("play time: %w", err)
	}
	return standing, nil
}

// count adds the stretch since the last sign to the game that was on screen, never more than the day has.
func (l limit) count(tx core.App, now time.Time) error {
	played := now.UnixMilli() - l.Seen
	if l.Playing == "" || played <= 0 || played > BeatMax.Milliseconds() {
		return nil
	}
	day, _ := l.today(now)
	_, err := tx.DB().NewQuery(`INSERT INTO playtime_days (user, day, appid, millis) VALUES ({:user}, {:day}, {:appid}, {:played})
		ON CONFLICT (user, day, appid) DO UPDATE SET millis = min(millis + {:played}, 90000000)`).
		Bind(dbx.Params{"user": l.User, "day": day, "appid": l.Playing, "played": played}).Execute()
	return err
}

func (l limit) standing(app core.App, now time.Time) (Standing, error) {
	day, ends := l.today(now)
	var millis int64
	err := app.DB().NewQuery("SELECT COALESCE(SUM(millis), 0) FROM playtime_days WHERE user = {:user} AND day = {:day}").
		Bind(dbx.Params{"user": l.User, "day": day}).Row(&millis)
	if err != nil {
		return Standing{}, fmt.Errorf("play time of the day: %w", err)
	}
	used := millis / 1000
	return Standing{Limited: true, Minutes: l.Minutes, Used: used, Left: max(0, int64(l.Minutes)*60-used), ResetsAt: ends}, nil
}
