package ledger_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/sqlite"
)

const crashDir = "PLAZA_TEST_CRASH_DIR"

// A payment that was acknowledged is there after kill -9, and what was under way is there wholly or not at all.
// A child process of this test pays as fast as it can and writes down each acknowledgement, until it is killed.
func TestAcknowledgedPaymentsSurviveKill(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		payForEver(t, dir)
		return
	}
	dir := filepath.Join(t.TempDir(), "pb_data")
	if err := os.CopyFS(dir, os.DirFS(apptest.New(t).DataDir())); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), crashDir+"="+dir)
	child.Stderr = os.Stderr
	said, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	for lines := bufio.NewScanner(said); lines.Scan(); {
		key, paid := strings.CutPrefix(lines.Text(), "paid ")
		if !paid {
			continue
		}
		acknowledged = append(acknowledged, key)
		if len(acknowledged) == 500 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if len(acknowledged) < 500 {
		t.Fatalf("the child died by itself after %d payments", len(acknowledged))
	}

	app := reopen(t, dir)
	proof := wantSound(t, app)
	if proof.Transfers < int64(len(acknowledged)) {
		t.Errorf("%d transfers, %d were acknowledged", proof.Transfers, len(acknowledged))
	}
	for _, key := range acknowledged {
		var there int
		err := app.DB().NewQuery("SELECT COUNT(*) FROM ledger_transfer_rows t JOIN ledger_audit a ON a.subject = t.key WHERE t.key = {:key}").
			Bind(map[string]any{"key": key}).Row(&there)
		if err != nil || there != 1 {
			t.Errorf("payment %s was acknowledged and is there %d times, %v", key, there, err)
		}
	}
}

func reopen(t *testing.T, dir string) core.App {
	t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: sqlite.Connect})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.ClearBootstrap(); err != nil {
			t.Error(err)
		}
	})
	return app
}

func payForEver(t *testing.T, dir string) {
	app := reopen(t, dir)
	world, shop := open(t, app, "plaza", ledger.KindWorld), open(t, app, "org:shop", ledger.KindSales)
	var wait sync.WaitGroup
	for worker := range 16 {
		wait.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d-%d", worker, i)
				err := ledger.Write(app, func(tx core.App) error {
					if err := ledger.Post(tx, transfer(key, world, shop, 5), noon); err != nil {
						return err
					}
					return ledger.Audit(tx, "crash", "pay", key, nil, noon)
				})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := fmt.Println("paid " + key); err != nil {
					return
				}
			}
		})
	}
	wait.Wait()
}
