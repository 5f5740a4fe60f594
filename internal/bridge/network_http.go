package bridge

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/proxy"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const (
	// SentBytes is how many bytes a page may send with one request or upload.
	SentBytes = 20 << 20
	// FetchedBytes is how many bytes a page may be answered by one download; by a request it is proxy.MostBytes.
	FetchedBytes = 20 << 20

	// replayed is up to which size a page's body is kept, so that a redirect that wants it again can have it.
	replayed  = 1 << 20
	chunk     = 32 << 10
	wordsLeft = 10 * time.Second // what an answer may take beyond its exchange
)

// bindNetwork binds the pages' own way out, which carries bytes as they are.
func (b *Bridge) bindNetwork(se *core.ServeEvent, gates []*refusal.Refusal) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/network/{kind}", Tag: "bridge", Stream: true,
		Summary: "Send a request, an upload or a download of a page to a declared host. The body is one line of JSON " +
			"({url, method, header, timeout}), then the bytes to send. The answer is one line of JSON ({status, header, url, cookies, length}), " +
			"then pieces of the bytes, each after its length in four bytes; after a length of zero comes {} or a refusal.",
		Body: "application/octet-stream", Answer: "application/octet-stream", Refusals: networkRefusals(gates),
	}, b.handleNetwork)
}

func (b *Bridge) handleNetwork(e *core.RequestEvent) error {
	c, err := launched(e)
	if err != nil {
		return err
	}
	kind := e.Request.PathValue("kind")
	if kind != check.DomainRequest && kind != check.DomainUpload && kind != check.DomainDownload {
		return ErrMethodUnknown.With("method", "network."+kind)
	}
	if _, err := b.admit(c, "network.request", nil); err != nil {
		return err
	}
	r, err := c.sent(e)
	if err != nil {
		return err
	}
	r.MaxBytes = proxy.MostBytes
	if kind == check.DomainDownload {
		r.MaxBytes = FetchedBytes
	}
	reach, err := c.reach(kind)
	if err != nil {
		return err
	}
	answer, err := proxy.Of(c.app).Open(e.Request.Context(), r, reach)
	if err != nil {
		return c.unreached(r.URL, err)
	}
	defer answer.Close()
	return c.forward(e, r.URL, answer)
}

// sent is what the page sends: a line of arguments, and bytes.
func (c call) sent(e *core.RequestEvent) (proxy.Request, error) {
	length := e.Request.ContentLength
	if length < 0 || length > SentBytes+ArgsLimit {
		return proxy.Request{}, ErrArgsTooLarge.With("limit", SentBytes)
	}
	body := bufio.NewReaderSize(io.LimitReader(route.Stream(e), length), ArgsLimit)
	line, err := body.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return proxy.Request{}, ErrArgsTooLarge.With("limit", ArgsLimit)
	}
	if err != nil {
		return proxy.Request{}, ErrBadArgs.With("detail", "the first line has no end")
	}
	var args networkArgs
	if err := json.Unmarshal(line, &args); err != nil {
		return proxy.Request{}, ErrBadArgs.With("detail", err.Error())
	}
	r, err := c.exchange(args)
	if err != nil {
		return r, err
	}
	if r.Length = length - int64(len(line)); r.Length > replayed {
		r.Stream = body
		return r, nil
	}
	if r.Body, err = io.ReadAll(body); err != nil {
		return r, ErrBadArgs.With("detail", "the body was cut off")
	}
	return r, nil
}

type networkHead struct {
	Status  int               `json:"status"`
	Header  map[string]string `json:"header"`
	URL     string            `json:"url"`
	Cookies []string          `json:"cookies"`
	Length  int64             `json:"length"` // -1 when it is not known
}

// forward hands the answer on as it comes. When it fails on the way the status has been said long since, so the end
// says how it ended.
func (c call) forward(e *core.RequestEvent, url string, answer *proxy.Answer) error {
	header := e.Response.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	head, err := json.Marshal(networkHead{
		Status: answer.Status, Header: flat(answer.Header), URL: answer.URL, Cookies: listed(answer.Cookies), Length: answer.Length,
	})
	if err != nil {
		return err
	}
	out := http.NewResponseController(e.Response)
	_ = out.SetWriteDeadline(time.Now().Add(proxy.MostPatience + wordsLeft)) // the server's own is shorter; where it cannot be moved, it holds
	e.Response.WriteHeader(http.StatusOK)
	if _, err := e.Response.Write(append(head, '\n')); err != nil {
		return nil //nolint:nilerr // the page has gone; there is nobody to tell
	}
	_ = out.Flush() // some writers cannot; then the head comes with the first piece
	return c.pieces(e.Response, url, answer)
}

func (c call) pieces(w io.Writer, url string, answer *proxy.Answer) error {
	piece := make([]byte, 4+chunk)
	for {
		n, err := answer.Read(piece[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(piece, uint32(n)) //nolint:gosec // at most a chunk
			if _, err := w.Write(piece[:4+n]); err != nil {
				return nil //nolint:nilerr // the page has gone
			}
		}
		if err == nil {
			continue
		}
		end := []byte("{}")
		if !errors.Is(err, io.EOF) {
			end = refused(c.unreached(url, err))
		}
		_, _ = w.Write(append(make([]byte, 4), end...)) // the page may have gone
		return nil
	}
}

// refused is the refusal as the end of a stream says it.
func refused(err error) []byte {
	var no *refusal.Refusal
	if !errors.As(err, &no) {
		no = errInternal
	}
	data := map[string]any{"code": no.Code}
	for key, value := range no.Details {
		data[key] = value
	}
	encoded, err := json.Marshal(map[string]any{"status": no.Status, "message": no.Message, "data": data})
	if err != nil {
		return []byte(`{"data":{"code":"internal_error"}}`)
	}
	return encoded
}
