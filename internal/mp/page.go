package mp

import (
	"bytes"
	"crypto/rand"
	_ "embed" // the developer's page
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/weapp"
)

//go:embed page.html
var pageSource string

// backlog is how many log lines a page that is opened later still gets.
const backlog = 200

// news is what the developer's page hears.
type news struct {
	Kind     string          `json:"kind"` // version, problem, log
	AppID    string          `json:"appid,omitempty"`
	Number   int             `json:"number,omitempty"`
	Message  string          `json:"message,omitempty"`
	Findings []weapp.Finding `json:"findings,omitempty"`
	Line     *line           `json:"line,omitempty"`
	At       time.Time       `json:"at"`
}

// board keeps what a page that is opened now must know, and hands on what comes.
type board struct {
	mu      sync.Mutex
	version *news // the last one that runs
	problem *news // of the last save, if it does not run
	logs    []news
	pages   map[chan news]bool
}

// tell hands the news to every open page. One that does not read is let go; it connects again and catches up.
func (h *house) tell(n news) {
	b := &h.board
	b.mu.Lock()
	defer b.mu.Unlock()
	switch n.Kind {
	case "version":
		b.version, b.problem = &n, nil
	case "problem":
		b.problem = &n
	case "log":
		b.logs = append(b.logs[max(0, len(b.logs)-backlog+1):], n)
	}
	for page := range b.pages {
		select {
		case page <- n:
		default:
			delete(b.pages, page)
			close(page)
		}
	}
}

// enter is what there is to know, and the channel of what comes.
func (b *board) enter() ([]news, chan news) {
	b.mu.Lock()
	defer b.mu.Unlock()
	page := make(chan news, 2*backlog)
	if b.pages == nil {
		b.pages = map[chan news]bool{}
	}
	b.pages[page] = true
	known := append([]news{}, b.logs...)
	for _, one := range []*news{b.version, b.problem} {
		if one != nil {
			known = append(known, *one)
		}
	}
	return known, page
}

func (b *board) leave(page chan news) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.pages, page)
}

// page is the address of the developer's page. Its secret signs in, so it is as good as a password.
func (h *house) page() string { return h.address + "/dev/" + h.secret + "/" }

func (h *house) bindPage(e *core.ServeEvent) {
	view := template.Must(template.New("page").Parse(pageSource))
	e.Router.GET("/dev/"+h.secret+"/{$}", func(e *core.RequestEvent) error {
		nonce := rand.Text()
		var out bytes.Buffer
		err := view.Execute(&out, map[string]any{
			"Nonce": nonce, "Token": h.maker.token, "Record": string(h.record),
		})
		if err != nil {
			return err
		}
		header := e.Response.Header()
		header.Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; "+
			"connect-src 'self'; frame-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'", nonce, nonce))
		header.Set("Cache-Control", "no-store")
		return e.Blob(http.StatusOK, "text/html; charset=utf-8", out.Bytes())
	})
	e.Router.GET("/dev/"+h.secret+"/news", h.handleNews)
}

// handleNews streams the news until the page leaves or the house ends.
func (h *house) handleNews(e *core.RequestEvent) error {
	stream := http.NewResponseController(e.Response)
	_ = stream.SetWriteDeadline(time.Time{}) // where there is none to lift, none is needed
	header := e.Response.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	known, coming := h.board.enter()
	defer h.board.leave(coming)
	write := func(n news) error {
		encoded, err := json.Marshal(n)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(e.Response, "data: %s\n\n", encoded); err != nil {
			return err
		}
		return stream.Flush()
	}
	if _, err := fmt.Fprint(e.Response, ": welcome\n\n"); err != nil {
		return nil //nolint:nilerr // the page has left
	}
	for _, n := range known {
		if write(n) != nil {
			return nil
		}
	}
	if stream.Flush() != nil {
		return nil
	}
	for {
		select {
		case n, open := <-coming:
			if !open || write(n) != nil {
				return nil
			}
		case <-e.Request.Context().Done():
			return nil
		case <-h.ended.Done():
			return nil
		}
	}
}

// embeddable lets the developer's page, which is of the same origin, frame the client. Nobody else's may.
func embeddable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&framed{ResponseWriter: w, client: !strings.HasPrefix(r.URL.Path, "/dev/")}, r)
	})
}

// framed is an answer that pages of its own origin may frame.
type framed struct {
	http.ResponseWriter
	client bool
	sent   bool
}

func (f *framed) WriteHeader(status int) {
	if f.client && !f.sent {
		header := f.Header()
		header.Del("X-Frame-Options")
		policy := header.Get("Content-Security-Policy")
		if strings.Contains(policy, "frame-ancestors 'none'") {
			header.Set("Content-Security-Policy", strings.Replace(policy, "frame-ancestors 'none'", "frame-ancestors 'self'", 1))
		}
	}
	f.sent = true
	f.ResponseWriter.WriteHeader(status)
}

func (f *framed) Write(content []byte) (int, error) {
	if !f.sent {
		f.WriteHeader(http.StatusOK)
	}
	return f.ResponseWriter.Write(content)
}

// Flush and Unwrap keep streams flowing through.
func (f *framed) Flush() { _ = http.NewResponseController(f.ResponseWriter).Flush() }

// Unwrap is the answer underneath.
func (f *framed) Unwrap() http.ResponseWriter { return f.ResponseWriter }
