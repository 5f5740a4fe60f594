package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/bridge"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
)

const (
	rateClients  = 8
	rateCalls    = 8_000 // of the pool, for one figure
	hellosEach   = 250   // calls that one person makes in a minute, below their quota
	tensEach     = 25    // the same, when each call asks ten times
	ratePeople   = 24    // of each function
	helloLimit   = 4_000 // calls a second
	askingLimit  = 1_500
	throughLimit = 0.1 // HTTP, sign-in, launch and log are no part of the limits: a figure to watch
)

// rateFunctions are the two that are measured: one that says hello, and one that asks its host ten times.
var rateFunctions = map[string]string{
	"hello": `exports.main = async (event) => ({ hello: event.name })`,
	"ten":   `const cloud = require('wx-server-sdk'); exports.main = async () => { for (let i = 0; i < 10; i++) await cloud.plaza.call('clouddb.count', { collection: 'notes' }) }`,
}

// functionRates measures how many functions a second run: in the pool of workers alone, with a host that answers at
// once, and through everything that a person's call passes.
func functionRates(register Register) ([]Row, error) {
	pool := sandbox.NewPool(sandbox.Options{})
	defer pool.Close()
	hello, err := poolRate(pool, "hello")
	if err != nil {
		return nil, err
	}
	ten, err := poolRate(pool, "ten")
	if err != nil {
		return nil, err
	}
	throughHello, throughTen, err := bridgeRates(register)
	if err != nil {
		return nil, err
	}
	limit := func(limit int) string {
		return fmt.Sprintf("limit of %d, %d cores, without HTTP", limit, runtime.NumCPU())
	}
	return []Row{
		atLeast("functions that say hello", hello, "calls/s", limit(helloLimit), hello/helloLimit, 1),
		atLeast("functions that ask their host ten times", ten, "calls/s", limit(askingLimit), ten/askingLimit, 1),
		atLeast("functions that say hello, through HTTP, sign-in, launch and quota", throughHello, "calls/s", fmt.Sprintf("the pool alone %.0f", hello), throughHello/hello, throughLimit),
		atLeast("functions that count documents ten times, through all that", throughTen, "calls/s", fmt.Sprintf("the pool alone %.0f", ten), throughTen/ten, throughLimit),
	}, nil
}

// poolRate lets many callers call one program.
func poolRate(pool *sandbox.Pool, function string) (float64, error) {
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	call := sandbox.Call{App: "bench", Version: "1", Function: function, Modules: map[string]string{"index.js": rateFunctions[function]}, Event: json.RawMessage(`{"name":"you"}`)}
	began := time.Now()
	for range rateClients {
		all.Go(func() {
			for done.Add(1) <= rateCalls {
				if _, err := pool.Call(context.Background(), call, echoed); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return rateCalls / time.Since(began).Seconds(), nil
}

// bridgeRates lets people call a released program's functions over HTTP.
func bridgeRates(register Register) (hello, ten float64, err error) {
	s, err := start(plazaStore, register, nil)
	if err != nil {
		return 0, 0, err
	}
	defer func() {
		if stopped := s.stop(); err == nil {
			err = stopped
		}
	}()
	if err := publishRates(s.app); err != nil {
		return 0, 0, err
	}
	rates := map[string]float64{}
	for function, each := range map[string]int{"hello": hellosEach, "ten": tensEach} {
		var work [][]request
		for person := range ratePeople {
			requests, err := callsOf(s.app, function, person, each)
			if err != nil {
				return 0, 0, err
			}
			work = append(work, requests)
		}
		if rates[function], err = s.rush(work); err != nil {
			return 0, 0, err
		}
	}
	return rates["hello"], rates["ten"], nil
}

// publishRates releases a program with the functions.
func publishRates(app core.App) error {
	files := application(1, nil)
	files["manifest.json"] = encoded(map[string]any{"app_id": "rates", "name": "Rates", "x_plaza": map[string]any{"scopes": []string{"orders"}}})
	files["clouddb.json"] = []byte(`{"collections":{"notes":{"acl":"READONLY"}}}`)
	for name, source := range rateFunctions {
		files["cloudfunctions/"+name+"/index.js"] = []byte(source)
	}
	archive, err := check.Archive(files)
	if err != nil {
		return err
	}
	var org, owner *core.Record
	err = ledger.Write(app, func(tx core.App) error {
		if org, err = create(tx, "orgs", map[string]any{"name": "Rates", "slug": "rates", "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris"}); err != nil {
			return err
		}
		owner, err = create(tx, "users", map[string]any{"email": "owner@rates.test", "password": "1234567890", "verified": true, "name": "Owner"})
		return err
	})
	if err != nil {
		return err
	}
	now := time.Now()
	version, err := programs.Upload(app, programs.Owner{Org: org.Id}, "rates", bytes.NewReader(archive), "", owner.Id, now)
	if err != nil {
		return err
	}
	version.Set("reviewed", true)
	if err := app.Save(version); err != nil {
		return err
	}
	_, err = programs.Release(app, "rates", version.GetInt("number"), 100, owner.Id, now)
	return err
}

// callsOf are one person's calls.
func callsOf(app core.App, function string, person, count int) ([]request, error) {
	var user *core.Record
	err := ledger.Write(app, func(tx core.App) (err error) {
		user, err = create(tx, "users", map[string]any{
			"email": fmt.Sprintf("%s%d@rates.test", function, person), "password": "1234567890", "verified": true, "name": fmt.Sprint("Person ", person),
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	token, err := user.NewAuthToken()
	if err != nil {
		return nil, err
	}
	launch, err := programs.Launch(app, user, "rates", programs.Opening{}, time.Now())
	if err != nil {
		return nil, err
	}
	var out []request
	for range count {
		out = append(out, request{
			path: "/api/mp/rates/call/" + function, token: token, body: `{"event":{"name":"you"}}`, header: map[string]string{bridge.LaunchHeader: launch.Token},
		})
	}
	return out, nil
}
