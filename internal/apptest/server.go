package apptest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// Server serves the app over real HTTP on a free port of this machine until the test ends.
func Server(t testing.TB, app core.App) *httptest.Server {
	t.Helper()
	router, err := apis.NewRouter(app)
	if err != nil {
		t.Fatalf("router: %v", err)
	}
	var mux http.Handler
	event := &core.ServeEvent{App: app, Router: router, Server: &http.Server{}}
	err = app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		mux, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		t.Fatalf("serve: %v", err)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections() // a subscription would be waited for
		server.Close()
	})
	return server
}

// Client speaks JSON to a Server.
type Client struct {
	t      testing.TB
	Server *httptest.Server
}

// NewClient serves the app and speaks to it.
func NewClient(t testing.TB, app core.App) *Client {
	t.Helper()
	return &Client{t: t, Server: Server(t, app)}
}

// Answer is what came back. Status 0 means that nothing did.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request. The token may be empty; body is nil, raw (string or []byte), or anything that
// marshals to JSON. It may be called from many goroutines.
func (c *Client) Do(method, path, token string, body any, headers ...map[string]string) Answer {
	c.t.Helper()
	request, err := http.NewRequest(method, c.Server.URL+path, c.reader(body))
	if err != nil {
		c.t.Errorf("%s %s: %v", method, path, err)
		return Answer{}
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	for _, more := range headers {
		for name, value := range more {
			request.Header.Set(name, value)
		}
	}
	response, err := c.Server.Client().Do(request)
	if err != nil {
		c.t.Errorf("%s %s: %v", method, path, err)
		return Answer{}
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end
	content, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Errorf("%s %s: %v", method, path, err)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: content}
}

// Must is Do that ends the test unless the answer has that status.
func (c *Client) Must(status int, method, path, token string, body any, headers ...map[string]string) Answer {
	c.t.Helper()
	answer := c.Do(method, path, token, body, headers...)
	if answer.Status != status {
		c.t.Fatalf("%s %s answered %d, want %d: %s", method, path, answer.Status, status, answer.Body)
	}
	return answer
}

func (c *Client) reader(body any) io.Reader {
	c.t.Helper()
	switch body := body.(type) {
	case nil:
		return http.NoBody
	case string:
		return bytes.NewBufferString(body)
	case []byte:
		return bytes.NewReader(body)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Errorf("body: %v", err)
	}
	return bytes.NewReader(raw)
}

// JSON is the body as an object; empty when it is none.
func (a Answer) JSON() map[string]any {
	out := map[string]any{}
	_ = json.Unmarshal(a.Body, &out) // what is not an object has no members
	return out
}

// Code is data.code of a refusal, "" for any other answer.
func (a Answer) Code() string {
	code, _ := a.Data()["code"].(string)
	return code
}

// Data is the data member of a refusal.
func (a Answer) Data() map[string]any {
	data, _ := a.JSON()["data"].(map[string]any)
	return maps.Clone(data)
}

// Text is a member of the body that is a string.
func (a Answer) Text(member string) string {
	text, _ := a.JSON()[member].(string)
	return text
}

// Number is a member of the body that is an integer.
func (a Answer) Number(member string) int64 {
	number, _ := a.JSON()[member].(float64)
	return int64(number)
}
