package playtime

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

const (
	// MaxTries is how many wrong PINs lock the limit.
	MaxTries = 5
	// LockedFor is for how long it is locked then.
	LockedFor = 15 * time.Minute
	// stretches is how often the PIN is hashed. No number saves four digits from whoever has the whole database; this one
	// makes looking them up cost something.
	stretches = 100_000
)

var pinPattern = regexp.MustCompile(`^[0-9]{4,8}$`)

// Terms is what a guardian wants.
type Terms struct {
	Minutes int    `json:"minutes"` // a day
	Zone    string `json:"zone"`    // whose midnight ends the day
	PIN     string `json:"pin"`     // the one that is in force; for a first limit the one that will be
	NewPIN  string `json:"new_pin"` // in place of it; left out, it stays
}

func (t Terms) sound() bool {
	_, err := time.LoadLocation(t.Zone)
	return err == nil && t.Zone != "" && t.Zone != "Local" && t.Minutes >= MinMinutes && t.Minutes <= MaxMinutes &&
		pinPattern.MatchString(t.PIN) && (t.NewPIN == "" || pinPattern.MatchString(t.NewPIN))
}

// Set makes the account's limit, or changes it for whoever knows its PIN. What was played today stays counted.
func Set(app core.App, userID string, terms Terms, now time.Time) (Standing, error) {
	if !terms.sound() {
		return Standing{}, ErrBadLimit
	}
	switch err := prove(app, userID, terms.PIN, now); {
	case errors.Is(err, ErrNoLimit):
		return first(app, userID, terms, now)
	case err != nil:
		return Standing{}, err
	}
	return change(app, userID, terms, now)
}

// first makes a limit where there is none. Of two at once, the second must know the PIN of the first.
func first(app core.App, userID string, terms Terms, now time.Time) (Standing, error) {
	salt := rand.Text()
	pin, err := hash(terms.PIN, salt)
	if err != nil {
		return Standing{}, err
	}
	err = ledger.Write(app, func(tx core.App) error {
		done, err := tx.DB().NewQuery(`INSERT INTO playtime_limits (user, minutes, zone, salt, pin, since)
			VALUES ({:user}, {:minutes}, {:zone}, {:salt}, {:pin}, {:now}) ON CONFLICT DO NOTHING`).
			Bind(dbx.Params{"user": userID, "minutes": terms.Minutes, "zone": terms.Zone, "salt": salt, "pin": pin, "now": now.UnixMilli()}).Execute()
		if err != nil {
			return err
		}
		if made, err := done.RowsAffected(); err != nil || made == 1 {
			return err
		}
		return ErrPIN.With("left", MaxTries)
	})
	return after(app, userID, now, err)
}

func change(app core.App, userID string, terms Terms, now time.Time) (Standing, error) {
	salt, next := rand.Text(), terms.NewPIN
	if next == "" {
		next = terms.PIN
	}
	pin, err := hash(next, salt)
	if err != nil {
		return Standing{}, err
	}
	err = ledger.Write(app, func(tx core.App) error {
		_, err := tx.DB().NewQuery(`UPDATE playtime_limits SET minutes = {:minutes}, zone = {:zone}, salt = {:salt}, pin = {:pin}
			WHERE user = {:user}`).
			Bind(dbx.Params{"user": userID, "minutes": terms.Minutes, "zone": terms.Zone, "salt": salt, "pin": pin}).Execute()
		return err
	})
	return after(app, userID, now, err)
}

func after(app core.App, userID string, now time.Time, err error) (Standing, error) {
	if err != nil {
		return Standing{}, err
	}
	l, err := limitOf(app, userID)
	if errors.Is(err, errNone) {
		return Standing{}, nil
	}
	if err != nil {
		return Standing{}, err
	}
	return l.standing(app, now)
}

// End takes the limit away, for whoever knows its PIN, and with it all that was counted.
func End(app core.App, userID, pin string, now time.Time) error {
	if err := prove(app, userID, pin, now); err != nil {
		return err
	}
	return ledger.Write(app, func(tx core.App) error { return forget(tx, userID) })
}

// Release takes the limit of the account with that address away without its PIN: the operator's act, which is written down.
func Release(app core.App, actor, email string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		user, err := tx.FindAuthRecordByEmail("users", email)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoLimit
		}
		if err != nil {
			return fmt.Errorf("find the account: %w", err)
		}
		l, err := limitOf(tx, user.Id)
		if errors.Is(err, errNone) {
			return ErrNoLimit
		}
		if err != nil {
			return err
		}
		if err := forget(tx, user.Id); err != nil {
			return err
		}
		return ledger.Audit(tx, actor, "playtime.release", user.Id, map[string]any{"minutes": l.Minutes}, now)
	})
}

func forget(tx core.App, userID string) error {
	for _, table := range []string{"playtime_days", "playtime_limits"} {
		_, err := tx.DB().NewQuery("DELETE FROM " + table + " WHERE user = {:user}").Bind(dbx.Params{"user": userID}).Execute()
		if err != nil {
			return fmt.Errorf("forget play time: %w", err)
		}
	}
	return nil
}

// prove compares the PIN. The try is taken before the look, in a transaction of its own, so that many guesses at once are
// as many as one after the other.
func prove(app core.App, userID, pin string, now time.Time) error {
	var l limit
	locked := false
	err := ledger.Write(app, func(tx core.App) error {
		var err error
		if l, err = limitOf(tx, userID); err != nil {
			return err
		}
		if locked = now.UnixMilli() < l.Locked; locked {
			return nil
		}
		l.Tries++
		until := int64(0)
		tries := l.Tries
		if tries >= MaxTries {
			tries, until = 0, now.Add(LockedFor).UnixMilli()
		}
		_, err = tx.DB().NewQuery("UPDATE playtime_limits SET tries = {:tries}, locked = {:locked} WHERE user = {:user}").
			Bind(dbx.Params{"user": userID, "tries": tries, "locked": until}).Execute()
		return err
	})
	switch {
	case errors.Is(err, errNone):
		return ErrNoLimit
	case err != nil:
		return err
	case locked:
		return ErrLocked.With("until", time.UnixMilli(l.Locked).UTC())
	}
	given, err := hash(strings.TrimSpace(pin), l.Salt)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(given), []byte(l.PIN)) != 1 {
		return ErrPIN.With("left", MaxTries-l.Tries)
	}
	return ledger.Write(app, func(tx core.App) error {
		_, err := tx.DB().NewQuery("UPDATE playtime_limits SET tries = 0, locked = 0 WHERE user = {:user}").Bind(dbx.Params{"user": userID}).Execute()
		return err
	})
}

func hash(pin, salt string) (string, error) {
	key, err := pbkdf2.Key(sha256.New, pin, []byte(salt), stretches, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("hash a PIN: %w", err)
	}
	return hex.EncodeToString(key), nil
}
