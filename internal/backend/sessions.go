package backend

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	// SessionTTL is how long a session key is good after the last login; each login before its end prolongs it, so that
	// two devices of a person have the same.
	SessionTTL      = 30 * 24 * time.Hour
	sessionKeyBytes = 16 // of AES-128, as WeChat's
)

// sessionKey is the key that the program's server and the house share for this person, prolonged, or a new one.
func sessionKey(tx core.App, userID, appid string, now time.Time) (string, error) {
	key, err := standingKey(tx, userID, appid, now)
	if errors.Is(err, sql.ErrNoRows) {
		return newSessionKey(tx, userID, appid, now)
	}
	if err != nil {
		return "", err
	}
	return key, keepSessionKey(tx, userID, appid, key, now)
}

// standingKey is the key that is good now; sql.ErrNoRows when there is none.
func standingKey(app core.App, userID, appid string, now time.Time) (key string, err error) {
	err = app.DB().NewQuery("SELECT key FROM backend_sessions WHERE user = {:user} AND appid = {:appid} AND expires > {:now}").
		Bind(dbx.Params{"user": userID, "appid": appid, "now": now.Unix()}).Row(&key)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("session key: %w", err)
	}
	return key, err
}

func newSessionKey(tx core.App, userID, appid string, now time.Time) (string, error) {
	secret := make([]byte, sessionKeyBytes)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process instead
	key := base64.StdEncoding.EncodeToString(secret)
	return key, keepSessionKey(tx, userID, appid, key, now)
}

func keepSessionKey(tx core.App, userID, appid, key string, now time.Time) error {
	_, err := tx.NonconcurrentDB().NewQuery(`INSERT INTO backend_sessions (appid, user, key, expires) VALUES ({:appid}, {:user}, {:key}, {:expires})
		ON CONFLICT (user, appid) DO UPDATE SET key = excluded.key, expires = excluded.expires`).
		Bind(dbx.Params{"appid": appid, "user": userID, "key": key, "expires": now.Add(SessionTTL).Unix()}).Execute()
	if err != nil {
		return fmt.Errorf("keep session key: %w", err)
	}
	return nil
}

// HasSession tells whether the person's last login in the program is still good: wx.checkSession.
func HasSession(app core.App, userID, appid string, now time.Time) (bool, error) {
	_, err := standingKey(app, userID, appid, now)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// signed tells whether the signature is WeChat's login-state signature of a request without a body. The key is the text
// of the session key, not the bytes behind it.
func signed(key, signature string) bool {
	given, err := hex.DecodeString(signature)
	return err == nil && hmac.Equal(given, stateSignature(key, ""))
}

func stateSignature(key, body string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	return mac.Sum(nil)
}
