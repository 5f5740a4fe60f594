package programs

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
)

const (
	// ServerKeyHeader carries the server key of a program's own server.
	ServerKeyHeader = "X-Server-Key"
	// AccessTokenTTL is how long an access token is good, unless its key is revoked before.
	AccessTokenTTL = 2 * time.Hour
	// GuessesPerMinute is how many wrong server keys of one program may come from one address in a minute.
	GuessesPerMinute = 10
	// guessersKept is how many (program, address) pairs are remembered; past it all are forgiven, which is no loss: a
	// key has 256 bits, so that this slows mistakes and keeps logs short rather than keys safe.
	guessersKept  = 10_000
	accessPrefix  = "at_"
	accessPurpose = "plaza access token"
)

// ServerKey is the program of that appid, whose own server asks: by its server key in ServerKeyHeader, or by an access
// token in the query, as WeChat's servers do. The actor is who made the key. It says nothing of whether the program may
// be opened: what was paid must be refundable also when it may not.
func ServerKey(e *core.RequestEvent, appid string) (program *core.Record, actor string, err error) {
	now := clock.Now(e.App)
	var key *core.Record
	if secret := e.Request.Header.Get(ServerKeyHeader); secret != "" {
		program, key, err = ByServerKey(e.App, appid, secret, e.RealIP(), now)
	} else {
		program, key, err = ByAccessToken(e.App, e.Request.URL.Query().Get("access_token"), now)
		if err == nil && program.GetString("appid") != appid {
			err = ErrServerKey
		}
	}
	if err != nil {
		return nil, "", err
	}
	return program, key.GetString("author"), nil
}

// ByServerKey is the program and its server key. Whoever sends wrong ones from an address is told to wait; the right
// one is taken all the same, or a stranger behind the same address could keep a program's own server out.
func ByServerKey(app core.App, appid, secret, address string, now time.Time) (program, key *core.Record, err error) {
	wrong := func(no error) error {
		guesses := &registryOf(app).guesses
		if wait := guesses.wait(appid, address, now); wait > 0 {
			return ErrGuesses.With("retry_after", wait)
		}
		guesses.wrong(appid, address, now)
		return no
	}
	program, err = programRecord(app, appid)
	if errors.Is(err, ErrNotFound) || err == nil && program.GetString("status") == "deleted" {
		return nil, nil, wrong(ErrNotFound.With("appid", appid))
	}
	if err != nil {
		return nil, nil, err
	}
	key, err = goodKey(app, program, KeyServer, secret, now)
	if errors.Is(err, errNoKey) {
		return nil, nil, wrong(ErrServerKey)
	}
	return program, key, err
}

// access is what an access token says: which key it stands for, and until when.
type access struct {
	Key     string `json:"key"`
	Expires int64  `json:"exp"`
	Nonce   string `json:"nonce"`
}

// AccessToken stands for the server key for AccessTokenTTL, and not longer than the key is good.
func AccessToken(app core.App, key *core.Record, now time.Time) (string, error) {
	signer, err := registryOf(app).signer()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, 9)
	_, _ = rand.Read(nonce)
	body, err := json.Marshal(access{Key: key.Id, Expires: now.Add(AccessTokenTTL).Unix(), Nonce: base64.RawURLEncoding.EncodeToString(nonce)})
	if err != nil {
		return "", err
	}
	text := accessPrefix + base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(signer.seal(text)), nil
}

// ByAccessToken is the program and the server key that the token stands for.
func ByAccessToken(app core.App, token string, now time.Time) (program, key *core.Record, err error) {
	signer, err := registryOf(app).signer()
	if err != nil {
		return nil, nil, err
	}
	text, seal, _ := strings.Cut(token, ".")
	given, err := base64.RawURLEncoding.Strict().DecodeString(seal)
	if err != nil || strings.ContainsAny(seal, "\r\n") || !hmac.Equal(given, signer.seal(text)) {
		return nil, nil, ErrServerKey
	}
	var says access
	body, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(text, accessPrefix))
	if err != nil || json.Unmarshal(body, &says) != nil || now.Unix() >= says.Expires {
		return nil, nil, ErrServerKey
	}
	key, err = app.FindRecordById("programs_keys", says.Key)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !key.GetDateTime("revoked_at").IsZero() {
		return nil, nil, ErrServerKey
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find key: %w", err)
	}
	program, err = app.FindRecordById("programs", key.GetString("program"))
	if err == nil && program.GetString("status") == "deleted" {
		err = ErrServerKey
	}
	return program, key, err
}

// seal authenticates the text of an access token. Its key is made of the launch key, and signs nothing else: no
// access token passes for a launch, nor the other way round.
func (s *signer) seal(text string) []byte {
	derived := hmac.New(sha256.New, s.private.Seed())
	derived.Write([]byte(accessPurpose))
	mac := hmac.New(sha256.New, derived.Sum(nil))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// guesses counts wrong server keys by program and address, in this process.
type guesses struct {
	mu   sync.Mutex
	made map[guesser]guessed
}

// guesser is who guesses at which program, as a digest: what a stranger calls a program may be as long as a request.
type guesser [sha256.Size]byte

func guesserOf(appid, address string) guesser { return sha256.Sum256([]byte(address + " " + appid)) }

// guessed is how many wrong keys there were, each of which is forgotten after a minute's share.
type guessed struct {
	count float64
	at    time.Time
}

func (g guessed) later(now time.Time) guessed {
	if passed := now.Sub(g.at).Minutes(); passed > 0 {
		g.count = max(0, g.count-passed*GuessesPerMinute)
	}
	g.at = now
	return g
}

// wait is for how many seconds the address may not try again.
func (g *guesses) wait(appid, address string, now time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	over := g.made[guesserOf(appid, address)].later(now).count - (GuessesPerMinute - 1)
	if over <= 0 {
		return 0
	}
	return int(math.Ceil(over * 60 / GuessesPerMinute))
}

func (g *guesses) wrong(appid, address string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.made == nil || len(g.made) >= guessersKept {
		g.made = map[guesser]guessed{}
	}
	key := guesserOf(appid, address)
	made := g.made[key].later(now)
	made.count++
	g.made[key] = made
}
