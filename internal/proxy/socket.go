package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"plaza.internal/plaza/internal/refusal"
)

const (
	// MostMessage is how many bytes one message of a socket may have.
	MostMessage = 1 << 20
	// MostMessages is how many messages a second a socket may carry each way, and in one burst.
	MostMessages = 100
	// MostIdle is how long a socket may be open without a message.
	MostIdle = 10 * time.Minute
	// MostOpen is how long a socket may be open at all.
	MostOpen = 2 * time.Hour
	// Look is how often it is asked whether a socket may go on.
	Look = 15 * time.Second
	// MostProtocols is how many subprotocols a socket may offer.
	MostProtocols = 10

	pingWait  = 10 * time.Second
	writeWait = 20 * time.Second
)

// Socket is a connection that is carried between somebody here and a host elsewhere.
type Socket struct {
	URL       string
	Header    http.Header
	Protocols []string
	Timeout   time.Duration // of connecting; 0 is Patience
	Lanes     []Lane
	// Valid is asked every Look; when it refuses, the socket ends.
	Valid func() error
	// Look, Idle and Open take the place of the constants of their names in tests, which have no minutes; 0 is those.
	Look, Idle, Open time.Duration
}

// Relay answers the request by a socket and carries its messages to the host and back, until either side ends it.
// The first message to the near side is ours: {"open": {"protocol", "header"}} or {"fail": {"code", "message"}}.
// The request must come from a page of this very host.
func (c *Client) Relay(ctx context.Context, w http.ResponseWriter, r *http.Request, s Socket, allowed func(host string) bool) error {
	near, err := websocket.Accept(w, r, nil)
	if err != nil {
		return nil //nolint:nilerr // it has answered the request itself
	}
	defer near.CloseNow() //nolint:errcheck // it is closed already when all went well
	leave, err := c.sockets.enter(s.Lanes)
	if err != nil {
		return turnedAway(ctx, near, err)
	}
	defer leave()
	far, header, err := c.Dial(ctx, s, allowed)
	if err != nil {
		return turnedAway(ctx, near, err)
	}
	defer far.CloseNow() //nolint:errcheck // see above
	flat := map[string]string{}
	for name := range incoming(header) {
		flat[name] = header.Get(name)
	}
	if err := say(ctx, near, map[string]any{"open": map[string]any{"protocol": far.Subprotocol(), "header": flat}}); err != nil {
		return err
	}
	return carry(ctx, near, far, s)
}

func turnedAway(ctx context.Context, near *websocket.Conn, err error) error {
	var no *refusal.Refusal
	if !errors.As(err, &no) {
		return errors.Join(err, near.Close(websocket.StatusInternalError, ""))
	}
	fail := map[string]any{"code": no.Code, "message": no.Message, "reason": no.Details["reason"]}
	if said := say(ctx, near, map[string]any{"fail": fail}); said == nil {
		_ = near.Close(websocket.StatusNormalClosure, no.Code) // whoever hung up meanwhile knows as much
	}
	return err
}

func say(ctx context.Context, conn *websocket.Conn, v any) error {
	encoded, err := json.Marshal(v)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeWait)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, encoded)
}

var tokenOfHeader = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")

// Dial connects a socket to a host.
func (c *Client) Dial(ctx context.Context, s Socket, allowed func(host string) bool) (*websocket.Conn, http.Header, error) {
	to, err := c.parse(s.URL)
	if err != nil {
		return nil, nil, err
	}
	if to.url.Scheme != "wss" && to.url.Scheme != "ws" {
		return nil, nil, ErrURL.With("detail", "the scheme is not wss")
	}
	if !allowed(to.host) {
		return nil, nil, ErrDomain.With("host", to.host)
	}
	if len(s.Protocols) > MostProtocols {
		return nil, nil, ErrURL.With("detail", "too many protocols")
	}
	for _, protocol := range s.Protocols {
		if !tokenOfHeader.MatchString(protocol) {
			return nil, nil, ErrURL.With("detail", "a protocol is not one")
		}
	}
	header, err := outgoing(s.Header)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience(s.Timeout), ErrTimeout)
	defer cancel()
	far, response, err := websocket.Dial(ctx, to.url.String(), &websocket.DialOptions{
		// A socket is not led elsewhere: browsers follow no redirect of one either.
		HTTPClient: &http.Client{Transport: c.transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		HTTPHeader: header, Subprotocols: s.Protocols,
	})
	if err != nil {
		if response != nil {
			return nil, nil, ErrUnreachable.With("reason", "Invalid HTTP status").With("status", response.StatusCode)
		}
		return nil, nil, told(ctx, err)
	}
	return far, response.Header, nil
}

// end is how a socket ended: which side closed it, or neither, and what the others are told.
type end struct {
	of     *websocket.Conn
	code   websocket.StatusCode
	reason string
}

// carry pumps both ways until one side ends, nobody says anything any more, or it may not go on.
func carry(ctx context.Context, near, far *websocket.Conn, s Socket) error {
	// A read that is cancelled breaks its connection; the end is said first.
	reading, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var last atomic.Int64
	last.Store(time.Now().UnixNano())
	ends := make(chan end, 3)
	for _, way := range []pump{{from: near, to: far, strict: true}, {from: far, to: near}} {
		way.from.SetReadLimit(MostMessage)
		go func() { ends <- way.run(reading, &last) }()
	}
	go func() { ends <- watch(ctx, near, s, &last) }()
	over := <-ends
	for _, side := range []*websocket.Conn{near, far} {
		if side != over.of {
			_ = side.Close(over.code, over.reason) // a side that is gone need not be told
		}
	}
	return nil
}

// pump carries messages one way.
type pump struct {
	from, to *websocket.Conn
	strict   bool // who sends too much is cut off; otherwise it is slowed down
}

func (p pump) run(ctx context.Context, last *atomic.Int64) end {
	pace := pace{left: MostMessages, at: time.Now()}
	for {
		kind, message, err := p.from.Read(ctx)
		if err != nil {
			return p.closed(err)
		}
		last.Store(time.Now().UnixNano())
		if wait := pace.next(time.Now()); wait > 0 {
			if p.strict {
				return end{code: websocket.StatusPolicyViolation, reason: "too many messages"}
			}
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
		if err := p.write(ctx, kind, message); err != nil {
			return end{of: p.to, code: websocket.StatusGoingAway, reason: "the other side is gone"}
		}
	}
}

func (p pump) write(ctx context.Context, kind websocket.MessageType, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeWait)
	defer cancel()
	return p.to.Write(ctx, kind, message)
}

// closed is how the side that was read from has ended, as the other side is told it: some codes say what happened
// and can never be sent.
func (p pump) closed(err error) end {
	var frame websocket.CloseError
	switch {
	case errors.As(err, &frame) && frame.Code == websocket.StatusNoStatusRcvd:
		return end{of: p.from, code: websocket.StatusNormalClosure}
	case errors.As(err, &frame):
		return end{of: p.from, code: frame.Code, reason: frame.Reason}
	case errors.Is(err, websocket.ErrMessageTooBig):
		return end{of: p.from, code: websocket.StatusMessageTooBig, reason: "a message is too large"}
	}
	return end{of: p.from, code: websocket.StatusInternalError, reason: "the connection broke"}
}

// watch ends a socket that nobody uses, or that may not go on, and keeps the near side's line open.
func watch(ctx context.Context, near *websocket.Conn, s Socket, last *atomic.Int64) end {
	tick := time.NewTicker(orTime(s.Look, Look))
	defer tick.Stop()
	over := time.After(orTime(s.Open, MostOpen))
	for {
		select {
		case <-ctx.Done():
			return end{code: websocket.StatusGoingAway, reason: "the house closes"}
		case <-over:
			return end{code: websocket.StatusGoingAway, reason: "it was open as long as it may be"}
		case <-tick.C:
		}
		if time.Since(time.Unix(0, last.Load())) > orTime(s.Idle, MostIdle) {
			return end{code: websocket.StatusGoingAway, reason: "nobody used it"}
		}
		if s.Valid != nil {
			if err := s.Valid(); err != nil {
				return end{code: websocket.StatusPolicyViolation, reason: "the mini program was closed"}
			}
		}
		if err := ping(ctx, near); err != nil {
			return end{of: near, code: websocket.StatusGoingAway, reason: "the other side is gone"}
		}
	}
}

func ping(ctx context.Context, conn *websocket.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, pingWait)
	defer cancel()
	return conn.Ping(ctx)
}

// pace counts messages: a bucket that fills at MostMessages a second.
type pace struct {
	left float64
	at   time.Time
}

// next takes one message, and says how long it must wait.
func (p *pace) next(now time.Time) time.Duration {
	p.left = min(MostMessages, p.left+now.Sub(p.at).Seconds()*MostMessages)
	p.at = now
	p.left--
	if p.left >= 0 {
		return 0
	}
	return time.Duration(-p.left / MostMessages * float64(time.Second))
}

func orTime(given, otherwise time.Duration) time.Duration {
	if given <= 0 {
		return otherwise
	}
	return given
}
