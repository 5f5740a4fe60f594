package cloudfiles_test

import (
	"archive/zip"
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/sqlite"
)

// victim names the data folder of a process that only uploads until it is killed.
const victim = "PLAZA_TEST_UPLOADS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		fmt.Fprintln(os.Stderr, upload(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func reopen(dir string) (core.App, error) {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: sqlite.Connect})
	cloudfiles.Register(app)
	return app, app.Bootstrap()
}

// upload replaces the same few files over and over, and tells each that was answered.
func upload(dir string) error {
	app, err := reopen(dir)
	if err != nil {
		return err
	}
	who := cloudfiles.Caller{AppID: "todo", OpenID: "ana", Rules: query.Schema{}.FileRules(), Reviewed: true, Now: time.Now()}
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for round := 0; ; round++ {
				path := fmt.Sprintf("%d/%d", worker, round%3)
				content := strings.Repeat(fmt.Sprintf("%d.%06d;", worker, round), 20_000)
				if _, err := cloudfiles.Put(context.Background(), app, who, path, strings.NewReader(content)); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				fmt.Printf("%s %d\n", path, round) //nolint:forbidigo // the parent reads it
			}
		})
	}
	group.Wait()
	return fmt.Errorf("it ended by itself")
}

// A process that is killed in the middle of uploads leaves rows and bytes that agree: every answered upload is there,
// or a later one of the same path, and what nobody names is swept at the next start.
func TestKilledInTheMiddleOfUploads(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pb_data")
	if err := os.CopyFS(dir, os.DirFS(apptest.New(t).DataDir())); err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		answered := killed(t, dir, 20+7*round)
		app, err := reopen(dir)
		if err != nil {
			t.Fatal(err)
		}
		apptest.Server(t, app) // it sweeps as it starts
		agree(t, app, answered)
		if err := app.ClearBootstrap(); err != nil {
			t.Error(err)
		}
	}
}

// killed runs the victim until it has answered so many uploads, kills it, and gives the last round of each path.
func killed(t *testing.T, dir string, after int) map[string]int {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), victim+"="+dir)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	answered := map[string]int{}
	lines := bufio.NewScanner(out)
	for count := 0; lines.Scan(); count++ {
		var path string
		var round int
		if _, err := fmt.Sscanf(lines.Text(), "%s %d", &path, &round); err == nil {
			answered[path] = round
		}
		if count == after {
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := command.Wait(); err == nil {
		t.Fatal("the victim was not killed")
	}
	return answered
}

func agree(t *testing.T, app core.App, answered map[string]int) {
	t.Helper()
	list, err := cloudfiles.Owned(app, "todo", "ana")
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, file := range list {
		var content strings.Builder
		if err := cloudfiles.Copy(app, file, &content); err != nil {
			t.Errorf("%s has a row and no bytes: %v", file.Path, err)
			continue
		}
		total += file.Size
		first, _, _ := strings.Cut(content.String(), ";")
		var worker, round int
		if _, err := fmt.Sscanf(first, "%d.%d", &worker, &round); err != nil || strings.Repeat(first+";", 20_000) != content.String() || int64(content.Len()) != file.Size {
			t.Errorf("%s: %d bytes that begin with %q, %d in its row", file.Path, content.Len(), first, file.Size)
		}
		if round < answered[file.Path] {
			t.Errorf("%s is of round %d, but %d was answered", file.Path, round, answered[file.Path])
		}
		delete(answered, file.Path)
	}
	if len(answered) > 0 {
		t.Errorf("answered and gone: %v", answered)
	}
	if u := usage(t, app, "todo"); u.Bytes != total || u.Files != int64(len(list)) || len(blobs(t, app)) != len(list) {
		t.Errorf("%+v for %d files of %d bytes, %d on the disk", u, len(list), total, len(blobs(t, app)))
	}
}

// A backup made while files come, change and go holds every file that its rows name.
func TestBackup(t *testing.T) {
	app := newApp(t)
	ana := page(t, "todo", "ana")
	for i := range 40 {
		put(t, app, ana, fmt.Sprint(i), strings.Repeat("x", 10_000+i))
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			put(t, app, ana, fmt.Sprint(i%40), strings.Repeat("y", 10_000+i))
			if _, err := cloudfiles.Delete(app, ana, []string{fmt.Sprintf("cloud://todo/%d", (i+20)%40)}); err != nil {
				t.Error(err)
			}
		}
	}()
	err := app.CreateBackup(t.Context(), "test.zip")
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	if u := usage(t, app, "todo"); int(u.Files) != len(blobs(t, app)) {
		t.Errorf("after the backup: %+v, %d on the disk", u, len(blobs(t, app)))
	}
	dir := filepath.Join(t.TempDir(), "pb_data")
	extract(t, filepath.Join(app.DataDir(), "backups", "test.zip"), dir)
	again, err := reopen(dir)
	if err != nil {
		t.Fatal(err)
	}
	apptest.Server(t, again)
	list, err := cloudfiles.Owned(again, "todo", "ana")
	if err != nil || len(list) == 0 {
		t.Fatalf("%d files %v", len(list), err)
	}
	for _, file := range list {
		var content strings.Builder
		if err := cloudfiles.Copy(again, file, &content); err != nil || int64(content.Len()) != file.Size {
			t.Errorf("%s: %d bytes of %d, %v", file.Path, content.Len(), file.Size, err)
		}
	}
	if len(blobs(t, again)) != len(list) {
		t.Errorf("%d on the disk, %d files", len(blobs(t, again)), len(list))
	}
	if err := again.ClearBootstrap(); err != nil {
		t.Error(err)
	}
}

func extract(t *testing.T, path, dir string) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close() //nolint:errcheck // it was only read
	for _, entry := range archive.File {
		target := filepath.Join(dir, filepath.FromSlash(entry.Name))
		if entry.FileInfo().IsDir() {
			continue
		}
		content, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
