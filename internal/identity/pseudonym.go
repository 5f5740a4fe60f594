package identity

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pocketbase/pocketbase/core"
)

// secretFile holds the key of all pseudonyms. Who loses it changes everybody's id in every program, so it
// lives in the data folder, where backups take it along.
const (
	secretFile  = "identity.key"
	secretBytes = 32
	secretStore = "plaza.identity.secret"
)

// OpenID is the id by which the program appid knows the user: the same at every launch, and of no use to
// any other program.
func OpenID(app core.App, userID, appid string) (string, error) {
	return pseudonym(app, "o", "openid", appid, userID)
}

// UnionID is the id by which all programs of one organisation know the user.
func UnionID(app core.App, userID, orgID string) (string, error) {
	return pseudonym(app, "u", "unionid", orgID, userID)
}

// Visitor is the mark by which figures tell the visitors of one program apart. It is not the openid, so that who
// holds that one cannot find the person among the figures.
func Visitor(app core.App, userID, programID string) (string, error) {
	return pseudonym(app, "v", "visitor", programID, userID)
}

func pseudonym(app core.App, prefix, purpose, audience, userID string) (string, error) {
	key, err := secret(app)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	// Lengths go in, so that no two (audience, user) pairs can spell the same message.
	fmt.Fprintf(mac, "%s:%d:%s:%d:%s", purpose, len(audience), audience, len(userID), userID) //nolint:errcheck // a hash takes everything
	return prefix + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:20]), nil
}

// secret reads the installation's key, or makes it once.
func secret(app core.App) ([]byte, error) {
	if key, ok := app.Store().Get(secretStore).([]byte); ok {
		return key, nil
	}
	key, err := Stored(app, secretFile)
	if err != nil {
		return nil, err
	}
	app.Store().Set(secretStore, key)
	return key, nil
}

// Stored is the secret in a file of the data folder that only this account can read; it is made when it is first
// asked for. It goes with the folder's backups.
func Stored(app core.App, file string) ([]byte, error) {
	path := filepath.Join(app.DataDir(), file)
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeSecret(path)
	}
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", file, err)
	}
	if len(key) != secretBytes {
		return nil, fmt.Errorf("secret %s has %d bytes, wants %d; restore it from a backup", path, len(key), secretBytes)
	}
	return key, nil
}

// makeSecret writes a whole new key beside path and links it into place: of two that start at once one wins
// and both read the winner's.
func makeSecret(path string) ([]byte, error) {
	key := make([]byte, secretBytes)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*") // CreateTemp makes it 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // at worst an unused file stays
	_, err = file.Write(key)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(file.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
