package campaigns

import (
	"net/http"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

const (
	// WrongPerPerson is how many codes that cannot be used one person may try within GuessWindow.
	WrongPerPerson = 10
	// WrongPerAddress is how many all persons of one address may: a shop's guests share one.
	WrongPerAddress = 100
	// GuessWindow is how long a wrong code counts.
	GuessWindow  = 10 * time.Minute
	guessersKept = 20_000 // beyond them those whose window is over are forgotten, and then all

	guessKey = "plaza.campaigns.guesses"
)

// ErrTooManyCodes refuses to look at yet another code.
var ErrTooManyCodes = refusal.New(http.StatusTooManyRequests, "too_many_codes", "Too many codes that cannot be used. Try again later.")

// guesses counts wrong codes by person and by address. A start of the server forgets them, which 59 random bits allow.
type guesses struct {
	mu    sync.Mutex
	wrong map[string]guess
}

type guess struct {
	since time.Time
	count int
}

// MayGuess refuses somebody who has tried too many codes that cannot be used. The address may be empty.
func MayGuess(app core.App, person, address string, now time.Time) error {
	g, ok := app.Store().Get(guessKey).(*guesses)
	if !ok {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.count("person:"+person, now) >= WrongPerPerson || (address != "" && g.count("address:"+address, now) >= WrongPerAddress) {
		return ErrTooManyCodes
	}
	return nil
}

// Guessed counts a code that could not be used.
func Guessed(app core.App, person, address string, now time.Time) {
	g, ok := app.Store().Get(guessKey).(*guesses)
	if !ok {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(now)
	for _, who := range []string{"person:" + person, "address:" + address} {
		if n := g.count(who, now); n > 0 {
			g.wrong[who] = guess{since: g.wrong[who].since, count: n + 1}
			continue
		}
		g.wrong[who] = guess{since: now, count: 1}
	}
}

func (g *guesses) count(who string, now time.Time) int {
	if found := g.wrong[who]; now.Before(found.since.Add(GuessWindow)) {
		return found.count
	}
	return 0
}

func (g *guesses) forget(now time.Time) {
	if len(g.wrong) < guessersKept {
		return
	}
	for who := range g.wrong {
		if g.count(who, now) == 0 {
			delete(g.wrong, who)
		}
	}
	if len(g.wrong) >= guessersKept {
		clear(g.wrong)
	}
}
