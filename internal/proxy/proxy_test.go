package proxy

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plaza.internal/plaza/internal/refusal"
)

// upstream is a server on this machine that the operator has opened under a name of its own.
func upstream(t *testing.T, name string, handler http.HandlerFunc) (Named, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return Named{Host: name + ":" + port, Address: address}, "http://" + name + ":" + port
}

func everything(string) bool { return true }

func want(t *testing.T, what string, err error, refused *refusal.Refusal) {
	t.Helper()
	if !errors.Is(err, refused) {
		t.Errorf("%s: %v, want %s", what, err, refused.Code)
	}
}

// An exchange carries what was asked and brings what was answered, without what belongs to the house.
func TestAnExchange(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	named, base := upstream(t, "api.plaza.test", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		for name, values := range map[string][]string{
			"Set-Cookie": {"a=1; Path=/", "b=2"}, "X-Mine": {"yes"}, "Connection": {"X-Secret-Hop"}, "X-Secret-Hop": {"1"}, "Alt-Svc": {"h3"}, "Proxy-Authenticate": {"x"},
		} {
			w.Header()[name] = values
		}
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %s %s|%v", r.Method, r.URL, body, r.Header.Get("X-Hello"), r.Header)
	})
	c := New(Options{Named: []Named{named}})
	header := http.Header{"x-hello": {"there"}, "Authorization": {"Bearer mine"}, "Cookie": {"own=1"}}
	for _, internal := range []string{"X-Forwarded-For", "X-Plaza-Person", "X-Launch-Token", "Proxy-Authorization", "Referer", "Origin", "Upgrade", "Sec-Fetch-Mode", "Host"} {
		header.Set(internal, "forged")
	}
	got, err := c.Do(t.Context(), Request{URL: base + "/v1?q=1#x", Method: "post", Header: header, Body: []byte("body")}, everything)
	if err != nil {
		t.Fatal(err)
	}
	body := string(got.Body)
	if got.Status != http.StatusTeapot || !strings.HasPrefix(body, "POST /v1?q=1 body there|") {
		t.Errorf("%d %s", got.Status, body)
	}
	if strings.Contains(body, "forged") || !strings.Contains(body, "Bearer mine") || !strings.Contains(body, "own=1") {
		t.Errorf("the host heard %s", body)
	}
	if len(got.Cookies) != 2 || got.Header.Get("X-Mine") != "yes" || got.Header.Get("X-Secret-Hop")+got.Header.Get("Alt-Svc")+got.Header.Get("Proxy-Authenticate") != "" {
		t.Errorf("cookies %q, header %v", got.Cookies, got.Header)
	}
	again, err := c.Do(t.Context(), Request{URL: base}, everything)
	if err != nil || strings.Contains(string(again.Body), "Cookie") {
		t.Errorf("a cookie was kept: %s %v", again.Body, err)
	}
}

// What may not be asked is not: by address, by host, by method.
func TestRefusedBeforeAnythingIsSent(t *testing.T) {
	named, base := upstream(t, "api.plaza.test", func(http.ResponseWriter, *http.Request) { t.Error("the host was asked") })
	c := New(Options{Named: []Named{named}})
	_, err := c.Do(t.Context(), Request{URL: base}, func(host string) bool { return host == "api.plaza.test" })
	want(t, "another port", err, ErrDomain)
	_, err = c.Do(t.Context(), Request{URL: base, Method: "CONNECT"}, everything)
	want(t, "a tunnel", err, ErrURL)
	_, err = c.Do(t.Context(), Request{URL: base, Method: "GET\r\nX: y"}, everything)
	want(t, "a split request", err, ErrURL)
	_, err = c.Do(t.Context(), Request{URL: strings.Replace(base, "http:", "ws:", 1)}, everything)
	want(t, "a socket", err, ErrURL)
	_, err = c.Do(t.Context(), Request{URL: base, Header: http.Header{"X-Long": {strings.Repeat("x", headerLimit)}}}, everything)
	want(t, "a long header", err, ErrURL)
	address := strings.Replace(base, "api.plaza.test", "127.0.0.1", 1)
	_, err = c.Do(t.Context(), Request{URL: address}, everything)
	want(t, "the address behind the name", err, ErrURL)
	_, err = c.Do(t.Context(), Request{URL: base, Header: http.Header{"X-Bad": {"a\r\nb"}}}, everything)
	if err == nil {
		t.Error("a split header was sent")
	}
}

// A name may lead inside without looking like it, at once or behind a redirect: where it leads is judged when it is
// dialled, for each connection anew.
func TestNamesThatLeadInside(t *testing.T) {
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the house was reached from inside") }))
	t.Cleanup(inside.Close)
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	named, base := upstream(t, "near.plaza.test", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://inside.example:"+port, http.StatusFound)
	})
	c := New(Options{Roots: pool(inside), Named: []Named{named}, Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1"), netip.MustParseAddr("169.254.169.254")}, nil
	}})
	for _, url := range []string{"https://inside.example:" + port, base} {
		_, err := c.Do(t.Context(), Request{URL: url, Timeout: 5 * time.Second}, everything)
		want(t, url, err, ErrPrivate)
	}
	_, _, err := c.Dial(t.Context(), Socket{URL: "wss://inside.example:" + port}, everything)
	want(t, "a socket", err, ErrPrivate)
}

// Between the look and the connection nothing can be put: a resolver that answers differently each time is asked
// once for each connection, and what it said is what is dialled.
func TestTheJudgedAddressIsTheDialledOne(t *testing.T) {
	var asked atomic.Int64
	c := New(Options{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		if asked.Add(1) > 1 {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("93.184.215.14")}, nil
	}})
	// The context is over already, so the public address is chosen and nothing is sent to it.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.dial(ctx, "tcp", "rebind.example:443"); err == nil || errors.Is(err, ErrPrivate) {
		t.Errorf("the first answer: %v", err)
	}
	if asked.Load() != 1 {
		t.Errorf("the DNS was asked %d times for one connection", asked.Load())
	}
	if _, err := c.dial(t.Context(), "tcp", "rebind.example:443"); !errors.Is(err, ErrPrivate) {
		t.Errorf("the second answer: %v", err)
	}
}

func pool(server *httptest.Server) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return roots
}

// Redirects are followed as far as they may be, and each hop is judged as the first was.
func TestRedirects(t *testing.T) {
	var other string
	var seen atomic.Value
	far, farBase := upstream(t, "far.plaza.test", func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Header.Clone())
		fmt.Fprint(w, "far")
	})
	near, base := upstream(t, "near.plaza.test", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/hops/0":
			seen.Store(r.Header.Clone())
			fmt.Fprint(w, "home")
		case "/far":
			http.Redirect(w, r, farBase, http.StatusTemporaryRedirect)
		default:
			if n := 0; strings.HasPrefix(r.URL.Path, "/hops/") {
				_, _ = fmt.Sscanf(r.URL.Path, "/hops/%d", &n)
				http.Redirect(w, r, fmt.Sprintf("/hops/%d", n-1), http.StatusFound)
				return
			}
			w.Header().Set("Location", other)
			w.WriteHeader(http.StatusFound)
		}
	})
	c := New(Options{Named: []Named{near, far}})
	secret := http.Header{"Authorization": {"Bearer mine"}, "X-Api-Key": {"mine"}, "Cookie": {"mine=1"}, "Accept": {"text/plain"}}
	get := func(path string, allowed func(string) bool) (Response, error) {
		return c.Do(t.Context(), Request{URL: base + path, Header: secret, Timeout: 10 * time.Second}, allowed)
	}
	got, err := get("/hops/5", everything)
	if err != nil || string(got.Body) != "home" || got.URL != base+"/hops/0" || seen.Load().(http.Header).Get("X-Api-Key") != "mine" {
		t.Errorf("five hops: %s %s %v", got.Body, got.URL, err)
	}
	_, err = get("/hops/6", everything)
	want(t, "six hops", err, ErrRedirect)
	_, err = get("/loop", everything)
	want(t, "a circle", err, ErrRedirect)
	got, err = get("/far", everything)
	if header, _ := seen.Load().(http.Header); err != nil || string(got.Body) != "far" || strings.Contains(fmt.Sprint(header), "mine") || header.Get("Referer") != "" || header.Get("Accept") != "text/plain" {
		t.Errorf("another host heard %v: %v", header, err)
	}
	_, err = get("/far", func(host string) bool { return host == near.Host })
	want(t, "a host that is not allowed", err, ErrDomain)
	for where, refused := range map[string]*refusal.Refusal{
		"http://127.0.0.1/": ErrURL, "http://[::1]/": ErrURL, "https://2130706433/": ErrURL, "https://169.254.169.254/": ErrURL, "file:///etc/passwd": ErrURL,
		"https://user@far.plaza.test/": ErrURL, "http://plain.example/": ErrURL, "gopher://far.plaza.test/": ErrURL, "https://far.plaza.test:22/": ErrURL,
	} {
		other = where
		_, err = get("/other", everything)
		want(t, where, err, refused)
	}
	// A body that is sent as it arrives cannot be sent twice: the redirect is the answer.
	streamed, err := c.Do(t.Context(), Request{URL: base + "/far", Method: "POST", Stream: strings.NewReader("once"), Length: 4}, everything)
	if err != nil || streamed.Status != http.StatusTemporaryRedirect {
		t.Errorf("a streamed body: %d %v", streamed.Status, err)
	}
}

// From https nothing leads to http, not even to a host that may be asked by it.
func TestNoRedirectFromHTTPSToHTTP(t *testing.T) {
	plain, plainBase := upstream(t, "plain.plaza.test", func(http.ResponseWriter, *http.Request) { t.Error("the plain host was asked") })
	server := httptest.NewTLSServer(http.RedirectHandler(plainBase, http.StatusFound))
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	c := New(Options{Roots: pool(server), Named: []Named{plain, {Host: "example.com:" + port, Address: address}}})
	_, err := c.Do(t.Context(), Request{URL: "https://example.com:" + port}, everything)
	want(t, "down to http", err, ErrRedirect)
	_, err = New(Options{Named: []Named{{Host: "example.com:" + port, Address: address}}}).Do(t.Context(), Request{URL: "https://example.com:" + port}, everything)
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(fmt.Sprint(err.(*refusal.Refusal).Details), "CERT_INVALID") { //nolint:errorlint // it is what Do answers
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}

// An answer is bounded as it is read, decoded, in its header and in time; what was asked and given up is over.
func TestAnswersAreBounded(t *testing.T) {
	release := make(chan struct{})
	named, base := upstream(t, "api.plaza.test", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			_, _ = w.Write(make([]byte, 100_001))
		case "/exact":
			_, _ = w.Write(make([]byte, 100_000))
		case "/bomb":
			var packed bytes.Buffer
			zip := gzip.NewWriter(&packed)
			_, _ = zip.Write(make([]byte, 50<<20))
			_ = zip.Close()
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed.Bytes())
		case "/header":
			w.Header().Set("X-Long", strings.Repeat("x", MostHeader+1))
		case "/silent":
			<-release
		case "/drip":
			for range 1_000 {
				if _, err := w.Write([]byte(".")); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
				select {
				case <-time.After(5 * time.Millisecond):
				case <-release:
					return
				}
			}
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("short"))
		}
	})
	t.Cleanup(func() { close(release) })
	c := New(Options{Named: []Named{named}})
	get := func(path string, timeout time.Duration) (Response, error) {
		return c.Do(t.Context(), Request{URL: base + path, MaxBytes: 100_000, Timeout: timeout}, everything)
	}
	if got, err := get("/exact", 0); err != nil || len(got.Body) != 100_000 {
		t.Errorf("as many bytes as may be: %d %v", len(got.Body), err)
	}
	_, err := get("/large", 0)
	want(t, "one byte more", err, ErrTooLarge)
	_, err = get("/bomb", 0)
	want(t, "a gzip bomb", err, ErrTooLarge)
	_, err = get("/header", 0)
	want(t, "a long header", err, ErrUnreachable)
	_, err = get("/silent", 50*time.Millisecond)
	want(t, "silence", err, ErrTimeout)
	_, err = get("/drip", 100*time.Millisecond)
	want(t, "a drip", err, ErrTimeout)
	_, err = get("/cut", 0)
	want(t, "an answer that is cut off", err, ErrUnreachable)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := c.Do(ctx, Request{URL: base + "/silent"}, everything); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if c.lanes.open != 0 {
		t.Errorf("%d exchanges are still counted", c.lanes.open)
	}
}

// An answer that has not ended but pauses, or comes slower than anybody would wait for, is given up.
func TestSlowAnswers(t *testing.T) {
	var failed error
	answer := func(began time.Time) *Answer {
		return &Answer{
			body: io.NopCloser(strings.NewReader("a few bytes")), ctx: t.Context(), fail: func(err error) { failed = err }, end: func() {},
			left: 100, limit: 100, began: began, still: time.NewTimer(time.Hour),
		}
	}
	if _, err := answer(time.Now()).Read(make([]byte, 100)); err != nil {
		t.Errorf("at first: %v", err)
	}
	_, err := answer(time.Now().Add(-2 * Warm)).Read(make([]byte, 100))
	want(t, "a dozen bytes in a minute", err, ErrSlow)
	want(t, "the exchange ends", failed, ErrSlow)
}

// At most so many exchanges of one lane are open; the next one waits for its turn, or gives up.
func TestLanes(t *testing.T) {
	var open, most atomic.Int64
	gate, arrived := make(chan struct{}), make(chan struct{}, 12)
	named, base := upstream(t, "api.plaza.test", func(http.ResponseWriter, *http.Request) {
		now := open.Add(1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		arrived <- struct{}{}
		<-gate
		open.Add(-1)
	})
	c := New(Options{Named: []Named{named}})
	lane := []Lane{{Key: "one", Most: 3}}
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if _, err := c.Do(t.Context(), Request{URL: base, Lanes: lane}, everything); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		<-arrived
	}
	_, err := c.Do(t.Context(), Request{URL: base, Lanes: lane, Timeout: 20 * time.Millisecond}, everything)
	want(t, "no place in time", err, ErrBusy)
	if _, err := c.lanes.enter(lane); !errors.Is(err, ErrBusy) {
		t.Errorf("a fourth: %v", err)
	}
	leave, err := c.lanes.enter([]Lane{{Key: "other", Most: 1}})
	if err != nil {
		t.Fatal(err)
	}
	leave()
	leave() // twice is once
	close(gate)
	all.Wait()
	if most.Load() != 3 || c.lanes.open != 0 || len(c.lanes.inUse) != 0 {
		t.Errorf("%d at once; %d open, %v in use at the end", most.Load(), c.lanes.open, c.lanes.inUse)
	}
}
