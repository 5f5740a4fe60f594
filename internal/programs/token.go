package programs

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// launchTTL is how long one opening of a program may go on before it must be opened again.
const launchTTL = 2 * time.Hour

// Claims is what a launch token says, in the names of RFC 7519 where it has one. It carries the person's id
// in this one program (sub), never the person's id in Plaza.
type Claims struct {
	Issuer   string `json:"iss"`
	AppID    string `json:"aud"`
	OpenID   string `json:"sub"`
	Session  string `json:"sid"`
	Nonce    string `json:"nonce"`
	Package  string `json:"pkg"`
	Scene    int    `json:"scene,omitempty"`
	Link     string `json:"link,omitempty"`  // the code by which the person came
	Trial    bool   `json:"trial,omitempty"` // the version is a tester's to try
	Open     bool   `json:"open,omitempty"`  // it is for the program's open data context alone
	Desk     string `json:"desk,omitempty"`  // the role in which the person opened the program's desk
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// signer holds the installation's launch key. There is one scheme, Ed25519, so a token names no algorithm
// that a forger could choose.
type signer struct {
	private ed25519.PrivateKey
	header  string
	keyID   string
}

// newSigner reads the key from the data folder, or makes it the first time.
func newSigner(dataDir string) (*signer, error) {
	path := filepath.Join(dataDir, "launch.key")
	seed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		seed, err = createSeed(path)
	}
	if err != nil {
		return nil, fmt.Errorf("launch key: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("launch key %s has %d bytes, want %d: restore it from a backup, or delete it and every open program must be opened again", path, len(seed), ed25519.SeedSize)
	}
	private := ed25519.NewKeyFromSeed(seed)
	id := sha256.Sum256(private.Public().(ed25519.PublicKey))
	s := &signer{private: private, keyID: base64.RawURLEncoding.EncodeToString(id[:12])}
	header, err := json.Marshal(map[string]string{"alg": "EdDSA", "typ": "JWT", "kid": s.keyID})
	if err != nil {
		return nil, err
	}
	s.header = base64.RawURLEncoding.EncodeToString(header)
	return s, nil
}

// createSeed writes a new key that only this account can read. A link, unlike a rename, never replaces the
// key of a process that was first.
func createSeed(path string) ([]byte, error) {
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed)                                           // never fails: crypto/rand ends the process instead
	temporary, err := os.CreateTemp(filepath.Dir(path), ".launch-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // the link is the key; at worst its other name stays
	_, err = temporary.Write(seed)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

func (s *signer) sign(claims Claims) (string, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := s.header + "." + base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.private, []byte(text))), nil
}

// verify is the claims of a token that this installation signed and that has not ended.
func (s *signer) verify(token string, now time.Time) (Claims, error) {
	var claims Claims
	text, signature, found := cutLast(token, ".")
	header, body, _ := strings.Cut(text, ".")
	if !found || header != s.header || strings.ContainsAny(token, "\r\n") { // which decoders pass over
		return claims, ErrLaunchInvalid
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || !ed25519.Verify(s.private.Public().(ed25519.PublicKey), []byte(text), raw) {
		return claims, ErrLaunchInvalid
	}
	payload, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return claims, ErrLaunchInvalid
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return claims, ErrLaunchInvalid
	}
	if now.Unix() >= claims.Expires {
		return claims, ErrLaunchExpired
	}
	return claims, nil
}

// keySet is the public half as a JSON Web Key Set, with which anybody can check a token.
func (s *signer) keySet() map[string]any {
	public := s.private.Public().(ed25519.PublicKey)
	return map[string]any{"keys": []map[string]string{{
		"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": s.keyID,
		"x": base64.RawURLEncoding.EncodeToString(public),
	}}}
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

func randomID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return base64.RawURLEncoding.EncodeToString(id)
}
