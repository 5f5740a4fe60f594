// Package proxy is the house's way out for callers whom it does not trust: the mini programs.
//
// Whoever asks names an address; what answers must be on the public internet, or on the short list of private hosts
// that the operator has opened. The invariant: no connection is made to an address that was not judged, at the moment
// of dialling and on the very IP that is dialled. So neither a spelling, nor a redirect, nor a second answer of the
// DNS leads inside. An exchange is bounded in size, in time and in number, each hop of a redirect is judged again by
// the caller's own rule, and nothing that belongs to the house travels along: no environment, no cookies, no token.
package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"code.dny.dev/ssrf"
	"github.com/pocketbase/pocketbase/core"
)

const (
	// Patience is how long an exchange may take when nobody says otherwise, as in WeChat.
	Patience = 60 * time.Second
	// MostPatience is how long an exchange may take at most.
	MostPatience = 120 * time.Second
	// MostBytes is how many decoded bytes an answer may have when nobody says otherwise.
	MostBytes = 10 << 20
	// MostHeader is how many bytes the header of an answer may have.
	MostHeader = 64 << 10
	// MostHops is how many redirects are followed.
	MostHops = 5
	// MostAtOnce is how many exchanges the house has open at a time, of everybody together.
	MostAtOnce = 512
	// MostSockets is how many sockets the house has open at a time. They stay for hours, so they are counted by
	// themselves: three programs in which people chat would else leave nobody a place for a request.
	MostSockets = 2_000

	connectWait   = 10 * time.Second
	handshakeWait = 10 * time.Second
	idleConns     = 200
	idleConnWait  = 60 * time.Second
)

// Request is one exchange that somebody asks for.
type Request struct {
	URL, Method string
	Header      http.Header
	Body        []byte
	Timeout     time.Duration // of the whole exchange; 0 is Patience
	MaxBytes    int64         // of the decoded answer; 0 is MostBytes

	// Stream is a body of Length bytes that is sent as it arrives, in place of Body. It is sent once, so a redirect
	// that would send it again is not followed.
	Stream io.Reader
	Length int64
	// Lanes count the exchange with others of its kind: while they are full it waits, as long as it may take at all.
	Lanes []Lane
}

// Response is what an exchange brought.
type Response struct {
	Status  int
	Header  http.Header
	Body    []byte
	URL     string // of the last hop
	Cookies []string
}

// Options say what a Client may reach besides the public internet.
type Options struct {
	// Named are the hosts that may be at private addresses.
	Named []Named
	// Resolve finds the addresses of a name; nil asks the system.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Roots are the certificate authorities that are believed; nil is the system's.
	Roots *x509.CertPool
}

// Client makes exchanges. It is safe for concurrent use.
type Client struct {
	guard     *ssrf.Guardian
	named     map[string]string // host or host:port → the address to dial, "" for what the DNS says
	resolve   func(ctx context.Context, host string) ([]netip.Addr, error)
	transport *http.Transport
	lanes     lanes // of exchanges
	sockets   lanes
}

// New is a client with nothing open.
func New(o Options) *Client {
	c := &Client{guard: newGuard(), named: map[string]string{}, resolve: o.Resolve, lanes: newLanes(MostAtOnce), sockets: newLanes(MostSockets)}
	for _, n := range o.Named {
		c.named[n.Host] = n.Address
	}
	if c.resolve == nil {
		c.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	c.transport = &http.Transport{
		Proxy:                  nil, // whatever the environment says
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    handshakeWait,
		MaxResponseHeaderBytes: MostHeader,
		MaxIdleConns:           idleConns,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        idleConnWait,
		ForceAttemptHTTP2:      true,
	}
	return c
}

const storeKey = "plaza.proxy"

// Use makes the app go out through the client.
func Use(app core.App, c *Client) { app.Store().Set(storeKey, c) }

// Of is the app's way out; one that nobody has set reaches the public internet alone.
func Of(app core.App) *Client {
	return app.Store().GetOrSet(storeKey, func() any { return New(Options{}) }).(*Client)
}

// Allow makes the app go out through a client that may also reach these private hosts, each as ParseNamed reads it.
func Allow(app core.App, hosts []string) error {
	var named []Named
	for _, host := range hosts {
		one, err := ParseNamed(host)
		if err != nil {
			return err
		}
		named = append(named, one)
	}
	Use(app, New(Options{Named: named}))
	return nil
}

// Close ends the connections that wait for another exchange.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Do makes the exchange and reads the whole answer. The caller allows each host that is asked, the first one and
// those of redirects: as host, or host:port when the port is not the scheme's own.
func (c *Client) Do(ctx context.Context, r Request, allowed func(host string) bool) (Response, error) {
	answer, err := c.Open(ctx, r, allowed)
	if err != nil {
		return Response{}, err
	}
	defer answer.Close()
	body, err := io.ReadAll(answer)
	if err != nil {
		return Response{}, err
	}
	return Response{Status: answer.Status, Header: answer.Header, Body: body, URL: answer.URL, Cookies: answer.Cookies}, nil
}

// Open makes the exchange up to the answer's header. The answer's body is bounded as the whole exchange is, and must
// be closed.
func (c *Client) Open(ctx context.Context, r Request, allowed func(host string) bool) (*Answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience(r.Timeout), ErrTimeout)
	leave, err := c.lanes.wait(ctx, r.Lanes)
	if err != nil {
		cancel()
		return nil, err
	}
	ctx, fail := context.WithCancelCause(ctx)
	end := func() {
		fail(nil)
		cancel()
		leave()
	}
	request, err := c.request(ctx, r, allowed)
	if err != nil {
		end()
		return nil, err
	}
	client := http.Client{Transport: c.transport, CheckRedirect: c.follow(allowed)}
	response, err := client.Do(request)
	if err != nil {
		err = told(ctx, err)
		end()
		return nil, err
	}
	return newAnswer(ctx, response, r.MaxBytes, fail, end), nil
}

func patience(asked time.Duration) time.Duration {
	if asked <= 0 {
		return Patience
	}
	return min(asked, MostPatience)
}

// told is the reason why an exchange failed, as untrusted code may know it.
func told(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	for _, known := range []error{ErrURL, ErrDomain, ErrPrivate, ErrRedirect, ErrTimeout, ErrTooLarge, ErrSlow, context.Canceled} {
		if errors.Is(err, known) {
			return refusalIn(err, known)
		}
	}
	return ErrUnreachable.With("reason", reason(err))
}
