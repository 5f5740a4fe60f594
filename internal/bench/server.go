package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/sqlite"
)

// clients is how many people act at once.
const clients = 64

// server is a Plaza in this process, in a temporary folder, with limits on requests off: they all come from
// one address.
type server struct {
	app    core.App
	url    string
	http   *http.Server
	dir    string
	client *http.Client
}

// plazaStore opens the data files as Plaza does.
func plazaStore(dir string) core.BaseAppConfig {
	return core.BaseAppConfig{
		DataDir: dir, DBConnect: sqlite.Connect, DataMaxOpenConns: sqlite.ReadConns, DataMaxIdleConns: sqlite.ReadConns,
	}
}

// stockStore opens them as PocketBase does, but durably.
func stockStore(dir string) core.BaseAppConfig {
	return core.BaseAppConfig{DataDir: dir, DBConnect: func(path string) (*dbx.DB, error) {
		return dbx.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"+
			"&_pragma=journal_size_limit(200000000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)"+
			"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)&_defensive=1")
	}}
}

// start serves a fresh app whose data files are opened by store. extra may add the peer's routes.
func start(store func(dir string) core.BaseAppConfig, register Register, extra func(e *core.ServeEvent)) (*server, error) {
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return nil, err
	}
	app := core.NewBaseApp(store(dir))
	if err := app.Bootstrap(); err != nil {
		return nil, err
	}
	if err := app.RunAllMigrations(); err != nil {
		return nil, err
	}
	app.Settings().RateLimits.Enabled = false
	app.Settings().Logs.MaxDays = 0
	app.Store().Set("plaza.demo", true)
	register(app)
	s := &server{app: app, dir: dir, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}}
	return s, s.listen(extra)
}

func (s *server) listen(extra func(e *core.ServeEvent)) error {
	router, err := apis.NewRouter(s.app)
	if err != nil {
		return err
	}
	s.http = &http.Server{ReadHeaderTimeout: time.Minute}
	event := &core.ServeEvent{App: s.app, Router: router, Server: s.http}
	return s.app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		if extra != nil {
			extra(e)
		}
		mux, err := e.Router.BuildMux()
		if err != nil {
			return err
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.url = "http://" + listener.Addr().String()
		s.http.Handler = mux
		go func() { _ = s.http.Serve(listener) }() // ends when the server is closed
		return nil
	})
}

func (s *server) stop() error {
	s.client.CloseIdleConnections()
	closed := s.http.Close()
	ended := s.app.OnTerminate().Trigger(&core.TerminateEvent{App: s.app}, func(*core.TerminateEvent) error {
		return s.app.ClearBootstrap()
	})
	return errors.Join(closed, ended, os.RemoveAll(s.dir))
}

// request is one HTTP call to make.
type request struct {
	path, token, body string
	header            map[string]string
}

func (s *server) post(r request) error {
	call, err := http.NewRequest(http.MethodPost, s.url+r.path, bytes.NewReader([]byte(r.body)))
	if err != nil {
		return err
	}
	call.Header.Set("Authorization", r.token)
	call.Header.Set("Content-Type", "application/json")
	for name, value := range r.header {
		call.Header.Set(name, value)
	}
	answer, err := s.client.Do(call)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d %.300s", r.path, answer.StatusCode, body)
	}
	return nil
}

// rush sends every client's requests, each client one after the other, all clients at once, and answers how
// many a second were served.
func (s *server) rush(work [][]request) (float64, error) {
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	total := 0
	began := time.Now()
	for _, requests := range work {
		total += len(requests)
		all.Go(func() {
			for _, r := range requests {
				if err := s.post(r); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	all.Wait()
	elapsed := time.Since(began)
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(total) / elapsed.Seconds(), nil
}
