package receipts

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
)

// keyFile holds the seed of the key that signs, in the data folder. Whoever takes the file away gets a new key with
// the next receipt; the old one's public half stays known.
const keyFile = "receipts.key"

// Claims is what a token says. Names are short because a QR code carries them.
type Claims struct {
	Issuer    string        `json:"iss"` // the address of the house
	Number    string        `json:"num"`
	AppID     string        `json:"app"`
	Program   string        `json:"prg"` // its name
	Org       string        `json:"org"` // the name of who answers for it
	Certified bool          `json:"crt,omitempty"`
	Reference string        `json:"ref"`
	Title     string        `json:"ttl"`
	Lines     [][2]string   `json:"lin,omitempty"` // label and value
	Amount    ledger.Amount `json:"amt,omitempty"` // minor units
	Currency  string        `json:"cur,omitempty"`
	Paid      int64         `json:"paid,omitempty"` // when the bill was paid; without a bill the amount is the program's word
	IssuedAt  int64         `json:"iat"`
	Zone      string        `json:"tz,omitempty"` // in which the paper shows times
	Language  string        `json:"lng"`
	Demo      bool          `json:"demo,omitempty"`
}

var (
	errMalformed  = errors.New("this is not a receipt's token")
	errUnknownKey = errors.New("the receipt was signed with a key that is not this house's")
	errAltered    = errors.New("the receipt was altered or forged")
)

// signer is the key that signs now.
type signer struct {
	private ed25519.PrivateKey
	keyID   string
}

func signerOf(app core.App) (signer, error) {
	seed, err := identity.Stored(app, keyFile)
	if err != nil {
		return signer{}, err
	}
	private := ed25519.NewKeyFromSeed(seed)
	return signer{private: private, keyID: keyIDOf(private.Public().(ed25519.PublicKey))}, nil
}

func keyIDOf(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// header is the token's first part. The algorithm stands there for readers of other makes; verify takes no other.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
}

const algorithm = "EdDSA"

func (s signer) sign(claims Claims) (string, error) {
	first, err := json.Marshal(header{Algorithm: algorithm, KeyID: s.keyID})
	if err != nil {
		return "", err
	}
	second, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(first) + "." + base64.RawURLEncoding.EncodeToString(second)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.private, []byte(text))), nil
}

// verify is the claims of a token that one of the keys signed, as they were signed.
func verify(token string, keys map[string]ed25519.PublicKey) (Claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > AddressLimit {
		return Claims{}, errMalformed
	}
	var decoded [3][]byte
	for i, part := range parts {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil || strings.ContainsAny(part, "\r\n") { // which decoders pass over
			return Claims{}, errMalformed
		}
		decoded[i] = raw
	}
	var head header
	if err := json.Unmarshal(decoded[0], &head); err != nil || head.Algorithm != algorithm {
		return Claims{}, errMalformed
	}
	key, known := keys[head.KeyID]
	if !known {
		return Claims{}, errUnknownKey
	}
	if !ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), decoded[2]) {
		return Claims{}, errAltered
	}
	var claims Claims
	if err := json.Unmarshal(decoded[1], &claims); err != nil {
		return Claims{}, errMalformed
	}
	return claims, nil
}

// remember keeps the public half of the key for ever, in the transaction of the receipt that it signs.
func (s signer) remember(tx core.App, now time.Time) error {
	_, err := ledger.Statement(tx, `INSERT INTO receipts_keys (kid, public, since) VALUES ({:kid}, {:public}, {:now})
		ON CONFLICT DO NOTHING`).Bind(dbx.Params{"kid": s.keyID, "public": s.publicText(), "now": stamp(now)}).Execute()
	if err != nil {
		return fmt.Errorf("remember the key of receipts: %w", err)
	}
	return nil
}

func (s signer) publicText() string {
	return base64.RawURLEncoding.EncodeToString(s.private.Public().(ed25519.PublicKey))
}

// Key is the public half of one key as a JSON Web Key (RFC 8037).
type Key struct {
	Type      string `json:"kty"`
	Curve     string `json:"crv"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	X         string `json:"x"`
}

// KeySet is all keys that ever signed here, the one that signs now among them.
type KeySet struct {
	Keys []Key `json:"keys"`
}

// Keys is the key set, oldest first.
func Keys(app core.App) (KeySet, error) {
	now, err := signerOf(app)
	if err != nil {
		return KeySet{}, err
	}
	var known []struct {
		KeyID  string `db:"kid"`
		Public string `db:"public"`
	}
	if err := app.DB().NewQuery("SELECT kid, public FROM receipts_keys ORDER BY since, kid").All(&known); err != nil {
		return KeySet{}, fmt.Errorf("keys of receipts: %w", err)
	}
	set, listed := KeySet{Keys: []Key{}}, false
	add := func(keyID, public string) {
		set.Keys = append(set.Keys, Key{Type: "OKP", Curve: "Ed25519", Use: "sig", Algorithm: algorithm, KeyID: keyID, X: public})
	}
	for _, key := range known {
		add(key.KeyID, key.Public)
		listed = listed || key.KeyID == now.keyID
	}
	if !listed {
		add(now.keyID, now.publicText())
	}
	return set, nil
}
