package programs

import (
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
)

// Kinds of keys. They are two, so that neither a build machine that leaks can act as the program's server, nor a server
// that leaks can upload another program.
const (
	KeyUpload = "upload" // uploads for the person who made it
	KeyServer = "server" // is the program's own server: logins, bills
)

const (
	// KeysLimit is how many keys of a program may be good at a time.
	KeysLimit    = 20
	keyBytes     = 32
	keyNameLimit = 60
	keyTouch     = time.Minute // how often a key's last use is written down
)

// keyPrefixes make a key that is found somewhere say what it is.
var keyPrefixes = map[string]string{KeyUpload: "pk_", KeyServer: "sk_"}

// Key is what the makers see of a key. The secret itself is shown once, when it is made; only its hash is
// kept, as nobody can guess 256 bits.
type Key struct {
	ID        string         `json:"id" db:"id"`
	Name      string         `json:"name" db:"name"`
	Kind      string         `json:"kind" db:"kind"`
	Author    string         `json:"author" db:"author"` // the name of who made it, for whom an upload key acts
	Created   types.DateTime `json:"created" db:"created"`
	UsedAt    types.DateTime `json:"used_at" db:"used_at"`
	RevokedAt types.DateTime `json:"revoked_at" db:"revoked_at"`
	Secret    string         `json:"key,omitempty" db:"-"`
}

// Keys is the program's keys, latest first, those that were revoked too.
func Keys(app core.App, programID string) ([]Key, error) {
	keys := []Key{}
	err := app.DB().NewQuery(`SELECT k.id, k.name, k.kind, u.name AS author, k.created, k.used_at, k.revoked_at FROM programs_keys k
		JOIN users u ON u.id = k.author WHERE k.program = {:program} ORDER BY k.created DESC, k.id`).
		Bind(dbx.Params{"program": programID}).All(&keys)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return keys, nil
}

// NewKey makes a key: an upload key acts for the actor.
func NewKey(app core.App, program *core.Record, kind, name, actor string, now time.Time) (Key, error) {
	prefix, ok := keyPrefixes[kind]
	if !ok {
		return Key{}, ErrBadKeyKind
	}
	name = strings.TrimSpace(name)
	if name == "" || len([]rune(name)) > keyNameLimit {
		return Key{}, ErrBadText.With("limit", keyNameLimit)
	}
	secret := make([]byte, keyBytes)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the process instead
	key := Key{Name: name, Kind: kind, Secret: prefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret))}
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
		row.Load(map[string]any{"program": program.Id, "name": name, "kind": kind, "author": actor, "hash": digest([]byte(key.Secret))})
		if kind == KeyServer {
			row.Set("web_app_secret", hex.EncodeToString(webAppSecret(key.Secret)))
		}
		if err := tx.Save(row); err != nil {
			return fmt.Errorf("save key: %w", err)
		}
		key.ID, key.Created = row.Id, row.GetDateTime("created")
		return ledger.Audit(tx, actor, "programs.key", program.GetString("appid"), map[string]any{"key": row.Id, "kind": kind, "name": name}, now)
	})
	return key, err
}

// RevokeKey ends a key. Doing it twice is doing it once.
func RevokeKey(app core.App, program *core.Record, id, actor string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		done, err := tx.NonconcurrentDB().NewQuery("UPDATE programs_keys SET revoked_at = {:now} WHERE id = {:id} AND program = {:program} AND revoked_at = ''").
			Bind(dbx.Params{"now": stamp(now), "id": id, "program": program.Id}).Execute()
		if err != nil {
			return fmt.Errorf("revoke key: %w", err)
		}
		if changed, err := done.RowsAffected(); err != nil || changed == 0 {
			return err
		}
		return ledger.Audit(tx, actor, "programs.key_revoked", program.GetString("appid"), map[string]any{"key": id}, now)
	})
}

// keyHolder is the person for whom the upload key acts.
func keyHolder(app core.App, program *core.Record, secret string, now time.Time) (*core.Record, error) {
	key, err := goodKey(app, program, KeyUpload, secret, now)
	if errors.Is(err, errNoKey) {
		return nil, ErrKeyInvalid
	}
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("users", key.GetString("author"))
}

// errNoKey is why a key is not good, whatever the reason.
var errNoKey = errors.New("no such key")

// goodKey is the program's key of that kind with that secret, if it has not been revoked. It is found by its hash, so
// that nothing compares the secret itself.
func goodKey(app core.App, program *core.Record, kind, secret string, now time.Time) (*core.Record, error) {
	key, err := app.FindFirstRecordByData("programs_keys", "hash", digest([]byte(secret)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoKey
	}
	if err != nil {
		return nil, fmt.Errorf("find key: %w", err)
	}
	if key.GetString("program") != program.Id || key.GetString("kind") != kind || !key.GetDateTime("revoked_at").IsZero() {
		return nil, errNoKey
	}
	return key, touchKey(app, key, now)
}

// touchKey writes down that the key is used, every keyTouch.
func touchKey(app core.App, key *core.Record, now time.Time) error {
	if now.Sub(key.GetDateTime("used_at").Time()) < keyTouch {
		return nil
	}
	return ledger.Write(app, func(tx core.App) error {
		_, err := tx.NonconcurrentDB().NewQuery("UPDATE programs_keys SET used_at = {:now} WHERE id = {:id}").
			Bind(dbx.Params{"now": stamp(now), "id": key.Id}).Execute()
		return err
	})
}
