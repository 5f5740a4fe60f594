package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
)

const (
	uploadsAtOnce  = 100
	uploadNoise    = 2 << 20 // bytes of each package that do not pack
	uploadMemory   = 1 << 30 // bytes, of the server and its workers
	uploadPatience = 5 * time.Minute
)

// uploads measures a hundred packages that arrive at the same moment, each of another program, at a server of
// its own process: how many become versions, and the most memory that the server and its workers have together.
func uploads(register Register) ([]Row, error) {
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	maker, err := prepareUploads(register, dir)
	if err != nil {
		return nil, err
	}
	packages, err := packagesFor(uploadsAtOnce)
	if err != nil {
		return nil, err
	}
	house, err := open(dir)
	if err != nil {
		return nil, err
	}
	peak, took, err := house.receive(maker, packages)
	if stopped := house.close(); err == nil {
		err = stopped
	}
	if err != nil {
		return nil, err
	}
	kept, err := keptVersions(dir)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("%d packages of 2 MB, %d cores, %.1f s", uploadsAtOnce, runtime.NumCPU(), took.Seconds())
	return []Row{
		atLeast("100 uploads at once, kept", float64(kept), "versions", what, float64(kept)/uploadsAtOnce, 1),
		atMost("100 uploads at once, server and workers at their peak", float64(peak)/(1<<20), "MiB", "limit of 1 GiB", float64(peak)/uploadMemory, 1),
	}, nil
}

// uploader is who uploads, and for whom.
type uploader struct{ org, token string }

// prepareUploads makes a data folder with an organisation and its owner.
func prepareUploads(register Register, dir string) (uploader, error) {
	var maker uploader
	app := core.NewBaseApp(plazaStore(dir))
	if err := app.Bootstrap(); err != nil {
		return maker, err
	}
	if err := app.RunAllMigrations(); err != nil {
		return maker, err
	}
	register(app)
	app.Settings().RateLimits.Enabled = false // they all come from one address
	if err := app.Save(app.Settings()); err != nil {
		return maker, err
	}
	err := ledger.Write(app, func(tx core.App) error {
		org, err := create(tx, "orgs", map[string]any{"name": "Bench", "slug": "bench", "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris"})
		if err != nil {
			return err
		}
		owner, err := create(tx, "users", map[string]any{"email": "owner@bench.test", "password": "1234567890", "verified": true, "name": "Owner"})
		if err != nil {
			return err
		}
		if _, err := create(tx, "staff", map[string]any{"org": org.Id, "user": owner.Id, "role": "owner"}); err != nil {
			return err
		}
		token, err := owner.NewAuthToken()
		maker = uploader{org: org.Id, token: token}
		return err
	})
	ended := app.OnTerminate().Trigger(&core.TerminateEvent{App: app}, func(*core.TerminateEvent) error { return app.ClearBootstrap() })
	return maker, errors.Join(err, ended)
}

// packagesFor are so many packages, no two of the same bytes.
func packagesFor(count int) ([][]byte, error) {
	random := rand.NewChaCha8([32]byte{1})
	var out [][]byte
	for i := range count {
		noise := make([]byte, uploadNoise)
		if _, err := random.Read(noise); err != nil {
			return nil, err
		}
		files := application(appPages, noise)
		files["manifest.json"] = encoded(map[string]any{"app_id": appIDOf(i), "name": fmt.Sprint("Bench ", i), "x_plaza": map[string]any{"scopes": []string{"orders"}}})
		archive, err := check.Archive(files)
		if err != nil {
			return nil, err
		}
		out = append(out, archive)
	}
	return out, nil
}

func appIDOf(i int) string { return fmt.Sprintf("bench%03d", i) }

// house is a server in a process of its own.
type house struct {
	command *exec.Cmd
	url     string
}

func open(dir string) (*house, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	h := &house{command: exec.Command(program, "serve", "--http", address, "--dir", dir), url: "http://" + address}
	if err := h.command.Start(); err != nil {
		return nil, err
	}
	if _, err := firstAnswer(h.url+"/api/plaza", time.Now()); err != nil {
		return nil, errors.Join(err, h.close())
	}
	time.Sleep(settleTime) // the programs that ship are published meanwhile
	return h, nil
}

func (h *house) close() error {
	if err := h.command.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	_ = h.command.Wait() // it ends by our signal, which is no failure
	return nil
}

// receive sends all packages at once and watches the memory until the last is answered.
func (h *house) receive(maker uploader, packages [][]byte) (peak int64, took time.Duration, err error) {
	var failed atomic.Pointer[error]
	var sending sync.WaitGroup
	client := &http.Client{Timeout: uploadPatience, Transport: &http.Transport{MaxIdleConnsPerHost: len(packages)}}
	began := time.Now()
	for i, packed := range packages {
		sending.Go(func() {
			if err := h.upload(client, maker, appIDOf(i), packed); err != nil {
				failed.Store(&err)
			}
		})
	}
	done := make(chan struct{})
	go func() { sending.Wait(); close(done) }()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			if err := failed.Load(); err != nil {
				return 0, 0, *err
			}
			return peak, time.Since(began), nil
		case <-ticker.C:
			now, err := residentMemory(h.command.Process.Pid)
			if err != nil {
				return 0, 0, err
			}
			peak = max(peak, now)
		}
	}
}

func (h *house) upload(client *http.Client, maker uploader, appid string, packed []byte) error {
	request, err := http.NewRequest(http.MethodPost, h.url+"/api/mp/"+appid+"/versions?org="+maker.org, bytes.NewReader(packed))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", maker.token)
	request.Header.Set("Content-Type", "application/zip")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var version struct {
		Number int `json:"number"`
	}
	if answer.StatusCode != http.StatusOK || json.Unmarshal(body, &version) != nil || version.Number != 1 {
		return fmt.Errorf("upload %s: %d %.300s", appid, answer.StatusCode, body)
	}
	return nil
}

// keptVersions counts the versions whose rows and files are both there after the server has ended.
func keptVersions(dir string) (int, error) {
	app := core.NewBaseApp(plazaStore(dir))
	if err := app.Bootstrap(); err != nil {
		return 0, err
	}
	var kept []string
	err := app.DB().NewQuery("SELECT v.package FROM programs_versions v JOIN programs p ON p.id = v.program WHERE p.appid LIKE 'bench%'").Column(&kept)
	count := 0
	for _, hash := range kept {
		if _, err := os.Stat(filepath.Join(dir, "programs", hash, "bundle.zip")); err == nil {
			count++
		}
	}
	return count, errors.Join(err, app.ClearBootstrap())
}
