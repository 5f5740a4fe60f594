package programs

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
)

// webAppSecret is what a server that was written for Telegram makes of its bot's token, here of its server key, to
// verify initData. The house keeps this and not the key: it authenticates initData and opens nothing.
func webAppSecret(key string) []byte {
	mac := hmac.New(sha256.New, []byte("WebAppData"))
	mac.Write([]byte(key))
	return mac.Sum(nil)
}

// WebAppSecret is the secret with which the program's own server verifies initData: that of its newest server key. A
// program without such a key has one that nobody else knows, so that its initData passes nowhere by this secret.
func WebAppSecret(app core.App, program Program) ([]byte, error) {
	var kept string
	err := app.DB().NewQuery(`SELECT web_app_secret FROM programs_keys
		WHERE program = {:program} AND kind = {:kind} AND revoked_at = '' ORDER BY created DESC, id DESC LIMIT 1`).
		Bind(dbx.Params{"program": program.ID, "kind": KeyServer}).Row(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		signer, err := registryOf(app).signer()
		if err != nil {
			return nil, err
		}
		return signer.mark("web app/nobody's/" + program.AppID), nil
	}
	if err != nil {
		return nil, fmt.Errorf("server keys: %w", err)
	}
	secret, err := hex.DecodeString(kept)
	if err != nil || len(secret) != sha256.Size {
		return nil, fmt.Errorf("server key of %s has no secret for initData: %w", program.AppID, err)
	}
	return secret, nil
}

// SignWebApp signs initData with the installation's launch key, whose public half anybody can have: for whoever
// verifies without a secret. The text begins with the appid and a colon, so that no signature passes for that of a
// launch token, which has none.
func SignWebApp(app core.App, program Program, fields string) ([]byte, error) {
	signer, err := registryOf(app).signer()
	if err != nil {
		return nil, err
	}
	return ed25519.Sign(signer.private, []byte(program.AppID+":WebAppData\n"+fields)), nil
}

// withTelegram has a document load the house's own Telegram.WebApp where it asks for Telegram's: in that place, so that
// whatever comes after finds it, and with nothing that the policy would have to block.
func withTelegram(document []byte, script string) []byte {
	return check.TelegramScript.ReplaceAllLiteral(document, []byte(script))
}

// asksTelegram tells whether the version is a web program whose document wants Telegram.WebApp.
func asksTelegram(program Program, bundle *Bundle) bool {
	return program.Kind == check.KindWeb && check.TelegramScript.Match(bundle.Resources[webEntry].Bytes)
}

// asksDatabase tells whether a web program may use the cloud database, whose client is a file of its own: somewhere in
// its documents and scripts stands the name.
func asksDatabase(bundle *Bundle) bool {
	for _, file := range bundle.Resources {
		if bytes.Contains(file.Bytes, []byte("database")) {
			return true
		}
	}
	return false
}
