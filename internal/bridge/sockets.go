package bridge

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/proxy"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const (
	// SocketsAtOnce is how many sockets one program may have open for one person, as in WeChat.
	SocketsAtOnce = 5
	// SocketsOfProgram is how many one program may have open for everybody.
	SocketsOfProgram = 200
	// ticketLife is how long a ticket waits for its socket.
	ticketLife = 15 * time.Second
	// ticketsKept is how many tickets may wait.
	ticketsKept = 10_000
	// ticketsSwept is after how many new ones those are thrown away that nobody came with: one holds a header.
	ticketsSwept = 100
)

// ErrTicket refuses a socket without a ticket, or with one that was used or has run out.
var ErrTicket = refusal.New(http.StatusForbidden, "ticket_invalid", "A socket is opened once, within seconds, by who asked for it.")

// ticket is a socket that somebody may open: a browser sends no header with a socket, so what the page may do was
// judged before, and the socket's address says nothing but which judgement it was.
type ticket struct {
	call   call
	socket proxy.Socket
	reach  func(host string) bool
	until  time.Time
}

// tickets are those that wait, by what is written on them.
type tickets struct {
	mu    sync.Mutex
	wait  map[string]ticket
	given int
}

func (t *tickets) give(one ticket) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wait == nil {
		t.wait = map[string]ticket{}
	}
	if t.given++; t.given%ticketsSwept == 0 || len(t.wait) >= ticketsKept {
		now := time.Now()
		maps.DeleteFunc(t.wait, func(_ string, old ticket) bool { return now.After(old.until) })
	}
	if len(t.wait) >= ticketsKept {
		return "", proxy.ErrBusy.With("limit", ticketsKept)
	}
	text := rand.Text()
	t.wait[text] = one
	return text, nil
}

// take is the ticket with that text, which nobody can use again.
func (t *tickets) take(text, appid string) (ticket, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one, ok := t.wait[text]
	delete(t.wait, text)
	if !ok || one.call.program.AppID != appid || time.Now().After(one.until) {
		return ticket{}, ErrTicket
	}
	return one, nil
}

type socketBody struct {
	URL       string         `json:"url"`
	Header    map[string]any `json:"header"`
	Protocols []string       `json:"protocols"`
	Timeout   float64        `json:"timeout"` // milliseconds
}

type socketAnswer struct {
	Ticket string `json:"ticket"`
}

func (b *Bridge) bindSockets(se *core.ServeEvent, gates []*refusal.Refusal) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/sockets", Tag: "bridge", Body: socketBody{}, Answer: socketAnswer{},
		Summary:  "A ticket by which a page of the mini program opens one socket to a declared host, within seconds.",
		Refusals: networkRefusals(gates),
	}, b.handleTicket)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/sockets/{ticket}", Tag: "bridge", Public: true,
		Summary:  "The socket of a ticket. Its first message says {open: {protocol, header}} or {fail: {code, message}}; the others are the host's.",
		Refusals: []*refusal.Refusal{ErrTicket},
	}, b.handleSocket)
}

func (b *Bridge) handleTicket(e *core.RequestEvent) error {
	c, err := launched(e)
	if err != nil {
		return err
	}
	if _, err := b.admit(c, "network.request", nil); err != nil {
		return err
	}
	var body socketBody
	if err := decode(e, ArgsLimit, &body); err != nil {
		return err
	}
	header, err := heading(body.Header)
	if err != nil {
		return err
	}
	reach, err := c.reach(check.DomainSocket)
	if err != nil {
		return err
	}
	text, err := b.tickets.give(ticket{call: c, reach: reach, until: time.Now().Add(ticketLife), socket: proxy.Socket{
		URL: body.URL, Header: header, Protocols: body.Protocols, Timeout: milliseconds(body.Timeout),
		Lanes: c.lanes("socket/", SocketsAtOnce, SocketsOfProgram),
	}})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, socketAnswer{Ticket: text})
}

func (b *Bridge) handleSocket(e *core.RequestEvent) error {
	one, err := b.tickets.take(e.Request.PathValue("ticket"), e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	one.call.ctx = context.WithoutCancel(one.call.ctx) // of the request that asked for the ticket, which is over
	one.socket.Valid = func() error {
		_, err := one.call.again(clock.Now(e.App))
		return err
	}
	err = proxy.Of(e.App).Relay(b.open, e.Response, e.Request, one.socket, one.reach)
	if err != nil {
		_ = one.call.unreached(one.socket.URL, err) // the page has heard it from the socket itself
	}
	return nil
}
