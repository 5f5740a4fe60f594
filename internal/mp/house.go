package mp

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/gateway"
	"plaza.internal/plaza/internal/sqlite"
)

// house is the throwaway Plaza of dev: one developer who makes the program, one reviewer who approves it.
type house struct {
	app      core.App
	dir      string
	http     *http.Server
	address  string // http://…
	secret   string // of the developer's page: whoever knows it is signed in as them
	record   json.RawMessage
	maker    *server
	reviewer *server
	working  sync.WaitGroup // what must end before the folder goes
	board    board
	ended    context.Context
	end      context.CancelFunc
}

// raise starts the house on address.
func raise(register Register, address string) (*house, error) {
	dir, err := os.MkdirTemp("", "plaza-dev-*")
	if err != nil {
		return nil, err
	}
	h := &house{dir: dir, secret: rand.Text()}
	h.ended, h.end = context.WithCancel(context.Background())
	if err := h.build(register); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := h.open(address); err != nil {
		h.stop(io.Discard)
		return nil, err
	}
	return h, nil
}

func (h *house) build(register Register) error {
	h.app = core.NewBaseApp(core.BaseAppConfig{
		DataDir: h.dir, DBConnect: sqlite.Connect, DataMaxOpenConns: sqlite.ReadConns, DataMaxIdleConns: sqlite.ReadConns,
	})
	if err := h.app.Bootstrap(); err != nil {
		return err
	}
	if err := h.app.RunAllMigrations(); err != nil {
		return err
	}
	h.app.Settings().RateLimits.Enabled = false
	h.app.Settings().Logs.MaxDays = 0
	h.app.Store().Set(gateway.DemoKey, true) // money is free here
	register(h.app)
	return nil
}

func (h *house) open(address string) error {
	router, err := apis.NewRouter(h.app)
	if err != nil {
		return err
	}
	h.http = &http.Server{ReadHeaderTimeout: time.Minute}
	event := &core.ServeEvent{App: h.app, Router: router, Server: h.http}
	err = h.app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		h.bindPage(e)
		mux, err := e.Router.BuildMux()
		if err != nil {
			return err
		}
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return wrong(ExitUsage, "cannot_listen", "Another --http, for example 127.0.0.1:0 for any free port.", "%v", err)
		}
		h.address = "http://" + reachable(listener.Addr())
		h.http.Handler = embeddable(mux)
		h.working.Go(func() { _ = h.http.Serve(listener) }) // it ends when the server is closed
		return nil
	})
	if err != nil {
		return err
	}
	return h.moveIn()
}

// reachable is the address as a browser on this machine writes it.
func reachable(address net.Addr) string {
	at, ok := address.(*net.TCPAddr)
	if !ok || !at.IP.IsUnspecified() {
		return address.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", at.Port)
}

// moveIn makes the two people.
func (h *house) moveIn() error {
	maker, err := h.person("Developer", false)
	if err != nil {
		return err
	}
	reviewer, err := h.person("Reviewer", true)
	if err != nil {
		return err
	}
	if h.record, err = json.Marshal(maker); err != nil {
		return err
	}
	if h.maker, err = h.signedIn(maker); err != nil {
		return err
	}
	h.reviewer, err = h.signedIn(reviewer)
	return err
}

func (h *house) person(name string, operator bool) (*core.Record, error) {
	users, err := h.app.FindCollectionByNameOrId("users")
	if err != nil {
		return nil, err
	}
	record := core.NewRecord(users)
	record.Load(map[string]any{"name": name, "language": "en", "operator": operator})
	record.SetEmail(name + "@plaza.invalid")
	record.SetPassword(rand.Text())
	record.SetVerified(true)
	return record, h.app.Save(record)
}

func (h *house) signedIn(person *core.Record) (*server, error) {
	token, err := person.NewAuthToken()
	return &server{url: h.address, token: token, client: newClient()}, err
}

// stop ends everything and leaves nothing behind.
func (h *house) stop(out io.Writer) {
	h.end()
	var closed error
	if h.http != nil {
		closed = h.http.Close()
	}
	h.working.Wait()
	ended := h.app.OnTerminate().Trigger(&core.TerminateEvent{App: h.app}, func(*core.TerminateEvent) error {
		return h.app.ClearBootstrap()
	})
	if err := errors.Join(closed, ended, os.RemoveAll(h.dir)); err != nil {
		fmt.Fprintf(out, "The throwaway server did not end cleanly: %v\n", err)
	}
}
