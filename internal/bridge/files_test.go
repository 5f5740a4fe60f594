package bridge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/programs"
)

var filesProgram = map[string]string{
	"clouddb.json": `{"collections":{"notes":{"rules":{"read":true,"write":true}}},"files":{"acl":"PRIVATE"}}`,
	"cloudfunctions/files/index.js": `
const cloud = require('wx-server-sdk')
exports.main = async ({ file, other }) => {
	const seen = []
	const { fileID } = await cloud.uploadFile({ cloudPath: 'made/a.txt', fileContent: Buffer.from('héllo') })
	seen.push(fileID)
	seen.push((await cloud.downloadFile({ fileID })).fileContent.toString('utf8'))
	seen.push((await cloud.downloadFile({ fileID: file })).fileContent.length)
	const { fileList } = await cloud.getTempFileURL({ fileList: [fileID, { fileID: file, maxAge: 60 }, other] })
	seen.push(fileList.map((each) => [each.status, each.tempFileURL !== '', each.maxAge]))
	seen.push((await cloud.deleteFile({ fileList: [fileID, fileID, other] })).fileList.map((each) => each.status))
	try { await cloud.downloadFile({ fileID: other }); seen.push('passed') } catch (e) { seen.push(e.code) }
	try { await cloud.uploadFile({ cloudPath: '../a', fileContent: Buffer.from('x') }); seen.push('passed') } catch (e) { seen.push(e.code) }
	return seen
}`,
}

// newFilesTown is a town whose server serves files, with a program that has some.
func newFilesTown(t *testing.T) *town {
	t.Helper()
	town := newTown(t, cloudfiles.Register)
	town.publish(t, filesProgram)
	town.open(t)
	return town
}

// form is a body as a page's upload sends it.
func form(t *testing.T, parts ...string) (body []byte, kind string) {
	t.Helper()
	var out bytes.Buffer
	writer := multipart.NewWriter(&out)
	for i := 0; i < len(parts); i += 2 {
		part, err := writer.CreateFormFile(parts[i], "x")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), writer.FormDataContentType()
}

func (town *town) upload(t *testing.T, appid, token string, parts ...string) apptest.Answer {
	t.Helper()
	body, kind := form(t, parts...)
	return town.client.Do("POST", "/api/mp/"+appid+"/files", apptest.Token(t, town.customer), body, map[string]string{LaunchHeader: token, "Content-Type": kind})
}

// A page uploads, shows and removes its person's files, and a function has all of the program's; none has another's.
func TestFilesOfAProgram(t *testing.T) {
	town := newFilesTown(t)
	up := town.upload(t, "hello", town.launch.Token, "path", "a/b.png", "file", "\x89PNG\r\n\x1a\n1234")
	if up.Status != 200 || up.Text("fileID") != "cloud://hello/a/b.png" || up.Text("type") != "image/png" {
		t.Fatalf("%d %s", up.Status, up.Body)
	}
	links := town.page(t, "files.urls", map[string]any{"files": []any{up.Text("fileID"), "cloud://other/a/b.png"}})
	if !strings.Contains(string(links.Body), `"status":0`) || !strings.Contains(string(links.Body), `cloud_file_bad_id`) {
		t.Errorf("%s", links.Body)
	}
	list, _ := links.JSON()["fileList"].([]any)
	address, _ := list[0].(map[string]any)["tempFileURL"].(string)
	if got := town.client.Do("GET", address, "", nil); got.Status != 200 || got.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	got := result(town.invoke(t, "files", map[string]any{"file": up.Text("fileID"), "other": "cloud://other/a/b.png"}))
	want := `["cloud://hello/made/a.txt","héllo",12,[[0,true,7199],[0,true,60],[-501007,false,0]],[0,-503003,-501007],"cloud_file_bad_id","cloud_file_bad_path"]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, name := range []string{"files.upload", "files.download"} {
		if got := town.page(t, name, map[string]any{"path": "a", "file": up.Text("fileID")}); got.Code() != ErrFunctionOnly.Code {
			t.Errorf("%s by a page: %s", name, got.Body)
		}
	}
	other, err := programs.Launch(town.App, town.stranger, "hello", programs.Opening{}, now)
	if err != nil {
		t.Fatal(err)
	}
	theirs := town.send(t, town.stranger, "/api/mp/hello/bridge/files.urls", other.Token, map[string]any{"args": map[string]any{"files": []any{up.Text("fileID")}}})
	if !strings.Contains(string(theirs.Body), "cloud_file_not_found") {
		t.Errorf("another person of a PRIVATE program: %s", theirs.Body)
	}
	town.setStatus(t, "taken_down")
	if got := town.client.Do("GET", address, "", nil); got.Status != 404 {
		t.Errorf("a file of a program that was taken down: %d", got.Status)
	}
	if got := town.upload(t, "hello", town.launch.Token, "path", "x", "file", "x"); got.Code() != "program_taken_down" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// An upload passes the same gates as every call, and its form must be one.
func TestUploadsThatAreRefused(t *testing.T) {
	town := newFilesTown(t)
	for _, c := range []struct {
		appid, token string
		parts        []string
		want         string
	}{
		{"hello", "", []string{"path", "a", "file", "x"}, "launch_invalid"},
		{"other", town.launch.Token, []string{"path", "a", "file", "x"}, "program_not_found"},
		{"hello", town.launch.Token[:len(town.launch.Token)-4] + "AAAA", []string{"path", "a", "file", "x"}, "launch_invalid"},
		{"hello", town.launch.Token, []string{"file", "x", "path", "a"}, "bad_args"},
		{"hello", town.launch.Token, []string{"path", "a"}, "bad_args"},
		{"hello", town.launch.Token, []string{"path", "../a", "file", "x"}, "cloud_file_bad_path"},
		{"hello", town.launch.Token, []string{"path", strings.Repeat("a", 2000), "file", "x"}, "cloud_file_bad_path"},
		{"hello", town.launch.Token, []string{"path", "a", "file", strings.Repeat("x", cloudfiles.FileBytes+1)}, "cloud_file_too_large"},
		{"hello", town.launch.Token, []string{"path", "a", "file", strings.Repeat("x", cloudfiles.FileBytes+1<<20)}, "cloud_file_too_large"},
	} {
		if got := town.upload(t, c.appid, c.token, c.parts...); got.Code() != c.want {
			t.Errorf("%s %q…: %d %s", c.appid, clipped(c.parts), got.Status, got.Body)
		}
	}
	if got := town.client.Do("POST", "/api/mp/hello/files", apptest.Token(t, town.customer), []byte(`{}`), map[string]string{LaunchHeader: town.launch.Token}); got.Code() != "bad_args" {
		t.Errorf("no form: %d %s", got.Status, got.Body)
	}
	if left, err := filepath.Glob(filepath.Join(town.DataDir(), "cloudfiles*", "*")); err != nil || len(left) > 0 {
		t.Errorf("left on the disk: %v %v", left, err)
	}
}

func clipped(parts []string) string {
	text := fmt.Sprint(parts)
	return text[:min(len(text), 80)]
}

// Uploads of one person that do not go on leave the house's places to others.
func TestUploadsThatStandStill(t *testing.T) {
	town := newFilesTown(t)
	body, kind := form(t, "path", "a", "file", strings.Repeat("x", 64<<10))
	for range 16 {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(town.client.Server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close() //nolint:errcheck // it stands still until then
		_, err = fmt.Fprintf(connection, "POST /api/mp/hello/files HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n%s: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
			apptest.Token(t, town.customer), LaunchHeader, town.launch.Token, kind, len(body), body[:len(body)/2])
		if err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); { // until those that may have begun
		if begun, _ := filepath.Glob(filepath.Join(town.DataDir(), "cloudfiles_new", "*")); len(begun) >= UploadsAtOnce {
			break
		}
	}
	other, err := programs.Launch(town.App, town.stranger, "hello", programs.Opening{}, now)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	got := town.client.Do("POST", "/api/mp/hello/files", apptest.Token(t, town.stranger), body, map[string]string{LaunchHeader: other.Token, "Content-Type": kind})
	if got.Status != 200 || time.Since(began) > 10*time.Second {
		t.Errorf("somebody else: %d %s after %v", got.Status, got.Body, time.Since(began))
	}
}

// What drips is not waited for, and what was waited for in vain is told apart from what came.
func TestSteady(t *testing.T) {
	line := http.NewResponseController(httptest.NewRecorder())
	if _, err := io.ReadAll(&steady{from: strings.NewReader("hello"), line: line, spent: time.Hour}); !errors.Is(err, errDrips) {
		t.Errorf("five bytes in an hour: %v", err)
	}
	if got, err := io.ReadAll(&steady{from: strings.NewReader("hello"), line: line}); err != nil || string(got) != "hello" {
		t.Errorf("five bytes at once: %q %v", got, err)
	}
}

// A connection that breaks in the middle of an upload leaves nothing.
func TestAnUploadThatBreaks(t *testing.T) {
	town := newFilesTown(t)
	body, kind := form(t, "path", "a", "file", strings.Repeat("x", 1<<20))
	address := strings.TrimPrefix(town.client.Server.URL, "http://")
	connection, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(connection, "POST /api/mp/hello/files HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n%s: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", //nolint:errcheck // the test ends if it fails
		address, apptest.Token(t, town.customer), LaunchHeader, town.launch.Token, kind, len(body))
	if _, err := connection.Write(body[:len(body)/2]); err != nil {
		t.Fatal(err)
	}
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(connection); err != nil || !bytes.Contains(answer, []byte(" 400 ")) {
		t.Errorf("%s %v", answer, err)
	}
	if left, err := filepath.Glob(filepath.Join(town.DataDir(), "cloudfiles*", "*")); err != nil || len(left) > 0 {
		t.Errorf("left on the disk: %v %v", left, err)
	}
	if list, err := cloudfiles.Usages(town.App); err != nil || len(list) > 0 {
		t.Errorf("%v %v", list, err)
	}
}

// A release whose unique index the documents do not allow is refused before anybody gets it, and names two of them.
func TestAReleaseThatTheDocumentsDoNotAllow(t *testing.T) {
	town := newTown(t)
	programs.BeforeRelease(town.App, clouddb.Prepare)
	for _, id := range []string{"a", "b"} {
		s := clouddb.Of(town.App).Session("hello", clouddb.Caller{Server: true, Now: now})
		if _, err := s.Add(t.Context(), clouddb.Write{Collection: "lists", Data: map[string]any{"_id": id, "code": "same"}}); err != nil {
			t.Fatal(err)
		}
	}
	owner := apptest.Person(t, town.App, "Owner")
	apptest.Staff(t, town.App, town.shop, owner, "owner")
	declared := map[string]string{"clouddb.json": `{"collections":{"lists":{"indexes":[{"fields":["code"],"unique":true}]}}}`}
	number := town.reviewed(t, declared)
	path := fmt.Sprintf("/api/mp/hello/versions/%d/release", number)
	got := town.client.Do("POST", path, apptest.Token(t, owner), map[string]any{"percent": 100})
	if got.Status != http.StatusConflict || got.Code() != "cloud_not_unique" || !strings.Contains(string(got.Body), `"other":"a"`) || !strings.Contains(string(got.Body), `"_id":"b"`) {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	s := clouddb.Of(town.App).Session("hello", clouddb.Caller{Server: true, Now: now})
	if _, err := s.Remove(t.Context(), clouddb.Write{Collection: "lists", ID: "b"}); err != nil {
		t.Fatal(err)
	}
	if got := town.client.Do("POST", path, apptest.Token(t, owner), map[string]any{"percent": 100}); got.Status != 200 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// Two programs keep apart what they have, whichever way one of them tries: another's fileIDs and collections in what it
// asks for, another's name in its arguments, and one program's launch at the other's address.
func TestTwoProgramsThatTryToReadEachOther(t *testing.T) {
	town := newFilesTown(t)
	up := town.upload(t, "hello", town.launch.Token, "path", "secret.txt", "file", "mine")
	town.page(t, "clouddb.add", map[string]any{"collection": "notes", "data": map[string]any{"text": "mine"}})
	spy := fstest.MapFS{}
	for name, content := range map[string]string{
		"manifest.json": `{"app_id":"spy","name":"Spy","version":{"name":"1"},"x_plaza":{"functions":["peek"]}}`, "app.json": `{"pages":["a"]}`, "a.wxml": "<view/>", "a.js": "Page({})",
		"clouddb.json": `{"collections":{"notes":{"acl":"READONLY"}},"files":{"acl":"READONLY"}}`,
		"cloudfunctions/peek/index.js": `
const cloud = require('wx-server-sdk')
exports.main = async ({ file }) => {
	const tried = {
		urls: () => cloud.getTempFileURL({ fileList: [file] }), down: () => cloud.downloadFile({ fileID: file }), gone: () => cloud.deleteFile({ fileList: [file] }),
		raw: () => cloud.plaza.call('files.urls', { files: [file], appid: 'hello' }), over: () => cloud.uploadFile({ cloudPath: file, fileContent: 'x' }),
		docs: () => cloud.plaza.call('clouddb.get', { collection: 'notes', appid: 'hello', program: 'hello', file: 'hello' }), dots: () => cloud.plaza.call('clouddb.get', { collection: '../hello/notes' }),
		look: () => cloud.database().collection('notes').aggregate().lookup({ from: 'hello/notes', localField: 'a', foreignField: 'b', as: 'c' }).end(),
		id: () => cloud.plaza.call('files.download', { file: 'cloud://spy/../hello/secret.txt' }),
	}
	const out = {}
	for (const name of Object.keys(tried)) try { out[name] = JSON.stringify(await tried[name]()) } catch (e) { out[name] = 'refused ' + e.code }
	return out
}`,
	} {
		spy["spy/"+name] = &fstest.MapFile{Data: []byte(content)}
	}
	packed, err := programs.Zip(spy, "spy")
	if err != nil {
		t.Fatal(err)
	}
	version, err := programs.Upload(town.App, programs.Owner{Org: town.shop.Id}, "spy", bytes.NewReader(packed), "", town.stranger.Id, now)
	if err != nil {
		t.Fatal(err)
	}
	version.Set("reviewed", true)
	if err := town.Save(version); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Release(town.App, "spy", 1, 100, town.stranger.Id, now); err != nil {
		t.Fatal(err)
	}
	launch, err := programs.Launch(town.App, town.customer, "spy", programs.Opening{}, now)
	if err != nil {
		t.Fatal(err)
	}
	got := town.send(t, town.customer, "/api/mp/spy/call/peek", launch.Token, map[string]any{"event": map[string]any{"file": up.Text("fileID")}})
	told, _ := got.JSON()["result"].(map[string]any)
	if len(told) != 9 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	for name, answer := range told {
		if text := fmt.Sprint(answer); strings.Contains(text, "mine") || strings.Contains(text, "/cloud/") || strings.Contains(text, `"status":0`) {
			t.Errorf("%s: %s", name, text)
		}
	}
	for path, body := range map[string]any{
		"bridge/files.urls": map[string]any{"args": map[string]any{"files": []any{up.Text("fileID")}}}, "bridge/clouddb.get": map[string]any{"args": map[string]any{"collection": "notes"}},
		"call/echo": map[string]any{"event": map[string]any{}},
	} {
		if got := town.send(t, town.customer, "/api/mp/hello/"+path, launch.Token, body); got.Code() != "launch_invalid" {
			t.Errorf("%s of hello with the launch of spy: %d %s", path, got.Status, got.Body)
		}
	}
	if got := town.upload(t, "hello", launch.Token, "path", "secret.txt", "file", "theirs"); got.Code() != "launch_invalid" {
		t.Errorf("an upload to hello with the launch of spy: %d %s", got.Status, got.Body)
	}
	if list, err := cloudfiles.Usages(town.App); err != nil || len(list) != 1 || list[0] != (cloudfiles.Usage{AppID: "hello", Bytes: 4, Files: 1}) {
		t.Errorf("%v %v", list, err)
	}
}
