package erasure_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/erasure"
)

// Those who fetch their export slowly keep nobody else from theirs, and what was written for them does not stay.
func TestASlowTakerHoldsNoTurn(t *testing.T) {
	app := apptest.New(t, jobsOnly, clouddb.Register, cloudfiles.Register, erasure.Register)
	ana, bob := apptest.Person(t, app, "Ana"), apptest.Person(t, app, "Bob")
	program(t, app, ana, "todo")
	noise := make([]byte, 16<<20) // more than sockets hold
	_, _ = rand.Read(noise)
	keep(t, app, ana, "todo", "a")
	keep(t, app, bob, "todo", "b")
	keepFile(t, app, ana, "todo", "of/noise.bin", bytes.NewReader(noise))
	client := apptest.NewClient(t, app)
	var slow []*http.Response
	for range erasure.ExportsAtOnce + 1 {
		request, err := http.NewRequest(http.MethodGet, client.Server.URL+"/api/mp/todo/data", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", apptest.Token(t, ana))
		answer, err := (&http.Client{Transport: &http.Transport{}, Timeout: time.Minute}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		slow = append(slow, answer)
	}
	if files := export(t, client, "todo", apptest.Token(t, bob)); len(files) != 2 {
		t.Errorf("%d files", len(files))
	}
	for _, answer := range slow {
		whole, err := io.ReadAll(answer.Body)
		if err != nil || int64(len(whole)) != answer.ContentLength || len(whole) < len(noise) {
			t.Errorf("%d bytes of %d: %v", len(whole), answer.ContentLength, err)
		}
	}
	client.Server.Close() // which waits for the handlers
	left, err := os.ReadDir(filepath.Join(app.DataDir(), core.LocalTempDirName))
	if err != nil || len(left) > 0 {
		t.Errorf("%v are left: %v", left, err)
	}
}
