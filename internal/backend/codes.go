package backend

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/hex"
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
	// CodeTTL is how long a login code is good.
	CodeTTL = 5 * time.Minute
	// CodesPerPerson is how many codes that are still good one person may have in one program.
	CodesPerPerson = 30
	codeBytes      = 20             // 160 bits: nobody guesses one
	codeMemory     = 24 * time.Hour // how long a code is remembered after its end, so that a late replay has its own answer
)

var (
	// ErrTooManyCodes refuses a program that asks for one login code after the other.
	ErrTooManyCodes = refusal.New(http.StatusTooManyRequests, "too_many_logins", "The mini program has asked for too many login codes; wait a few minutes.")
	errCode         = errors.New("no such login code")
	errCodeUsed     = errors.New("this login code has been used")
)

// Login makes a code for the person in the program, in that launch of it.
func Login(app core.App, userID, appid, session string, now time.Time) (string, error) {
	secret := make([]byte, codeBytes)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process instead
	code := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	err := ledger.Write(app, func(tx core.App) error {
		values := dbx.Params{
			"hash": digest(code), "appid": appid, "user": userID, "session": session, "now": now.Unix(), "expires": now.Add(CodeTTL).Unix(),
			"old": now.Add(-codeMemory).Unix(), "limit": CodesPerPerson,
		}
		if _, err := tx.NonconcurrentDB().NewQuery("DELETE FROM backend_codes WHERE expires < {:old}").Bind(values).Execute(); err != nil {
			return fmt.Errorf("clear login codes: %w", err)
		}
		done, err := tx.NonconcurrentDB().NewQuery(`INSERT INTO backend_codes (hash, appid, user, session, expires)
			SELECT {:hash}, {:appid}, {:user}, {:session}, {:expires} WHERE
			(SELECT COUNT(*) FROM backend_codes WHERE user = {:user} AND appid = {:appid} AND expires > {:now} AND used = 0) < {:limit}`).
			Bind(values).Execute()
		if err != nil {
			return fmt.Errorf("save login code: %w", err)
		}
		rows, err := done.RowsAffected()
		if err == nil && rows == 0 {
			err = ErrTooManyCodes.With("retry_after", int(CodeTTL.Seconds()))
		}
		return err
	})
	return code, err
}

// redeem is the person whose code it is. Of several that trade the same code one has it, whatever the time between them.
func redeem(tx core.App, appid, code string, now time.Time) (userID string, err error) {
	values := dbx.Params{"hash": digest(code), "appid": appid, "now": now.Unix()}
	done, err := tx.NonconcurrentDB().NewQuery(`UPDATE backend_codes SET used = {:now}
		WHERE hash = {:hash} AND appid = {:appid} AND used = 0 AND expires > {:now}`).Bind(values).Execute()
	if err != nil {
		return "", fmt.Errorf("use login code: %w", err)
	}
	mine, err := done.RowsAffected()
	if err != nil {
		return "", err
	}
	var row struct {
		User string `db:"user"`
		Used int64  `db:"used"`
	}
	err = tx.DB().NewQuery("SELECT user, used FROM backend_codes WHERE hash = {:hash} AND appid = {:appid}").Bind(values).One(&row)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", errCode
	case err != nil:
		return "", fmt.Errorf("find login code: %w", err)
	case mine == 1:
		return row.User, nil
	case row.Used != 0:
		return "", errCodeUsed
	}
	return "", errCode // it has ended
}

// digest is what is kept of a code, so that a copy of the database logs nobody in.
func digest(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}
