package bridge

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/proxy"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// RequestsAtOnce is how many requests one program may have open for one person, as in WeChat. The next ones wait.
	RequestsAtOnce = 10
	// RequestsOfProgram is how many one program may have open for everybody.
	RequestsOfProgram = 100
	// ProgramsAtOnce is how many programs' worth of them one person may have open, as many as a host keeps warm: the
	// house has a bounded number of them for everybody.
	ProgramsAtOnce = 5
	// CallBytes is how many bytes a body may have that travels as JSON, both ways: a function's, or a page's by the
	// table's own route.
	CallBytes = 1 << 20
	// requestArgs holds a body of CallBytes in base64, and the rest of the arguments.
	requestArgs = CallBytes/3*4 + 64<<10
)

// networkLog is the source of lines in a program's log about what it could not reach.
const networkLog = "network"

type networkArgs struct {
	URL     string         `json:"url"`
	Method  string         `json:"method"`
	Header  map[string]any `json:"header"`
	Body    *string        `json:"body"`
	Body64  *string        `json:"body64"`
	Timeout float64        `json:"timeout"` // milliseconds
	Kind    string         `json:"kind"`    // the list on which the host must be: request, or download
	Binary  bool           `json:"binary"`  // the answer's body is wanted as body64
}

// networkAnswer is what a host answered, as programs see it.
type networkAnswer struct {
	Status  int               `json:"status"`
	Header  map[string]string `json:"header"`
	Body    *string           `json:"body,omitempty"`
	Body64  *string           `json:"body64,omitempty"`
	URL     string            `json:"url"`
	Cookies []string          `json:"cookies"`
}

func networkRequest(c call, args networkArgs) (any, error) {
	kind := args.Kind
	switch kind {
	case "":
		kind = check.DomainRequest
	case check.DomainRequest, check.DomainDownload:
	default:
		return nil, ErrBadArgs.With("detail", "kind is request or download")
	}
	r, err := c.exchange(args)
	if err != nil {
		return nil, err
	}
	if args.Body64 != nil {
		if r.Body, err = base64.StdEncoding.DecodeString(*args.Body64); err != nil {
			return nil, ErrBadArgs.With("detail", "body64 is not base64")
		}
	} else if args.Body != nil {
		r.Body = []byte(*args.Body)
	}
	if len(r.Body) > CallBytes {
		return nil, ErrArgsTooLarge.With("limit", CallBytes)
	}
	r.MaxBytes = CallBytes
	reach, err := c.reach(kind)
	if err != nil {
		return nil, err
	}
	response, err := proxy.Of(c.app).Do(c.ctx, r, reach)
	if err != nil {
		return nil, c.unreached(args.URL, err)
	}
	answer := networkAnswer{Status: response.Status, Header: flat(response.Header), URL: response.URL, Cookies: listed(response.Cookies)}
	if args.Binary || !utf8.Valid(response.Body) {
		encoded := base64.StdEncoding.EncodeToString(response.Body)
		answer.Body64 = &encoded
	} else {
		text := string(response.Body)
		answer.Body = &text
	}
	return answer, nil
}

// exchange is what a program asks for, without its body.
func (c call) exchange(args networkArgs) (proxy.Request, error) {
	if args.URL == "" {
		return proxy.Request{}, ErrBadArgs.With("detail", "url is missing")
	}
	header, err := heading(args.Header)
	return proxy.Request{
		URL: args.URL, Method: args.Method, Header: header, Timeout: milliseconds(args.Timeout), Lanes: c.lanes("", RequestsAtOnce, RequestsOfProgram),
	}, err
}

func milliseconds(n float64) time.Duration {
	if n <= 0 || n > float64(proxy.MostPatience.Milliseconds()) {
		return 0
	}
	return time.Duration(n * float64(time.Millisecond))
}

// heading is a header as programs write one: text, numbers, lists of them.
func heading(given map[string]any) (http.Header, error) {
	header := http.Header{}
	for name, value := range given {
		switch v := value.(type) {
		case nil:
		case string:
			header.Add(name, v)
		case float64, bool:
			header.Add(name, fmt.Sprint(v))
		case []any:
			for _, each := range v {
				header.Add(name, fmt.Sprint(each))
			}
		default:
			return nil, ErrBadArgs.With("detail", "header."+name+" is no text")
		}
	}
	return header, nil
}

// lanes count what is open: of the program for this person, of the program for everybody, of all programs for the person.
func (c call) lanes(what string, each, all int) []proxy.Lane {
	program := proxy.Lane{Key: what + "program/" + c.program.AppID, Most: all}
	if c.user == nil {
		return []proxy.Lane{{Key: what + "alone/" + c.program.AppID, Most: each}, program}
	}
	return []proxy.Lane{
		{Key: what + "person/" + c.program.AppID + "/" + c.user.Id, Most: each},
		program,
		{Key: what + "everywhere/" + c.user.Id, Most: each * ProgramsAtOnce},
	}
}

// reach is the program's own rule of which hosts it may reach.
func (c call) reach(kinds ...string) (func(host string) bool, error) {
	domains, err := c.program.Domains(c.app)
	if err != nil {
		return nil, err
	}
	return func(host string) bool {
		return slices.ContainsFunc(kinds, func(kind string) bool { return domains.Reach(kind, host) })
	}, nil
}

// mendable are refusals by which a maker sees what to change; they are told in the program's log.
var mendable = []*refusal.Refusal{proxy.ErrURL, proxy.ErrDomain, proxy.ErrPrivate, proxy.ErrRedirect, proxy.ErrTooLarge, ErrNoPicture}

// unreached is the error of an exchange, after it was told in the program's log if its makers can mend it.
func (c call) unreached(url string, err error) error {
	var no *refusal.Refusal
	if errors.Is(err, context.Canceled) || !errors.As(err, &no) {
		return err
	}
	for _, one := range mendable {
		if !errors.Is(err, one) {
			continue
		}
		text := fmt.Sprintf("%s: %s", shortened(url), no.Error())
		for _, key := range []string{"host", "detail", "limit"} {
			if value, ok := no.Details[key]; ok {
				text += fmt.Sprintf(" (%s: %v)", key, value)
			}
		}
		logs.Write(c.app, c.line(networkLog, logs.Warn, text))
	}
	return err
}

// shortened is an address without its query, which may hold what is nobody's business.
func shortened(url string) string {
	const most = 200
	url, _, _ = strings.Cut(url, "?")
	if len(url) > most {
		url = url[:most] + "…"
	}
	return strings.ToValidUTF8(url, "")
}

// flat is a header as programs read one: one text for each name.
func flat(header http.Header) map[string]string {
	out := make(map[string]string, len(header))
	for name, values := range header {
		out[name] = strings.ToValidUTF8(strings.Join(values, ","), "\ufffd")
	}
	return out
}

func listed(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// networkRefusals are those of every route that leads out of the house.
func networkRefusals(gates []*refusal.Refusal) []*refusal.Refusal {
	return slices.Concat([]*refusal.Refusal{ErrBadArgs, programs.ErrDeleted}, gates, proxy.Refusals())
}
