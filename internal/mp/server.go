package mp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// answerLimit is how many bytes of one answer are read.
	answerLimit = 16 << 20
	// answerWait is how long a server may think; the logs wait up to 25 seconds for a line.
	answerWait = 90 * time.Second
)

// server is the Plaza that the command talks to, and who it is there.
type server struct {
	url    string
	token  string // of a login
	key    string // an upload key, in place of a login
	client *http.Client
}

// connect is the server that the flags, the environment or the last login name. With needsMaker it must be
// known who this is.
func (t *tool) connect(needsMaker bool) (*server, error) {
	kept, err := readCredentials()
	if err != nil {
		return nil, err
	}
	address := cmp.Or(t.address, os.Getenv("PLAZA_SERVER"), kept.Current)
	if address == "" {
		return nil, wrong(ExitServer, "not_signed_in", "plaza mp login --server https://… --email you@example.org",
			"No server is known yet.")
	}
	at, err := serverURL(address)
	if err != nil {
		return nil, err
	}
	s := &server{url: at, client: newClient(), token: kept.Servers[at].Token}
	if s.key, err = t.uploadKey(); err != nil {
		return nil, err
	}
	if s.key != "" {
		s.token = "" // who uploads by key must not be helped by a login that happens to be there
	}
	if needsMaker && s.key == "" && s.token == "" {
		return nil, wrong(ExitServer, "not_signed_in", "plaza mp login --server "+at+" --email you@example.org",
			"You are not signed in at %s.", at)
	}
	return s, nil
}

// uploadKey is the key that --key's file or PLAZA_KEY holds, or "".
func (t *tool) uploadKey() (string, error) {
	if t.keyFile == "" {
		return strings.TrimSpace(os.Getenv("PLAZA_KEY")), nil
	}
	content, err := os.ReadFile(t.keyFile)
	if err != nil {
		return "", wrong(ExitUsage, "no_key", "The console shows a new key once, under the program's settings.", "%v", err)
	}
	key := strings.TrimSpace(string(content))
	if key == "" || strings.ContainsAny(key, "\r\n") {
		return "", wrong(ExitUsage, "no_key", "", "%s holds no upload key: one line is expected.", t.keyFile)
	}
	return key, nil
}

// serverURL is the address as credentials and links have it: scheme and host.
func serverURL(address string) (string, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return "", wrong(ExitUsage, "bad_server", "For example: --server https://plaza.example.org", "%q is no address of a server.", address)
	}
	return at.Scheme + "://" + at.Host, nil
}

// newClient follows no redirect: a token or a key goes to the server that was named and nowhere else.
func newClient() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// call is one request.
type call struct {
	method, path string
	query        url.Values
	body         any       // marshals to JSON; nil when there is none
	stream       io.Reader // in place of body
	length       int64     // of the stream
}

// do sends the request and decodes the answer into out, unless that is nil.
func (s *server) do(ctx context.Context, c call, out any) error {
	ctx, cancel := context.WithTimeout(ctx, answerWait+time.Duration(c.length>>14)*time.Second) // 16 kB a second at least
	defer cancel()
	request, err := s.request(ctx, c)
	if err != nil {
		return err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return s.unreached(ctx, err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read to its end
	content, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	if err != nil {
		return s.unreached(ctx, err)
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		return s.refused(answer, content)
	}
	if out == nil || len(content) == 0 {
		return nil
	}
	if err := json.Unmarshal(content, out); err != nil {
		return wrong(ExitServer, "not_plaza", "Is it the address of a Plaza?", "%s did not answer in JSON.", s.url)
	}
	return nil
}

func (s *server) request(ctx context.Context, c call) (*http.Request, error) {
	address := s.url + c.path
	if len(c.query) > 0 {
		address += "?" + c.query.Encode()
	}
	body, kind := c.stream, "application/zip"
	if body == nil {
		kind = "application/json"
		encoded := []byte{}
		if c.body != nil {
			var err error
			if encoded, err = json.Marshal(c.body); err != nil {
				return nil, err
			}
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, c.method, address, body)
	if err != nil {
		return nil, wrong(ExitUsage, "bad_server", "", "%v", err)
	}
	if c.stream != nil {
		request.ContentLength = c.length
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("User-Agent", "plaza-mp")
	switch {
	case s.key != "":
		request.Header.Set("X-Upload-Key", s.key)
	case s.token != "":
		request.Header.Set("Authorization", s.token)
	}
	return request, nil
}

func (s *server) unreached(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	var deeper *url.Error
	if errors.As(err, &deeper) {
		err = deeper.Err
	}
	return wrong(ExitServer, "unreachable", "Is the address right, and the server up?", "%s cannot be reached: %v", s.url, err)
}

// refused turns an answer that is no success into a failure that says what to do.
func (s *server) refused(answer *http.Response, content []byte) error {
	if answer.StatusCode < http.StatusBadRequest {
		return wrong(ExitServer, "moved", "Use that address with --server.", "%s sends on to %s.", s.url, answer.Header.Get("Location"))
	}
	var told struct {
		Message string         `json:"message"`
		Data    map[string]any `json:"data"`
	}
	if json.Unmarshal(content, &told) != nil || told.Message == "" {
		told.Message = fmt.Sprintf("%s answered %s.", s.url, answer.Status)
	}
	code, _ := told.Data["code"].(string)
	data := maps.Clone(told.Data)
	delete(data, "code")
	f := &failure{exit: ExitRefused, code: cmp.Or(code, fmt.Sprintf("http_%d", answer.StatusCode)), message: told.Message, data: data}
	if fields := fieldMessages(data); code == "" && fields != "" {
		f.message += " " + fields
	}
	switch {
	case answer.StatusCode == http.StatusUnauthorized:
		f.exit, f.next = ExitServer, "plaza mp login --server "+s.url+" --email you@example.org"
		if s.key != "" {
			f.next = "Is it this program's upload key, and not revoked? The console makes new ones."
		}
	case answer.StatusCode >= http.StatusInternalServerError || answer.StatusCode == http.StatusTooManyRequests:
		f.exit, f.next = ExitServer, "Try again in a moment."
	case f.code == "package_invalid":
		f.exit = ExitFindings
	default:
		f.next = advice[f.code]
	}
	return f
}

// fieldMessages is what PocketBase says of single fields.
func fieldMessages(data map[string]any) string {
	var all []string
	for _, field := range slices.Sorted(maps.Keys(data)) {
		if one, ok := data[field].(map[string]any); ok {
			if message, ok := one["message"].(string); ok {
				all = append(all, field+": "+message)
			}
		}
	}
	return strings.Join(all, " ")
}

// advice is what to do after a refusal, by its code.
var advice = map[string]string{
	"appid_taken":       "Choose another app_id in manifest.json; an appid is free only once.",
	"not_maker":         "Ask an owner of the program to add you, or sign in as somebody who makes it.",
	"not_approved":      "Submit it first: plaza mp submit VERSION; plaza mp status tells when it is approved.",
	"version_not_found": "plaza mp status lists the versions.",
	"program_not_found": "Upload it first, or is --appid or --server another's?",
	"org_required":      "Name the organisation with --org ID, or leave --org out for a program of your own.",
	"package_too_large": "plaza mp check lists the largest files; subpackages and the server's own files help.",
	"review_open":       "plaza mp status shows it; plaza mp withdraw takes it back.",
}

// fetch gets a public document.
func fetch(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, wrong(ExitUsage, "bad_server", "", "%v", err)
	}
	client := &http.Client{Timeout: answerWait}
	answer, err := client.Do(request)
	if err != nil {
		return nil, wrong(ExitServer, "unreachable", "", "%v", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read to its end
	if answer.StatusCode != http.StatusOK {
		return nil, wrong(ExitServer, "unreachable", "", "%s answered %s.", address, answer.Status)
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, policyLimit))
	if err != nil {
		return nil, wrong(ExitServer, "unreachable", "", "%v", err)
	}
	return content, nil
}
