package orders_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/sqlite"
)

// childDir makes this test binary a server over that data folder, to be killed.
const childDir = "PLAZA_ORDERS_TEST_SERVER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := serve(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func reopen(dir string) (core.App, error) {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: sqlite.Connect})
	if err := app.Bootstrap(); err != nil {
		return nil, err
	}
	app.Settings().Logs.MaxDays = 0
	register(app)
	return app, nil
}

func serve(dir string) error {
	app, err := reopen(dir)
	if err != nil {
		return err
	}
	router, err := apis.NewRouter(app)
	if err != nil {
		return err
	}
	return app.OnServe().Trigger(&core.ServeEvent{App: app, Router: router}, func(e *core.ServeEvent) error {
		mux, err := e.Router.BuildMux()
		if err != nil {
			return err
		}
		socket, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		fmt.Println(socket.Addr())
		return http.Serve(socket, mux)
	})
}

// victim is a server process on a copy of the street's data.
type victim struct {
	process *exec.Cmd
	url     string
	dir     string
}

func (s *street) victim() *victim {
	s.t.Helper()
	if _, err := s.app.NonconcurrentDB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Execute(); err != nil {
		s.t.Fatal(err)
	}
	v := &victim{dir: filepath.Join(s.t.TempDir(), "pb_data")}
	if err := os.CopyFS(v.dir, os.DirFS(s.app.DataDir())); err != nil {
		s.t.Fatal(err)
	}
	v.process = exec.Command(os.Args[0], "-test.run=^$")
	v.process.Env = append(os.Environ(), childDir+"="+v.dir)
	v.process.Stderr = os.Stderr
	out, err := v.process.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := v.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = v.process.Process.Kill() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.t.Fatalf("the server did not start: %v", err)
	}
	v.url = "http://" + strings.TrimSpace(address)
	return v
}

// post is one request to a server that may die in the middle of it; ok means an answer with status 200.
func (v *victim) post(path, token string, body any) (answer map[string]any, ok bool) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, false
	}
	request, err := http.NewRequest("POST", v.url+path, bytes.NewReader(raw))
	if err != nil {
		return nil, false
	}
	request.Header.Set("Authorization", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, false
	}
	defer response.Body.Close() //nolint:errcheck // the process may be gone
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil, false
	}
	return answer, json.Unmarshal(content, &answer) == nil
}

// kill -9 in the middle of payments. Afterwards the books balance, every payment that was acknowledged is
// there, and every other one is there whole or not at all.
func TestKilledDuringPayments(t *testing.T) {
	s := newStreet(t)
	const people, enough = 12, 100
	tokens := make([]string, people)
	for i := range tokens {
		_, tokens[i] = s.customer(fmt.Sprint("Payer ", i), 1_000_000)
	}
	s.shop.Stock(s.bread, 100_000)
	v := s.victim()

	var mu sync.Mutex
	acknowledged := map[string]float64{} // order → total
	full := make(chan struct{})
	var together sync.WaitGroup
	for i, token := range tokens {
		together.Go(func() {
			for n := 0; ; n++ {
				order, ok := v.post("/api/orders", token, map[string]any{"place": s.shop.Place.Id, "channel": "scan"})
				if !ok {
					return
				}
				path := "/api/orders/" + order["id"].(string)
				if _, ok = v.post(path+"/scan", token, map[string]any{"code": s.bread.GetString("gtin"), "quantity": 1 + (i+n)%3}); !ok {
					return
				}
				paid, ok := v.post(path+"/pay", token, map[string]any{"method": "wallet"})
				if !ok {
					return
				}
				mu.Lock()
				acknowledged[paid["id"].(string)] = paid["total"].(float64)
				if len(acknowledged) == enough {
					close(full)
				}
				mu.Unlock()
			}
		})
	}
	<-full
	if err := v.process.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	together.Wait()
	_ = v.process.Wait() // says that it was killed

	app, err := reopen(v.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := app.ClearBootstrap(); err != nil {
			t.Error(err)
		}
	}()
	checkAfterCrash(t, app, acknowledged)
}

func checkAfterCrash(t *testing.T, app core.App, acknowledged map[string]float64) {
	t.Helper()
	if _, err := ledger.Verify(app); err != nil {
		t.Error(err)
	}
	records, err := app.FindAllRecords("orders")
	if err != nil {
		t.Fatal(err)
	}
	count := func(query, order string) (n int) {
		t.Helper()
		if err := app.DB().NewQuery(query).Bind(dbx.Params{"op": "order:" + order}).Row(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	paid := 0
	for _, order := range records {
		isPaid := 0
		if order.GetString("status") == orders.Paid {
			isPaid = 1
			paid++
		}
		money := count("SELECT count(*) FROM ledger_transfer_rows WHERE key = {:op}", order.Id)
		points := count("SELECT count(*) FROM loyalty_ops WHERE id = {:op}", order.Id)
		stock := count("SELECT count(*) FROM catalog_stock_moves WHERE ref = {:op}", order.Id)
		if money != isPaid || points != isPaid || stock != isPaid {
			t.Errorf("order %s is %s with %d transfers, %d earns, %d stock moves", order.Id, order.GetString("status"), money, points, stock)
		}
		if total, promised := acknowledged[order.Id]; promised {
			if isPaid == 0 || order.GetFloat("total") != total {
				t.Errorf("order %s was acknowledged at %v and is %s at %v", order.Id, total, order.GetString("status"), order.GetFloat("total"))
			}
			delete(acknowledged, order.Id)
		}
	}
	for id := range acknowledged {
		t.Errorf("order %s was acknowledged and is gone", id)
	}
	t.Logf("%d orders, %d paid", len(records), paid)
}
