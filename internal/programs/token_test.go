package programs_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/programs"
)

// The header of a token chooses nothing: no other algorithm, no other key, no key that it brings along. Every forgery that
// libraries for such tokens have fallen for is refused here in the same words.
func TestForgedLaunchTokens(t *testing.T) {
	h, opened := open(t)
	parts := strings.Split(opened.Token, ".")
	decode := func(part string) string {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	header, claims := decode(parts[0]), decode(parts[1])
	seed, err := os.ReadFile(filepath.Join(h.DataDir(), "launch.key"))
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	public := key.Public().(ed25519.PublicKey)
	strangers := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	signed := func(by ed25519.PrivateKey, header, claims string) string {
		text := encode(header) + "." + encode(claims)
		return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(by, []byte(text)))
	}
	secret := func(key []byte, header, claims string) string {
		text := encode(header) + "." + encode(claims)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	for what, token := range map[string]string{
		"no algorithm":                          encode(`{"alg":"none"}`) + "." + parts[1] + ".",
		"no algorithm, the signature kept":      encode(`{"alg":"none"}`) + "." + parts[1] + "." + parts[2],
		"the public key as a shared secret":     secret(public, `{"alg":"HS256","typ":"JWT"}`, claims),
		"the same under the house's own header": secret(public, header, claims),
		"a key that the token brings along": signed(strangers, fmt.Sprintf(`{"alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":%q}}`,
			base64.RawURLEncoding.EncodeToString(strangers.Public().(ed25519.PublicKey))), claims),
		"an address of keys":           signed(strangers, `{"alg":"EdDSA","jku":"https://evil.example/jwks.json"}`, claims),
		"another house's key":          signed(strangers, header, claims),
		"another header, signed":       signed(key, `{"alg":"EdDSA","typ":"JWT"}`, claims),
		"a header with an extra space": signed(key, header+" ", claims),
		"claims that are no object":    signed(key, header, `"hello"`),
		"claims that are nothing":      signed(key, header, ``),
		"the parts of two tokens":      parts[0] + "." + encode(strings.Replace(claims, `"trial"`, `"x"`, 1)+" ") + "." + parts[2],
		"four parts":                   opened.Token + "." + parts[2],
		"a padded signature":           opened.Token + "==",
		"another spelling of the signature": opened.Token[:len(opened.Token)-1] + map[bool]string{true: "B", false: "A"}[strings.HasSuffix(opened.Token, "A")] +
			"",
		"a line break":    opened.Token + "\n",
		"a bearer's word": "Bearer " + opened.Token,
	} {
		if _, _, err := programs.Running(h.App, h.customer, "hello", token, now); err == nil {
			t.Errorf("%s: accepted", what)
		} else {
			want(t, err, programs.ErrLaunchInvalid)
		}
	}
	for length := range len(opened.Token) {
		if _, _, err := programs.Running(h.App, h.customer, "hello", opened.Token[:length], now); err == nil {
			t.Fatalf("cut to %d characters it is accepted", length)
		}
	}
	if _, _, err := programs.Running(h.App, h.customer, "hello", opened.Token, now); err != nil {
		t.Errorf("the true one: %v", err)
	}
}

// Every claim is compared with who asks and what they ask for, even when the signature is the house's own.
func TestForeignLaunchTokens(t *testing.T) {
	h, opened := open(t)
	seed, err := os.ReadFile(filepath.Join(h.DataDir(), "launch.key"))
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	parts := strings.Split(opened.Token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	with := func(name string, value any) string {
		var claims map[string]any
		if err := json.Unmarshal(raw, &claims); err != nil {
			t.Fatal(err)
		}
		claims[name] = value
		body, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		text := parts[0] + "." + base64.RawURLEncoding.EncodeToString(body)
		return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text)))
	}
	owners, err := programs.Launch(h.App, h.owner, "hello", programs.Opening{}, now)
	if err != nil {
		t.Fatal(err)
	}
	for what, one := range map[string]struct {
		token   string
		refused error
	}{
		"another program's":                {with("aud", "other"), programs.ErrLaunchInvalid},
		"another person's":                 {owners.Token, programs.ErrLaunchInvalid},
		"another person's openid":          {with("sub", owners.OpenID), programs.ErrLaunchInvalid},
		"another package's":                {with("pkg", strings.Repeat("0", 64)), programs.ErrLaunchStale},
		"a trial that nobody may have":     {with("trial", true), programs.ErrNotTester},
		"one that has just ended":          {with("exp", now.Unix()), programs.ErrLaunchExpired},
		"one that ended before the epoch":  {with("exp", -1), programs.ErrLaunchExpired},
		"one that says a number in words":  {with("exp", "9999999999"), programs.ErrLaunchInvalid},
		"one whose end no number can hold": {with("exp", 1e300), programs.ErrLaunchInvalid},
	} {
		_, _, err := programs.Running(h.App, h.customer, "hello", one.token, now)
		if err == nil {
			t.Errorf("%s: accepted", what)
			continue
		}
		want(t, err, one.refused)
	}
	if _, _, err := programs.Running(h.App, h.customer, "hello", with("exp", now.Unix()+1), now); err != nil {
		t.Errorf("in its last second: %v", err)
	}
	for range 2 { // whoever ended a launch and replays its token is late, however often
		if _, _, err := programs.Running(h.App, h.customer, "hello", opened.Token, now.Add(2*time.Hour)); err == nil {
			t.Error("a replay after the end is accepted")
		}
	}
}

// The key set that the house publishes verifies a launch token without asking the house, and holds nothing secret.
func TestLaunchTokensAreVerifiedOffline(t *testing.T) {
	h, opened := open(t)
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	answer := apptest.NewClient(t, h.App).Must(200, "GET", "/.well-known/jwks.json", "", nil)
	if err := json.Unmarshal(answer.Body, &set); err != nil || len(set.Keys) != 1 || set.Keys[0]["d"] != "" {
		t.Fatalf("the key set is %s (%v)", answer.Body, err)
	}
	public, err := base64.RawURLEncoding.DecodeString(set.Keys[0]["x"])
	if err != nil {
		t.Fatal(err)
	}
	text := opened.Token[:strings.LastIndex(opened.Token, ".")]
	signature, err := base64.RawURLEncoding.DecodeString(opened.Token[len(text)+1:])
	if err != nil || !ed25519.Verify(public, []byte(text), signature) {
		t.Errorf("the signature does not verify (%v)", err)
	}
}
