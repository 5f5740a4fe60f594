package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"plaza.internal/plaza/internal/refusal"
)

// echo answers each message by itself, until it hears "bye".
func echo(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/none" {
		http.Error(w, "no socket here", http.StatusNotFound)
		return
	}
	if r.URL.Path == "/led" {
		http.Redirect(w, r, "/", http.StatusFound)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"chat"}, InsecureSkipVerify: true})
	if err != nil {
		return
	}
	conn.SetReadLimit(2 * MostMessage)
	for {
		kind, message, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		switch string(message) {
		case "bye":
			_ = conn.Close(4001, "as you wish")
			return
		case "who":
			message = []byte(r.Header.Get("X-Hello") + r.Header.Get("Origin"))
		case "large":
			message = make([]byte, MostMessage+1)
		}
		if conn.Write(r.Context(), kind, message) != nil {
			return
		}
	}
}

// relayed is the near end of a socket to the host, and what its relay ended with.
func relayed(t *testing.T, c *Client, s Socket, header http.Header) (*websocket.Conn, chan error) {
	t.Helper()
	over := make(chan error, 1)
	house := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		over <- c.Relay(context.WithoutCancel(r.Context()), w, r, s, func(host string) bool { return !strings.HasPrefix(host, "other.") })
	}))
	t.Cleanup(house.Close)
	conn, _, err := websocket.Dial(t.Context(), house.URL, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		return nil, over
	}
	conn.SetReadLimit(4 * MostMessage)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn, over
}

func hear(t *testing.T, conn *websocket.Conn) (websocket.MessageType, string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	kind, message, err := conn.Read(ctx)
	return kind, string(message), err
}

func tell(t *testing.T, conn *websocket.Conn, kind websocket.MessageType, message string) {
	t.Helper()
	if err := conn.Write(t.Context(), kind, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

// wantEnd waits for the socket's end, past messages that were under way.
func wantEnd(t *testing.T, conn *websocket.Conn, code websocket.StatusCode, reason string) {
	t.Helper()
	for {
		_, _, err := hear(t, conn)
		if err == nil {
			continue
		}
		var frame websocket.CloseError
		if !errors.As(err, &frame) || frame.Code != code || !strings.Contains(frame.Reason, reason) {
			t.Errorf("the end is %v, want %d %q", err, code, reason)
		}
		return
	}
}

// A socket carries text and bytes both ways and ends as the host ends it.
func TestASocket(t *testing.T) {
	named, base := upstream(t, "chat.plaza.test", echo)
	c := New(Options{Named: []Named{named}})
	url := strings.Replace(base, "http:", "ws:", 1)
	conn, over := relayed(t, c, Socket{URL: url + "/room", Protocols: []string{"chat", "other"}, Header: http.Header{"X-Hello": {"there"}, "Origin": {"https://forged.example"}}}, nil)
	_, first, err := hear(t, conn)
	var opened struct{ Open struct{ Protocol string } }
	if err != nil || json.Unmarshal([]byte(first), &opened) != nil || opened.Open.Protocol != "chat" {
		t.Fatalf("first message: %s %v", first, err)
	}
	tell(t, conn, websocket.MessageText, "who")
	if kind, said, err := hear(t, conn); err != nil || kind != websocket.MessageText || said != "there" {
		t.Errorf("the host heard %v %q: %v", kind, said, err)
	}
	large := strings.Repeat("\x00\xff", MostMessage/2)
	tell(t, conn, websocket.MessageBinary, large)
	if kind, said, err := hear(t, conn); err != nil || kind != websocket.MessageBinary || said != large {
		t.Errorf("bytes: %v, %d of them: %v", kind, len(said), err)
	}
	tell(t, conn, websocket.MessageText, "bye")
	wantEnd(t, conn, 4001, "as you wish")
	if err := <-over; err != nil {
		t.Error(err)
	}
	if c.sockets.open != 0 {
		t.Errorf("%d places are still taken", c.sockets.open)
	}
}

// A socket that cannot be opened says why, in a message: browsers tell pages nothing of a failed handshake.
func TestSocketsThatDoNotOpen(t *testing.T) {
	named, base := upstream(t, "chat.plaza.test", echo)
	c := New(Options{Named: []Named{named}})
	url := strings.Replace(base, "http:", "ws:", 1)
	full, err := c.sockets.enter([]Lane{{Key: "full", Most: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer full()
	for what, story := range map[string]struct {
		socket  Socket
		refused *refusal.Refusal
	}{
		"a page":                {Socket{URL: base}, ErrURL},
		"an address":            {Socket{URL: "ws://127.0.0.1"}, ErrURL},
		"a plain socket":        {Socket{URL: "ws://public.example"}, ErrURL},
		"an undeclared host":    {Socket{URL: "wss://other.example"}, ErrDomain},
		"no socket there":       {Socket{URL: url + "/none"}, ErrUnreachable},
		"a redirect":            {Socket{URL: url + "/led"}, ErrUnreachable},
		"a forged header":       {Socket{URL: url, Protocols: []string{"a\r\nX: y"}}, ErrURL},
		"too many protocols":    {Socket{URL: url, Protocols: make([]string, MostProtocols+1)}, ErrURL},
		"too many sockets open": {Socket{URL: url, Lanes: []Lane{{Key: "full", Most: 1}}}, ErrBusy},
	} {
		t.Run(what, func(t *testing.T) {
			conn, over := relayed(t, c, story.socket, nil)
			_, first, err := hear(t, conn)
			if err != nil || !strings.Contains(first, `"code":"`+story.refused.Code+`"`) {
				t.Errorf("first message: %s %v", first, err)
			}
			wantEnd(t, conn, websocket.StatusNormalClosure, story.refused.Code)
			want(t, what, <-over, story.refused)
		})
	}
}

// A page of another host opens nothing here, whatever it knows.
func TestSocketsOfOtherOrigins(t *testing.T) {
	named, base := upstream(t, "chat.plaza.test", func(http.ResponseWriter, *http.Request) { t.Error("the host was asked") })
	c := New(Options{Named: []Named{named}})
	for _, origin := range []string{"https://evil.example", "null"} {
		if conn, _ := relayed(t, c, Socket{URL: strings.Replace(base, "http:", "ws:", 1)}, http.Header{"Origin": {origin}}); conn != nil {
			t.Errorf("%s opened a socket", origin)
		}
	}
}

// Too large, too many, too long, unused, or of a program that is closed: the socket ends, with words.
func TestSocketsAreBounded(t *testing.T) {
	named, base := upstream(t, "chat.plaza.test", echo)
	c := New(Options{Named: []Named{named}})
	url := strings.Replace(base, "http:", "ws:", 1)
	open := func(s Socket) *websocket.Conn {
		t.Helper()
		s.URL = url
		conn, _ := relayed(t, c, s, nil)
		if _, _, err := hear(t, conn); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	conn := open(Socket{})
	_ = conn.Write(t.Context(), websocket.MessageBinary, make([]byte, MostMessage+1))
	wantEnd(t, conn, websocket.StatusMessageTooBig, "")

	conn = open(Socket{})
	tell(t, conn, websocket.MessageText, "large")
	wantEnd(t, conn, websocket.StatusMessageTooBig, "too large")

	conn = open(Socket{})
	for range 3 * MostMessages {
		if conn.Write(t.Context(), websocket.MessageText, []byte("flood")) != nil {
			break
		}
	}
	wantEnd(t, conn, websocket.StatusPolicyViolation, "too many")

	wantEnd(t, open(Socket{Open: 30 * time.Millisecond}), websocket.StatusGoingAway, "as long as it may be")
	wantEnd(t, open(Socket{Idle: time.Nanosecond, Look: 10 * time.Millisecond}), websocket.StatusGoingAway, "nobody used it")
	wantEnd(t, open(Socket{Valid: func() error { return ErrDomain }, Look: 10 * time.Millisecond}), websocket.StatusPolicyViolation, "closed")
}

// A host that says too much is slowed down, not cut off.
func TestPace(t *testing.T) {
	now := time.Now()
	p := pace{left: MostMessages, at: now}
	for i := range MostMessages {
		if wait := p.next(now); wait != 0 {
			t.Fatalf("message %d waits %v", i, wait)
		}
	}
	if wait := p.next(now); wait != time.Second/MostMessages {
		t.Errorf("the next one waits %v", wait)
	}
	if wait := p.next(now.Add(time.Second)); wait != 0 {
		t.Errorf("a second later it waits %v", wait)
	}
}
