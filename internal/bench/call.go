package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/plugins/jsvm"

	"plaza.internal/plaza/internal/sandbox"
)

const callsPerRun = 3000

// priceHandler is the program that both engines run: it prices 50 lines, 3 kB of JSON in and 2 kB out.
const priceHandler = `
function price(event) {
	let total = 0
	const lines = event.lines.map((line) => {
		const subtotal = line.unit * line.quantity
		const discount = line.quantity >= 3 ? Math.floor(line.quantity / 3) * line.unit : Math.round(subtotal / 10)
		total += subtotal - discount
		return { id: line.id, total: subtotal - discount, discount: discount }
	})
	return { total: total, lines: lines }
}
`

// programCalls measures the CPU of a program's function against the same handler in PocketBase's own
// JavaScript engine, which has no walls. The cost of HTTP itself, the same for both, is measured with a route
// that does nothing and taken off.
func programCalls(register Register) ([]Row, error) {
	return againstHook(register, func(app core.App) error {
		hook := "routerAdd('POST', '/bench/jsvm', (e) => {" + priceHandler + "return e.json(200, price(e.requestInfo().body))})"
		return loadHook(app, hook)
	}, callRoutes, measureCalls)
}

// againstHook measures a function in our workers on a server whose PocketBase runs the peer's handler in its own
// JavaScript engine.
func againstHook(register Register, peer func(core.App) error, routes func(*sandbox.Pool) func(*core.ServeEvent), measure func(*server) ([]Row, error)) ([]Row, error) {
	pool := sandbox.NewPool(sandbox.Options{})
	defer pool.Close()
	withPeer := func(app core.App) {
		register(app)
		if err := peer(app); err != nil {
			app.Logger().Error("register the peer's handler", "error", err)
		}
	}
	s, err := start(plazaStore, withPeer, routes(pool))
	if err != nil {
		return nil, err
	}
	rows, err := measure(s)
	if stopped := s.stop(); err == nil {
		err = stopped
	}
	return rows, err
}

// loadHook writes a hook file where PocketBase reads it from.
func loadHook(app core.App, hook string) error {
	dir := filepath.Join(app.DataDir(), "bench_hooks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "bench.pb.js"), []byte(hook), 0o600); err != nil {
		return err
	}
	return jsvm.Register(app, jsvm.Config{HooksDir: dir, HooksPoolSize: 15, MigrationsDir: filepath.Join(dir, "none"), TypesDir: dir})
}

func callRoutes(pool *sandbox.Pool) func(e *core.ServeEvent) {
	modules := map[string]string{"index.js": priceHandler + "exports.main = (event) => price(event)"}
	return func(e *core.ServeEvent) {
		e.Router.POST("/bench/nothing", func(e *core.RequestEvent) error {
			body, err := io.ReadAll(e.Request.Body)
			if err != nil {
				return err
			}
			return e.JSON(http.StatusOK, map[string]int{"bytes": len(body)})
		})
		e.Router.POST("/bench/sandbox", func(e *core.RequestEvent) error {
			body, err := io.ReadAll(e.Request.Body)
			if err != nil {
				return err
			}
			result, err := pool.Call(e.Request.Context(), sandbox.Call{
				App: "bench", Version: "1", Function: "price", Modules: modules, Event: body,
			}, nil)
			if err != nil {
				return err
			}
			return e.Blob(http.StatusOK, "application/json", result.Value)
		})
	}
}

func measureCalls(s *server) ([]Row, error) {
	body, err := json.Marshal(map[string]any{"lines": callLines()})
	if err != nil {
		return nil, err
	}
	cost := map[string][]float64{}
	for range rounds {
		for _, route := range []string{"nothing", "jsvm", "sandbox"} {
			spent, err := cpuOf(s, request{path: "/bench/" + route, body: string(body)})
			if err != nil {
				return nil, err
			}
			cost[route] = append(cost[route], spent)
		}
	}
	http := median(cost["nothing"])
	own, peer := median(cost["sandbox"])-http, median(cost["jsvm"])-http
	return []Row{atMost("CPU of a program call that prices 50 lines", own, "µs",
		fmt.Sprintf("PocketBase's jsvm %.0f µs", peer), own/peer, 1.3)}, nil
}

func callLines() []map[string]any {
	lines := make([]map[string]any, pricedLines)
	for i := range lines {
		lines[i] = map[string]any{"id": fmt.Sprintf("line%d", i), "unit": 100 + i*37, "quantity": 1 + i%5, "name": "A product with a name"}
	}
	return lines
}

// cpuOf is the processor time of one request in µs: this process and its workers, over many requests.
func cpuOf(s *server, r request) (float64, error) {
	for range callsPerRun / 10 { // warm up
		if err := s.post(r); err != nil {
			return 0, err
		}
	}
	before, err := processorTime()
	if err != nil {
		return 0, err
	}
	for range callsPerRun {
		if err := s.post(r); err != nil {
			return 0, err
		}
	}
	after, err := processorTime()
	return float64((after - before).Microseconds()) / callsPerRun, err
}

// processorTime sums user and system time of this process and of its living children, from Linux's /proc.
func processorTime() (time.Duration, error) {
	self := strconv.Itoa(os.Getpid())
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		return 0, fmt.Errorf("this figure needs Linux's /proc: %w", err)
	}
	var ticks int64
	for _, file := range stats {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		// The name, in parentheses, may hold anything; what follows is fixed.
		_, rest, _ := strings.Cut(string(data), ") ")
		fields := strings.Fields(rest)
		pid := filepath.Base(filepath.Dir(file))
		if len(fields) < 14 || (pid != self && fields[1] != self) {
			continue
		}
		user, err1 := strconv.ParseInt(fields[11], 10, 64)
		system, err2 := strconv.ParseInt(fields[12], 10, 64)
		if err1 == nil && err2 == nil {
			ticks += user + system
		}
	}
	return time.Duration(ticks) * (time.Second / 100), nil
}
