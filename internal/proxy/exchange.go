package proxy

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// Still is how long an answer may pause.
	Still = 20 * time.Second
	// Warm is how long an answer may be slower than MinRate: until then it is not judged.
	Warm = 20 * time.Second
	// MinRate is how many bytes a second an answer has on average at least, once it is Warm.
	MinRate = 256

	methodLimit = 20
	headerLimit = 32 << 10
)

// methods are those that programs may use, WeChat's.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// request is the exchange as it goes out.
func (c *Client) request(ctx context.Context, r Request, allowed func(host string) bool) (*http.Request, error) {
	to, err := c.parse(r.URL)
	if err != nil {
		return nil, err
	}
	if to.url.Scheme != "https" && to.url.Scheme != "http" {
		return nil, ErrURL.With("detail", "the scheme is not https")
	}
	if !allowed(to.host) {
		return nil, ErrDomain.With("host", to.host)
	}
	method := strings.ToUpper(r.Method)
	if method == "" {
		method = http.MethodGet
	}
	if len(method) > methodLimit || !slices.Contains(methods, method) {
		return nil, ErrURL.With("detail", "there is no such method")
	}
	body := r.Stream
	if body == nil && len(r.Body) > 0 {
		body = bytes.NewReader(r.Body)
	}
	request, err := http.NewRequestWithContext(ctx, method, to.url.String(), body)
	if err != nil {
		return nil, ErrURL.With("detail", "not an address")
	}
	if r.Stream != nil {
		request.ContentLength, request.GetBody = r.Length, nil
		if r.Length == 0 {
			request.Body = http.NoBody
		}
	}
	request.Header, err = outgoing(r.Header)
	return request, err
}

// follow judges each hop of a redirect as the first one was.
func (c *Client) follow(allowed func(host string) bool) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		if len(via) > MostHops {
			return ErrRedirect.With("limit", MostHops)
		}
		to, err := c.judge(next.URL)
		if err != nil {
			return err
		}
		if secure[via[len(via)-1].URL.Scheme] && !secure[to.url.Scheme] {
			return ErrRedirect
		}
		if !allowed(to.host) {
			return ErrDomain.With("host", to.host)
		}
		next.URL, next.Host = to.url, ""
		next.Header.Del("Referer") // which would tell the next host what was asked of the last
		first := via[0].URL
		if first.Host != to.url.Host || first.Scheme != to.url.Scheme {
			for name := range next.Header {
				if !slices.Contains(impersonal, name) {
					next.Header.Del(name)
				}
			}
		}
		return nil
	}
}

// impersonal are the members of a header that go along to another host: they say nothing that was meant for one.
var impersonal = []string{"Accept", "Accept-Language", "Content-Type", "Range", "User-Agent"}

// dropped are the members that are about one connection, or that say who asks. A program that sets them speaks for
// somebody else.
var dropped = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "Host", "Content-Length", "Expect", "Accept-Encoding", "Referer", "Origin", "Via",
	"Forwarded", "Alt-Svc", "Http2-Settings", "X-Real-Ip", "X-Launch-Token", "X-Upload-Key", "X-Server-Key",
}

// droppedPrefixes begin further ones.
var droppedPrefixes = []string{"X-Forwarded-", "X-Plaza-", "Sec-", "Proxy-"}

func isDropped(name string) bool {
	return slices.Contains(dropped, name) ||
		slices.ContainsFunc(droppedPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// outgoing is what of a program's header is sent.
func outgoing(given http.Header) (http.Header, error) {
	header := http.Header{"User-Agent": {"Plaza"}}
	size := 0
	for name, values := range given {
		name = http.CanonicalHeaderKey(name)
		if isDropped(name) {
			continue
		}
		for _, value := range values {
			size += len(name) + len(value)
		}
		header[name] = values
	}
	if size > headerLimit {
		return nil, ErrURL.With("detail", "the header is too large")
	}
	return header, nil
}

// incoming is what of an answer's header a program sees.
func incoming(given http.Header) http.Header {
	header := given.Clone()
	for _, named := range header.Values("Connection") {
		for name := range strings.SplitSeq(named, ",") {
			header.Del(strings.TrimSpace(name))
		}
	}
	for name := range header {
		if isDropped(name) && name != "Content-Length" {
			delete(header, name)
		}
	}
	return header
}

// Answer is an exchange whose body is still to be read.
type Answer struct {
	Status  int
	Header  http.Header
	URL     string
	Cookies []string
	Length  int64 // of the body as it was told, -1 when it was not

	body  io.ReadCloser
	ctx   context.Context
	fail  context.CancelCauseFunc
	end   func()
	left  int64
	limit int64
	read  int64
	began time.Time
	still *time.Timer
}

func newAnswer(ctx context.Context, r *http.Response, limit int64, fail context.CancelCauseFunc, end func()) *Answer {
	if limit <= 0 {
		limit = MostBytes
	}
	return &Answer{
		Status: r.StatusCode, Header: incoming(r.Header), URL: r.Request.URL.String(), Cookies: r.Header.Values("Set-Cookie"), Length: r.ContentLength,
		body: r.Body, ctx: ctx, fail: fail, end: end, left: limit, limit: limit, began: time.Now(),
		still: time.AfterFunc(Still, func() { fail(ErrTimeout) }),
	}
}

// Read reads decoded bytes; what exceeds the limit, pauses or drips ends the exchange.
func (a *Answer) Read(p []byte) (int, error) {
	if a.left < 0 {
		return 0, ErrTooLarge.With("limit", a.limit)
	}
	if int64(len(p)) > a.left+1 {
		p = p[:a.left+1] // one more than may be, to tell an end from more
	}
	n, err := a.body.Read(p)
	a.left -= int64(n)
	a.read += int64(n)
	switch {
	case a.left < 0:
		return 0, ErrTooLarge.With("limit", a.limit)
	case err == io.EOF:
		return n, io.EOF //nolint:errorlint // readers answer it as it is
	case err != nil:
		return n, told(a.ctx, err)
	}
	if n > 0 {
		a.still.Reset(Still)
	}
	if spent := time.Since(a.began); spent > Warm && float64(a.read) < spent.Seconds()*MinRate {
		a.fail(ErrSlow)
		return n, ErrSlow
	}
	return n, nil
}

// Close ends the exchange, read or not.
func (a *Answer) Close() {
	a.still.Stop()
	_ = a.body.Close() // nothing of it is wanted any more
	a.end()
}
