package bridge

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/proxy"
)

// reach gives the program a host of its own on this machine, which the operator has opened and its makers have
// named for everything but uploads.
func (town *town) reach(t *testing.T, handler http.HandlerFunc) (host string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	host = "neighbour.plaza.test:" + port
	proxy.Use(town.App, proxy.New(proxy.Options{Named: []proxy.Named{{Host: host, Address: address}}}))
	town.declare(t, check.ManifestDomains{Request: []string{host}, Socket: []string{host}, Download: []string{host}})
	town.neighbour = "http://" + host
	return host
}

func (town *town) declare(t *testing.T, domains check.ManifestDomains) {
	t.Helper()
	program, err := town.FindFirstRecordByData("programs", "appid", "hello")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := programs.ChangeDomains(town.App, program, domains, check.ManifestDomains{}, town.stranger.Id, now); err != nil {
		t.Fatal(err)
	}
}

// echoNeighbour says what it heard.
func echoNeighbour(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/bytes":
		_, _ = w.Write([]byte{0xff, 0x00, 0xfe})
	case "/many":
		w.Header().Set("Content-Length", strconv.Itoa(CallBytes+1))
		_, _ = w.Write(make([]byte, CallBytes+1))
	case "/away":
		http.Redirect(w, r, "https://undeclared.example/", http.StatusFound)
	case "/picture":
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Set-Cookie", "tracked=1")
		_, _ = w.Write([]byte("\x89PNG\x0d\x0a\x1a\x0a and the rest"))
	case "/page":
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte("<!doctype html><script>alert(1)</script>"))
	case "/chat":
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		for {
			kind, message, err := conn.Read(r.Context())
			if err != nil || conn.Write(r.Context(), kind, append([]byte("you said "), message...)) != nil {
				return
			}
		}
	default:
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Header.Get("X-Hello"))
		w.Header().Add("Set-Cookie", "a=1; Path=/")
		w.Header().Add("Set-Cookie", "b=2")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "%s %s", r.Method, body)
	}
}

// A page and a function ask a declared host, in one shape; what is not declared they do not reach.
func TestRequestsToDeclaredHosts(t *testing.T) {
	town := newTown(t)
	town.reach(t, echoNeighbour)
	for caller, ask := range map[string]func(*testing.T, string, any) map[string]any{
		"page": func(t *testing.T, name string, args any) map[string]any { return town.page(t, name, args).JSON() },
		"function": func(t *testing.T, name string, args any) map[string]any {
			answer, _ := town.function(t, name, args).JSON()["result"].(map[string]any)
			return answer
		},
	} {
		t.Run(caller, func(t *testing.T) {
			got := ask(t, "network.request", map[string]any{
				"url": town.neighbour + "/echo", "method": "PUT", "body": "words", "header": map[string]any{"X-Hello": "there", "X-Number": 3},
			})
			if got["status"] != 201.0 || got["body"] != "PUT words" || got["body64"] != nil || fmt.Sprint(got["cookies"]) != "[a=1; Path=/ b=2]" ||
				got["header"].(map[string]any)["X-Seen"] != "there" || got["url"] != town.neighbour+"/echo" {
				t.Errorf("%v", got)
			}
			got = ask(t, "network.request", map[string]any{"url": town.neighbour + "/bytes", "body64": "AAE="})
			if got["body64"] != "/wD+" || got["body"] != nil {
				t.Errorf("bytes: %v", got)
			}
			got = ask(t, "network.request", map[string]any{"url": town.neighbour + "/echo", "binary": true, "kind": "download"})
			if got["body64"] != "R0VUIA==" {
				t.Errorf("asked for bytes: %v", got)
			}
		})
	}
	for what, story := range map[string]struct {
		args map[string]any
		code string
	}{
		"another host":         {map[string]any{"url": "https://undeclared.example"}, "domain_undeclared"},
		"another port":         {map[string]any{"url": "https://neighbour.plaza.test"}, "domain_undeclared"},
		"the house":            {map[string]any{"url": "http://127.0.0.1:8090/_/"}, "network_url"},
		"the cloud's secrets":  {map[string]any{"url": "http://169.254.169.254/latest"}, "network_url"},
		"somewhere else":       {map[string]any{"url": town.neighbour + "/away"}, "domain_undeclared"},
		"an upload's list":     {map[string]any{"url": town.neighbour, "kind": "upload"}, "bad_args"},
		"nothing":              {map[string]any{}, "bad_args"},
		"no base64":            {map[string]any{"url": town.neighbour, "body64": "!"}, "bad_args"},
		"a header of headers":  {map[string]any{"url": town.neighbour, "header": map[string]any{"a": map[string]any{}}}, "bad_args"},
		"more than JSON holds": {map[string]any{"url": town.neighbour + "/many"}, "answer_too_large"},
	} {
		if got := town.page(t, "network.request", story.args); got.Code() != story.code {
			t.Errorf("%s: %d %s, want %s", what, got.Status, got.Body, story.code)
		}
	}
	lines, _, err := logs.Tail(t.Context(), town.App, logs.Filter{AppID: "hello", Source: networkLog}, 10*time.Second)
	if err != nil || !strings.Contains(fmt.Sprint(lines), "undeclared.example") {
		t.Errorf("the makers are told %v: %v", lines, err)
	}
}

// stream is the page's own way out: a line of arguments and bytes; a line, pieces and an end come back.
func (town *town) stream(t *testing.T, kind string, args map[string]any, body []byte) (answer apptest.Answer, head map[string]any, got []byte, end map[string]any) {
	t.Helper()
	line, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	answer = town.client.Do("POST", "/api/mp/hello/network/"+kind, apptest.Token(t, town.customer), append(append(line, '\n'), body...),
		map[string]string{LaunchHeader: town.launch.Token, "Content-Type": "application/octet-stream"})
	if answer.Status != 200 {
		return answer, nil, nil, nil
	}
	first, rest, _ := bytes.Cut(answer.Body, []byte("\n"))
	if err := json.Unmarshal(first, &head); err != nil {
		t.Fatalf("%s: %v", first, err)
	}
	for {
		n := binary.BigEndian.Uint32(rest)
		rest = rest[4:]
		if n == 0 {
			break
		}
		got, rest = append(got, rest[:n]...), rest[n:]
	}
	if err := json.Unmarshal(rest, &end); err != nil {
		t.Fatalf("%s: %v", rest, err)
	}
	return answer, head, got, end
}

// Pages send and fetch what is too large for JSON, each kind by its own list.
func TestPagesCarryBytes(t *testing.T) {
	town := newTown(t)
	host := town.reach(t, echoNeighbour)
	large := bytes.Repeat([]byte{0, 1, 0xff}, 1<<20)
	url := map[string]any{"url": town.neighbour + "/echo", "method": "POST"}
	if answer, _, _, _ := town.stream(t, "upload", url, large); answer.Code() != "domain_undeclared" {
		t.Fatalf("not on the list of uploads: %d %s", answer.Status, answer.Body)
	}
	town.declare(t, check.ManifestDomains{Upload: []string{host}})
	for _, body := range [][]byte{nil, []byte("a few"), large} {
		_, head, got, end := town.stream(t, "upload", url, body)
		if head["status"] != 201.0 || !bytes.Equal(got, append([]byte("POST "), body...)) || len(end) != 0 {
			t.Errorf("%d bytes: %v, %d came, %v", len(body), head, len(got), end)
		}
	}
	_, head, got, end := town.stream(t, "download", map[string]any{"url": town.neighbour + "/many"}, nil)
	if head["length"] != float64(CallBytes+1) || len(got) != CallBytes+1 || len(end) != 0 {
		t.Errorf("a download: %v, %d came, %v", head, len(got), end)
	}
	for what, story := range map[string]struct {
		kind string
		args map[string]any
		body []byte
		code string
	}{
		"another kind": {"mail", url, nil, "method_unknown"},
		"nothing":      {"request", map[string]any{}, nil, "bad_args"},
		"too much":     {"request", url, make([]byte, SentBytes+ArgsLimit), "args_too_large"},
		"a long line":  {"request", map[string]any{"url": strings.Repeat("x", ArgsLimit)}, nil, "args_too_large"},
		"inside":       {"request", map[string]any{"url": "http://[::1]/"}, nil, "network_url"},
	} {
		if answer, _, _, _ := town.stream(t, story.kind, story.args, story.body); answer.Code() != story.code {
			t.Errorf("%s: %d %.200s, want %s", what, answer.Status, answer.Body, story.code)
		}
	}
	token := town.launch.Token
	town.launch.Token = "forged"
	if answer, _, _, _ := town.stream(t, "request", url, nil); answer.Code() != "launch_invalid" {
		t.Errorf("a forged launch: %d %s", answer.Status, answer.Body)
	}
	town.launch.Token = token
	town.setStatus(t, "taken_down")
	if answer, _, _, _ := town.stream(t, "request", url, nil); answer.Code() != "program_taken_down" {
		t.Errorf("taken down: %d %s", answer.Status, answer.Body)
	}
}

// What fails on the way, after the status was said, is said at the end.
func TestAnswersThatFailOnTheWay(t *testing.T) {
	town := newTown(t)
	town.reach(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cut" {
			w.Header().Set("Content-Length", "1000")
		}
		_, _ = w.Write([]byte("some"))
		if r.URL.Path == "/slow" {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	})
	for path, code := range map[string]string{"/cut": "unreachable", "/slow": "network_timeout"} {
		_, head, got, end := town.stream(t, "request", map[string]any{"url": town.neighbour + path, "timeout": 200}, nil)
		data, _ := end["data"].(map[string]any)
		if head["status"] != 200.0 || string(got) != "some" || data["code"] != code {
			t.Errorf("%s: %v %q %v", path, head, got, end)
		}
	}
}

func (town *town) ticket(t *testing.T, body map[string]any) apptest.Answer {
	t.Helper()
	return town.send(t, town.customer, "/api/mp/hello/sockets", town.launch.Token, body)
}

func (town *town) socket(t *testing.T, server *httptest.Server, ticket string) (*websocket.Conn, *http.Response) {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), server.URL+"/api/mp/hello/sockets/"+ticket, nil)
	if err != nil {
		return nil, response
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn, response
}

// A socket is opened once by its ticket, carries what both sides say, and ends with the program.
func TestSockets(t *testing.T) {
	town := newTown(t)
	town.reach(t, echoNeighbour)
	server := town.client.Server
	url := strings.Replace(town.neighbour, "http:", "ws:", 1) + "/chat"
	text := town.ticket(t, map[string]any{"url": url}).Text("ticket")
	conn, _ := town.socket(t, server, text)
	if conn == nil {
		t.Fatal("the socket does not open")
	}
	hear := func() string {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, message, err := conn.Read(ctx)
		if err != nil {
			return err.Error()
		}
		return string(message)
	}
	if first := hear(); !strings.HasPrefix(first, `{"open":`) {
		t.Fatal(first)
	}
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if said := hear(); said != "you said hello" {
		t.Error(said)
	}
	for what, used := range map[string]string{"used": text, "forged": "AAAA", "another's": ""} {
		if used == "" {
			used = town.ticket(t, map[string]any{"url": url}).Text("ticket")
			used = "../../other/sockets/" + used
		}
		if again, response := town.socket(t, server, used); again != nil || response.StatusCode == http.StatusSwitchingProtocols {
			t.Errorf("%s: it opens", what)
		}
	}
	for what, story := range map[string]struct {
		body map[string]any
		code string
	}{
		"undeclared": {map[string]any{"url": "wss://undeclared.example"}, "domain_undeclared"}, "inside": {map[string]any{"url": "ws://127.0.0.1"}, "network_url"},
	} {
		refused, _ := town.socket(t, server, town.ticket(t, story.body).Text("ticket"))
		if refused == nil {
			t.Fatalf("%s: no socket to say why", what)
		}
		_, first, err := refused.Read(t.Context())
		if err != nil || !strings.Contains(string(first), story.code) {
			t.Errorf("%s: %s %v", what, first, err)
		}
	}
	if got := town.send(t, town.stranger, "/api/mp/hello/sockets", town.launch.Token, map[string]any{"url": url}); got.Code() != "launch_invalid" {
		t.Errorf("somebody else's launch: %d %s", got.Status, got.Body)
	}
}

// A ticket is good for seconds, and there is only so much room for those that nobody comes with.
func TestTickets(t *testing.T) {
	var all tickets
	late, err := all.give(ticket{call: call{program: programs.Program{AppID: "hello"}}, until: time.Now().Add(-time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := all.take(late, "hello"); err == nil {
		t.Error("a ticket that has run out opens a socket")
	}
	for range 1000 {
		if _, err := all.give(ticket{until: time.Now().Add(-time.Second)}); err != nil {
			t.Fatal(err)
		}
	}
	if len(all.wait) > 2*ticketsSwept {
		t.Errorf("%d tickets lie about that nobody can use", len(all.wait))
	}
	for range ticketsKept {
		if _, err := all.give(ticket{until: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := all.give(ticket{}); err == nil {
		t.Error("one more ticket than there is room for")
	}
}

// A picture of a declared host is shown to whoever opened the program, as what it is; nothing else comes that way.
func TestPicturesOfOtherHosts(t *testing.T) {
	town := newTown(t)
	town.reach(t, echoNeighbour)
	get := func(remote, url string) apptest.Answer {
		t.Helper()
		return town.client.Do("GET", remote+"?url="+strings.ReplaceAll(url, "&", "%26"), "", nil)
	}
	got := get(town.launch.Remote, town.neighbour+"/picture")
	if got.Status != 200 || got.Header.Get("Content-Type") != "image/png" || got.Header.Get("Set-Cookie") != "" ||
		!strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox;") || got.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	for url, code := range map[string]string{
		town.neighbour + "/page": "no_picture", town.neighbour + "/echo": "unreachable", "https://undeclared.example/a.png": "domain_undeclared",
		"http://127.0.0.1/a.png": "network_url", "": "network_url", town.neighbour + "/away": "domain_undeclared",
	} {
		if got := get(town.launch.Remote, url); got.Code() != code {
			t.Errorf("%s: %d %s, want %s", url, got.Status, got.Body, code)
		}
	}
	if got := get(town.launch.Remote+"x", town.neighbour+"/picture"); got.Code() != "pass_invalid" {
		t.Errorf("a forged pass: %d %s", got.Status, got.Body)
	}
	for range CallsPerMinute {
		got = get(town.launch.Remote, town.neighbour+"/picture")
	}
	if got.Code() != "quota_exceeded" {
		t.Errorf("without end: %d %s", got.Status, got.Body)
	}
	clock.Set(town.App, now.Add(72*time.Hour))
	if got := get(town.launch.Remote, town.neighbour+"/picture"); got.Code() != "pass_invalid" {
		t.Errorf("days later: %d %s", got.Status, got.Body)
	}
	clock.Set(town.App, now)
	town.setStatus(t, "taken_down")
	if got := get(town.launch.Remote, town.neighbour+"/picture"); got.Code() != "program_taken_down" {
		t.Errorf("taken down: %d %s", got.Status, got.Body)
	}
}

// What something is, its first bytes say; what it says of itself counts for drawings alone, which are text.
func TestKindsOfPictures(t *testing.T) {
	for content, want := range map[string]string{
		"GIF89a......": "image/gif", "\xff\xd8\xff\xe0....": "image/jpeg", "RIFF....WEBPVP8 ": "image/webp", "\x89PNG\r\n\x1a\n....": "image/png",
		"\x00\x00\x00\x1cftypavif....": "image/avif", "wOF2....": "font/woff2", "wOFF....": "font/woff", "OTTO....": "font/otf", "\x00\x01\x00\x00....": "font/ttf",
		"<svg xmlns='x'/>": "", "<html><svg>": "", "{}{}": "", "": "", "\x7fELF....": "", "%PDF-1.7": "",
	} {
		if got := kindOf([]byte(content), "text/html"); got != want {
			t.Errorf("%q is %q, want %q", content, got, want)
		}
	}
	if got := kindOf([]byte("\ufeff <?xml version='1.0'?><svg/>"), "image/svg+xml; charset=utf-8"); got != "image/svg+xml" {
		t.Errorf("a drawing is %q", got)
	}
	for control, want := range map[string]time.Duration{"": pictureFresh, "max-age=600": 10 * time.Minute, "public, max-age=31536000": pictureOldest, "no-store": pictureStale, "max-age=-1": pictureStale} {
		if got := freshFor(control); got != want {
			t.Errorf("%q keeps %v, want %v", control, got, want)
		}
	}
}

// Pictures are kept while there is room; those that nobody asks for go first.
func TestKeptPictures(t *testing.T) {
	var kept pictures
	at := time.Now()
	for i := range 9 {
		kept.keep(fmt.Sprint(i), picture{bytes: make([]byte, PicturesKept/8), fresh: time.Hour}, at)
		if _, ok := kept.find("0", at); !ok {
			t.Fatalf("the one that is asked for is gone after %d", i)
		}
	}
	if _, ok := kept.find("1", at); ok || kept.size > PicturesKept || len(kept.by) != kept.order.Len() {
		t.Errorf("%d bytes are kept, the oldest too", kept.size)
	}
	if _, ok := kept.find("0", at.Add(2*time.Hour)); ok {
		t.Error("what is stale is shown")
	}
	address := strings.Repeat("a", 8<<10)
	for i := range 2 * PicturesKept / len(address) {
		kept.keep(fmt.Sprint(address, i), picture{bytes: []byte("GIF89a"), fresh: time.Hour}, at)
	}
	if took := kept.order.Len() * len(address); took > PicturesKept {
		t.Errorf("addresses of tiny pictures take %d bytes", took)
	}
}
