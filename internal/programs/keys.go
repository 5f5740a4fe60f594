package programs

import (
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
)

const (
	// KeysLimit is how many upload keys of a program may be good at a time.
	KeysLimit    = 20
	keyPrefix    = "pk_"
	keyBytes     = 32
	keyNameLimit = 60
	keyTouch     = time.Minute // how often a key's last use is written down
)

// Key is what the makers see of an upload key. The secret itself is shown once, when it is made; only its hash is
// kept, as nobody can guess 256 bits.
type Key struct {
	ID        string         `json:"id" db:"id"`
	Name      string         `json:"name" db:"name"`
	Author    string         `json:"author" db:"author"` // the name of the person for whom it acts
	Created   types.DateTime `json:"created" db:"created"`
	UsedAt    types.DateTime `json:"used_at" db:"used_at"`
	RevokedAt types.DateTime `json:"revoked_at" db:"revoked_at"`
	Secret    string         `json:"key,omitempty" db:"-"`
}

// Keys is the program's upload keys, latest first, those that were revoked too.
func Keys(app core.App, programID string) ([]Key, error) {
	keys := []Key{}
	err := app.DB().NewQuery(`SELECT k.id, k.name, u.name AS author, k.created, k.used_at, k.revoked_at FROM programs_keys k
		JOIN users u ON u.id = k.author WHERE k.program = {:program} ORDER BY k.created DESC, k.id`).
		Bind(dbx.Params{"program": programID}).All(&keys)
	if err != nil {
		return nil, fmt.Errorf("upload keys: %w", err)
	}
	return keys, nil
}

// NewKey makes an upload key that acts for the actor.
func NewKey(app core.App, program *core.Record, name, actor string, now time.Time) (Key, error) {
	name = strings.TrimSpace(name)
	if name == "" || len([]rune(name)) > keyNameLimit {
		return Key{}, ErrBadText.With("limit", keyNameLimit)
	}
	secret := make([]byte, keyBytes)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process instead
	key := Key{Name: name, Secret: keyPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret))}
	err := ledger.Write(app, func(tx core.App) error {
		var good int
		if err := tx.DB().NewQuery("SELECT COUNT(*) FROM programs_keys WHERE program = {:program} AND revoked_at = ''").
			Bind(dbx.Params{"program": program.Id}).Row(&good); err != nil {
			return err
		}
		if good >= KeysLimit {
			return ErrTooMany.With("limit", KeysLimit)
		}
		collection, err := tx.FindCollectionByNameOrId("programs_keys")
		if err != nil {
			return err
		}
		row := core.NewRecord(collection)
		row.Load(map[string]any{"program": program.Id, "name": name, "author": actor, "hash": digest([]byte(key.Secret))})
		if err := tx.Save(row); err != nil {
			return fmt.Errorf("save upload key: %w", err)
		}
		key.ID, key.Created = row.Id, row.GetDateTime("created")
		return ledger.Audit(tx, actor, "programs.key", program.GetString("appid"), map[string]any{"key": row.Id, "name": name}, now)
	})
	return key, err
}

// RevokeKey ends a key. Doing it twice is doing it once.
func RevokeKey(app core.App, program *core.Record, id, actor string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		done, err := tx.NonconcurrentDB().NewQuery("UPDATE programs_keys SET revoked_at = {:now} WHERE id = {:id} AND program = {:program} AND revoked_at = ''").
			Bind(dbx.Params{"now": stamp(now), "id": id, "program": program.Id}).Execute()
		if err != nil {
			return fmt.Errorf("revoke upload key: %w", err)
		}
		if changed, err := done.RowsAffected(); err != nil || changed == 0 {
			return err
		}
		return ledger.Audit(tx, actor, "programs.key_revoked", program.GetString("appid"), map[string]any{"key": id}, now)
	})
}

// keyHolder is the person for whom the key acts.
func keyHolder(app core.App, program *core.Record, secret string, now time.Time) (*core.Record, error) {
	key, err := app.FindFirstRecordByData("programs_keys", "hash", digest([]byte(secret)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrKeyInvalid
	}
	if err != nil {
		return nil, fmt.Errorf("find upload key: %w", err)
	}
	if key.GetString("program") != program.Id || !key.GetDateTime("revoked_at").IsZero() {
		return nil, ErrKeyInvalid
	}
	if now.Sub(key.GetDateTime("used_at").Time()) >= keyTouch {
		err := ledger.Write(app, func(tx core.App) error {
			_, err := tx.NonconcurrentDB().NewQuery("UPDATE programs_keys SET used_at = {:now} WHERE id = {:id}").
				Bind(dbx.Params{"now": stamp(now), "id": key.Id}).Execute()
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return app.FindRecordById("users", key.GetString("author"))
}
