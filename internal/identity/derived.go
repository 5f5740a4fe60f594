package identity

import (
	"crypto/hmac"
	"crypto/sha256"

	"github.com/pocketbase/pocketbase/core"
)

// Key is a key of the installation for one purpose, made of the secret in the data folder: who knows it learns
// nothing of the secret, nor of the key of another purpose.
func Key(app core.App, purpose string) ([]byte, error) {
	secret, err := secret(app)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write([]byte("key:" + purpose)) // a hash takes everything
	return mac.Sum(nil), nil
}
