package mp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/mp"
)

// workshop is a `plaza mp dev` that runs.
type workshop struct {
	t      *testing.T
	page   string
	server string
	token  string

	news  *bufio.Scanner
	end   context.CancelFunc
	ended chan int
	err   *strings.Builder
}

type told struct {
	Kind     string `json:"kind"`
	AppID    string `json:"appid"`
	Number   int    `json:"number"`
	Message  string `json:"message"`
	Findings []struct {
		File string `json:"file"`
		Line int    `json:"line"`
	} `json:"findings"`
	Line struct {
		Source string `json:"source"`
		Text   string `json:"text"`
	} `json:"line"`
}

func startDev(t *testing.T, dir string) *workshop {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	w := &workshop{t: t, end: end, ended: make(chan int, 1), err: &strings.Builder{}}
	out, writer := io.Pipe()
	go func() {
		w.ended <- mp.Run(ctx, register, mp.Streams{In: strings.NewReader(""), Out: writer, Err: w.err}, []string{"dev", dir, "--http", "127.0.0.1:0"})
		_ = writer.Close() // a pipe's end has no failure
	}()
	t.Cleanup(end)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("it did not start: %v, exit code %d\n%s", err, <-w.ended, w.err)
	}
	w.page = strings.TrimSpace(line)
	w.server = regexp.MustCompile(`^http://[^/]+`).FindString(w.page)
	return w
}

// open loads the page as a browser does, and listens.
func (w *workshop) open() {
	w.t.Helper()
	answer, err := http.Get(w.page)
	if err != nil {
		w.t.Fatal(err)
	}
	content, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // it was read to its end
	found := regexp.MustCompile(`token: "([^"]+)"`).FindSubmatch(content)
	if err != nil || answer.StatusCode != http.StatusOK || found == nil {
		w.t.Fatalf("the page is %d %s", answer.StatusCode, content)
	}
	w.token = string(found[1])
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.page+"news", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	stream, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = stream.Body.Close() }) // the server closed it before
	w.news = bufio.NewScanner(stream.Body)
	w.news.Buffer(nil, 1<<20)
}

// hear is the next news of that kind.
func (w *workshop) hear(kind string) told {
	w.t.Helper()
	for w.news.Scan() {
		data, ok := strings.CutPrefix(w.news.Text(), "data: ")
		if !ok {
			continue
		}
		var n told
		if err := json.Unmarshal([]byte(data), &n); err != nil {
			w.t.Fatalf("%v: %s", err, data)
		}
		if n.Kind == kind {
			return n
		}
		if n.Kind == "problem" {
			w.t.Fatalf("in place of a %s came %s %+v", kind, n.Message, n.Findings)
		}
	}
	w.t.Fatalf("the news ended before a %s: %v", kind, w.news.Err())
	return told{}
}

func (w *workshop) post(path, launch, body string) map[string]any {
	w.t.Helper()
	request, err := http.NewRequest(http.MethodPost, w.server+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", w.token)
	request.Header.Set("Content-Type", "application/json")
	if launch != "" {
		request.Header.Set("X-Launch-Token", launch)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read to its end
	out := map[string]any{}
	content, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(content, &out) != nil {
		w.t.Fatalf("%s answered %d %s", path, answer.StatusCode, content)
	}
	return out
}

// A save is on the screen by itself; a mistake is said where it was made; a function's words come to the desk.
func TestDevFollowsEverySave(t *testing.T) {
	apptest.New(t) // has the migrations registered, as main does
	d := newDesk(t)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	d.must(0, "init", "hello", "--cloud")
	w := startDev(t, "hello")
	w.open()
	if first := w.hear("version"); first.Number != 1 || first.AppID != "hello" {
		t.Fatalf("the first news is %+v", first)
	}

	launched := w.post("/api/mp/hello/launch", "", "{}")
	w.post("/api/mp/hello/call/week", launched["token"].(string), "{}")
	if heard := w.hear("log"); heard.Line.Source != "week" || !strings.Contains(heard.Line.Text, "a week from day") {
		t.Errorf("the function said %+v", heard.Line)
	}

	edit(t, "hello/pages/home/home.wxml", `<view class="page">`, `<view class="page"><text>Hi</text>`)
	if second := w.hear("version"); second.Number != 2 {
		t.Errorf("after a save runs %+v", second)
	}
	edit(t, "hello/pages/home/home.js", "onShow() {", "onShow( {")
	problem := w.hear("problem")
	if len(problem.Findings) == 0 || problem.Findings[0].File != "pages/home/home.js" || problem.Findings[0].Line == 0 {
		t.Errorf("the problem is %+v", problem)
	}
	// A new folder is watched as well, and bytes that come back are the version that they were.
	edit(t, "hello/pages/home/home.wxml", `<text>Hi</text>`, "")
	edit(t, "hello/pages/home/home.js", "onShow( {", "onShow() {")
	if back := w.hear("version"); back.Number != 1 {
		t.Errorf("the first bytes again run as %+v", back)
	}
	if err := os.MkdirAll("hello/images/deep", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("hello/images/deep/dot.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), 0o644); err != nil {
		t.Fatal(err)
	}
	if third := w.hear("version"); third.Number != 3 {
		t.Errorf("a file in a new folder makes %+v", third)
	}

	w.end()
	if code := <-w.ended; code != mp.ExitOK {
		t.Errorf("it ended with %d\n%s", code, w.err)
	}
	left, err := filepath.Glob(filepath.Join(temporary, "plaza-[dm]*"))
	if err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	said{err: w.err.String()}.has(t, "✓ version 1 (1.0.0)", "✗", "pages/home/home.js:", "a week from day")
}

// The page signs in whoever opens it, so its address is a secret, and only it may frame the client.
func TestDevPageIsSecretAndAlone(t *testing.T) {
	apptest.New(t) // has the migrations registered, as main does
	d := newDesk(t)
	d.must(0, "init", "hello")
	w := startDev(t, "hello")
	for _, path := range []string{"/dev/", "/dev/guess/", "/dev/guess/news"} {
		answer, err := http.Get(w.server + path)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close() // it was read to its end
		if err != nil || strings.Contains(string(content), "token") {
			t.Errorf("%s answered %d %.80s", path, answer.StatusCode, content)
		}
	}
	answer, err := http.Get(w.page)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close() // only its header matters
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("others may frame the page: %s", policy)
	}
	w.end()
	if code := <-w.ended; code != mp.ExitOK {
		t.Errorf("it ended with %d\n%s", code, w.err)
	}
}
