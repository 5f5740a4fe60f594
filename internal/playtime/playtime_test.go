package playtime_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/playtime"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main()
	os.Exit(m.Run())
}

// Noon of a winter's day in Paris.
var noon = time.Date(2026, 2, 10, 11, 0, 0, 0, time.UTC)

type home struct {
	core.App
	t     testing.TB
	child *core.Record
}

func newHome(t testing.TB) *home {
	t.Helper()
	app := apptest.New(t, playtime.Register, func(app core.App) { programs.Register(app, nil, nil) })
	clock.Set(app, noon)
	return &home{App: app, t: t, child: apptest.Person(t, app, "Zoe")}
}

func (h *home) limit(minutes int, now time.Time) {
	h.t.Helper()
	if _, err := playtime.Set(h, h.child.Id, playtime.Terms{Minutes: minutes, Zone: "Europe/Paris", PIN: "2468"}, now); err != nil {
		h.t.Fatal(err)
	}
}

func (h *home) beat(now time.Time) playtime.Standing {
	h.t.Helper()
	standing, err := playtime.Beat(h, h.child.Id, "tiles", false, now)
	if err != nil {
		h.t.Fatal(err)
	}
	return standing
}

// play is a game on screen from now on, with a sign every half minute.
func (h *home) play(now time.Time, length time.Duration) time.Time {
	h.t.Helper()
	end := now.Add(length)
	for h.beat(now); now.Before(end); h.beat(now) {
		now = now.Add(min(30*time.Second, end.Sub(now)))
	}
	return end
}

func (h *home) used(now time.Time) int64 {
	h.t.Helper()
	week, err := playtime.Look(h, h.child.Id, now)
	if err != nil {
		h.t.Fatal(err)
	}
	return week.Standing.Used
}

func want(t testing.TB, err, wanted error) {
	t.Helper()
	if !errors.Is(err, wanted) {
		t.Fatalf("got %v, want %v", err, wanted)
	}
}

// A limit of ten minutes is ten minutes: counted by the house, closed at the end, open again after midnight in Paris.
func TestADayHasItsMinutes(t *testing.T) {
	h := newHome(t)
	h.limit(10, noon)
	if standing, err := playtime.Enter(h, h.child.Id, "tiles", noon); err != nil || standing.Left != 600 {
		t.Fatalf("%+v %v", standing, err)
	}
	at := h.play(noon, 4*time.Minute)
	if got := h.used(at); got != 240 {
		t.Errorf("%d seconds were counted", got)
	}
	at = h.play(at, 7*time.Minute)
	standing, err := playtime.Enter(h, h.child.Id, "quiz", at)
	want(t, err, playtime.ErrOver)
	if midnight := time.Date(2026, 2, 10, 23, 0, 0, 0, time.UTC); !standing.ResetsAt.Equal(midnight) || standing.Left != 0 {
		t.Errorf("%+v", standing)
	}
	_, err = playtime.Enter(h, h.child.Id, "tiles", standing.ResetsAt.Add(-time.Second))
	want(t, err, playtime.ErrOver)
	if standing, err = playtime.Enter(h, h.child.Id, "tiles", standing.ResetsAt); err != nil || standing.Left != 600 {
		t.Errorf("%+v %v", standing, err)
	}
}

// Loading the page again gives no time back, and neither does closing it without a word.
func TestReloadingGivesNothingBack(t *testing.T) {
	h := newHome(t)
	h.limit(10, noon)
	at := noon
	for range 20 { // twenty seconds each, and no sign in between
		if _, err := playtime.Enter(h, h.child.Id, "tiles", at); err != nil {
			t.Fatal(err)
		}
		at = at.Add(20 * time.Second)
	}
	if got := h.used(at); got != 380 {
		t.Errorf("%d seconds were counted of twenty openings", got)
	}
}

// A game that left the screen, and a phone that fell asleep, play on in nobody's account.
func TestOnlyPlayIsCounted(t *testing.T) {
	h := newHome(t)
	h.limit(60, noon)
	at := h.play(noon, time.Minute)
	if _, err := playtime.Beat(h, h.child.Id, "tiles", true, at); err != nil {
		t.Fatal(err)
	}
	h.beat(at.Add(time.Minute))
	h.beat(at.Add(time.Minute + playtime.BeatMax + time.Millisecond)) // it slept
	h.beat(at.Add(-time.Hour))                                        // a clock that went back takes nothing and gives nothing
	if got := h.used(at); got != 60 {
		t.Errorf("%d seconds were counted", got)
	}
}

// Two phones are one person; signs that come at once count their time once.
func TestTwoPhonesAreOnePerson(t *testing.T) {
	h := newHome(t)
	h.limit(60, noon)
	for minute := range 10 {
		at := noon.Add(time.Duration(minute) * time.Minute)
		var phones sync.WaitGroup
		for range 6 {
			phones.Go(func() {
				if _, err := playtime.Beat(h, h.child.Id, "tiles", false, at); err != nil {
					t.Error(err)
				}
			})
		}
		phones.Wait()
	}
	if got := h.used(noon); got != 9*60 {
		t.Errorf("%d seconds were counted", got)
	}
}

// Nothing is kept of accounts without a limit, and nothing is left of one that ends or of a person who goes.
func TestWithoutALimitNothingIsKept(t *testing.T) {
	h := newHome(t)
	rows := func() (n int) {
		err := h.DB().NewQuery("SELECT (SELECT COUNT(*) FROM playtime_days) + (SELECT COUNT(*) FROM playtime_limits)").Row(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	h.play(noon, 5*time.Minute)
	if standing, err := playtime.Enter(h, h.child.Id, "tiles", noon); err != nil || standing.Limited || rows() != 0 {
		t.Errorf("%+v %v, %d rows", standing, err, rows())
	}
	h.limit(10, noon)
	at := h.play(noon, time.Minute)
	want(t, playtime.End(h, h.child.Id, "1111", at), playtime.ErrPIN)
	if err := playtime.End(h, h.child.Id, "2468", at); err != nil || rows() != 0 {
		t.Errorf("%v, %d rows", err, rows())
	}
	want(t, playtime.End(h, h.child.Id, "2468", at), playtime.ErrNoLimit)
	h.limit(10, noon)
	at = h.play(noon, time.Minute)
	if err := playtime.ForgetOld(h, at.AddDate(0, 0, playtime.KeptDays-1)); err != nil || rows() != 2 {
		t.Errorf("%v, %d rows", err, rows())
	}
	if err := playtime.ForgetOld(h, at.AddDate(0, 0, playtime.KeptDays)); err != nil || rows() != 1 {
		t.Errorf("%v, %d rows", err, rows())
	}
	if err := h.Delete(h.child); err != nil || rows() != 0 {
		t.Errorf("%v, %d rows", err, rows())
	}
}

// The PIN cannot be guessed: five wrong ones lock it, also when they come all at once, and the right one waits with them.
func TestThePINCannotBeGuessed(t *testing.T) {
	h := newHome(t)
	h.limit(10, noon)
	var guesses sync.WaitGroup
	var counted sync.Mutex
	wrong, locked := 0, 0
	for range 20 {
		guesses.Go(func() {
			err := playtime.End(h, h.child.Id, "0000", noon)
			counted.Lock()
			defer counted.Unlock()
			switch {
			case errors.Is(err, playtime.ErrPIN):
				wrong++
			case errors.Is(err, playtime.ErrLocked):
				locked++
			default:
				t.Error(err)
			}
		})
	}
	guesses.Wait()
	if wrong != playtime.MaxTries || locked != 20-playtime.MaxTries {
		t.Errorf("%d guesses were compared, %d were not", wrong, locked)
	}
	want(t, playtime.End(h, h.child.Id, "2468", noon.Add(playtime.LockedFor-time.Millisecond)), playtime.ErrLocked)
	if err := playtime.End(h, h.child.Id, "2468", noon.Add(playtime.LockedFor)); err != nil {
		t.Error(err)
	}
}

// Changing a limit takes its PIN, keeps what was played, and may change the PIN.
func TestALimitIsTheGuardians(t *testing.T) {
	h := newHome(t)
	h.limit(10, noon)
	at := h.play(noon, 10*time.Minute)
	terms := playtime.Terms{Minutes: 1440, Zone: "Europe/Paris", PIN: "1357"}
	_, err := playtime.Set(h, h.child.Id, terms, at)
	want(t, err, playtime.ErrPIN)
	terms = playtime.Terms{Minutes: 15, Zone: "Asia/Shanghai", PIN: "2468", NewPIN: "97531"}
	if standing, err := playtime.Set(h, h.child.Id, terms, at); err != nil || standing.Left != 300 {
		t.Errorf("%+v %v", standing, err)
	}
	want(t, playtime.End(h, h.child.Id, "2468", at), playtime.ErrPIN)
	if err := playtime.End(h, h.child.Id, "97531", at); err != nil {
		t.Error(err)
	}
}

// Who forgot the PIN asks the operator, and nobody else can take the limit away; it is written down who did.
func TestTheOperatorReleasesALimit(t *testing.T) {
	h := newHome(t)
	h.limit(10, noon)
	client, operator := apptest.NewClient(t, h.App), apptest.Operator(t, h.App, "Otto")
	release := func(status int, who *core.Record, email string) string {
		t.Helper()
		return client.Must(status, http.MethodPost, "/api/playtime/limit/release", apptest.Token(t, who), map[string]any{"email": email}).Code()
	}
	if code := release(http.StatusForbidden, h.child, h.child.Email()); code != "operator_only" {
		t.Error(code)
	}
	if code := release(http.StatusNotFound, operator, "nobody@example.org"); code != "no_playtime_limit" {
		t.Error(code)
	}
	release(http.StatusOK, operator, h.child.Email())
	release(http.StatusNotFound, operator, h.child.Email())
	var written int
	err := h.DB().NewQuery("SELECT COUNT(*) FROM ledger_audit WHERE act = 'playtime.release' AND subject = {:child} AND actor = {:operator}").
		Bind(dbx.Params{"child": h.child.Id, "operator": operator.Id}).Row(&written)
	if err != nil || written != 1 {
		t.Errorf("%d entries (%v)", written, err)
	}
}

func TestALimitMustBeSound(t *testing.T) {
	h := newHome(t)
	for _, terms := range []playtime.Terms{
		{},
		{Minutes: 4, Zone: "UTC", PIN: "1234"},
		{Minutes: 1441, Zone: "UTC", PIN: "1234"},
		{Minutes: -1, Zone: "UTC", PIN: "1234"},
		{Minutes: 60, Zone: "", PIN: "1234"},
		{Minutes: 60, Zone: "Local", PIN: "1234"},
		{Minutes: 60, Zone: "Europe/Atlantis", PIN: "1234"},
		{Minutes: 60, Zone: "../../etc/passwd", PIN: "1234"},
		{Minutes: 60, Zone: "UTC", PIN: "123"},
		{Minutes: 60, Zone: "UTC", PIN: "123456789"},
		{Minutes: 60, Zone: "UTC", PIN: "12a4"},
		{Minutes: 60, Zone: "UTC", PIN: "1234", NewPIN: "x"},
	} {
		_, err := playtime.Set(h, h.child.Id, terms, noon)
		want(t, err, playtime.ErrBadLimit)
	}
}

// The server refuses to open a game whose time is over, of either kind, and opens everything else; a launch of a game
// lives no longer than the time.
func TestAGameDoesNotOpenWhenTheTimeIsOver(t *testing.T) {
	h := newHome(t)
	client := apptest.NewClient(t, h.App)
	token := apptest.Token(t, h.child)
	org := apptest.Org(t, h.App, "makers")
	for appid, kind := range map[string]string{"tiles": "game", "quiz": "pages", "notes": "none"} {
		h.publish(org, appid, kind)
	}
	launch := func(status int, appid string) apptest.Answer {
		t.Helper()
		return client.Must(status, http.MethodPost, "/api/mp/"+appid+"/launch", token, map[string]any{"scene": 1001})
	}
	if body := launch(http.StatusOK, "tiles").JSON(); body["playtime"].(map[string]any)["limited"] != false {
		t.Errorf("%v", body["playtime"])
	}
	client.Must(http.StatusOK, http.MethodPut, "/api/playtime/limit", token, map[string]any{"minutes": 5, "zone": "Europe/Paris", "pin": "2468"})
	opened := launch(http.StatusOK, "tiles").JSON()
	until, err := time.Parse(time.RFC3339, opened["expires"].(string))
	if life := until.Sub(noon); err != nil || life < 7*time.Minute || life > 8*time.Minute {
		t.Errorf("the launch lives for %s (%v)", life, err)
	}
	for seconds := 0; seconds <= 330; seconds += 30 {
		clock.Set(h.App, noon.Add(time.Duration(seconds)*time.Second))
		client.Must(http.StatusOK, http.MethodPost, "/api/playtime/beat", token, map[string]any{"appid": "tiles"})
	}
	for _, appid := range []string{"tiles", "quiz"} {
		if code := launch(http.StatusForbidden, appid).Code(); code != "playtime_over" {
			t.Errorf("%s: %s", appid, code)
		}
	}
	if body := launch(http.StatusOK, "notes").JSON(); body["playtime"] != nil {
		t.Errorf("%v", body["playtime"])
	}
	week := client.Must(http.StatusOK, http.MethodGet, "/api/playtime", token, nil).JSON()
	if days := week["days"].([]any); len(days) != 1 || days[0].(map[string]any)["seconds"].(float64) < 300 {
		t.Errorf("%v", week)
	}
	if _, told := week["pin"]; told {
		t.Error("the PIN is told")
	}
}

func (h *home) publish(org *core.Record, appid, kind string) {
	h.t.Helper()
	plaza := `"category":"tools"`
	files := fstest.MapFS{
		appid + "/app.js": {Data: []byte("App({})")}, appid + "/app.json": {Data: []byte(`{"pages":["pages/a/a"]}`)},
		appid + "/pages/a/a.js": {Data: []byte("Page({})")}, appid + "/pages/a/a.wxml": {Data: []byte("<view/>")},
		appid + "/project.config.json": {Data: []byte(`{"appid":"` + appid + `","compileType":"miniprogram"}`)},
	}
	switch kind {
	case "pages":
		plaza = `"category":"games"`
	case "game":
		plaza = `"kind":"game","category":"games"`
		files = fstest.MapFS{
			appid + "/game.js": {Data: []byte("wx.createCanvas()")}, appid + "/game.json": {Data: []byte("{}")},
			appid + "/project.config.json": {Data: []byte(`{"appid":"` + appid + `","compileType":"game"}`)},
		}
	}
	files[appid+"/manifest.json"] = &fstest.MapFile{Data: []byte(`{"app_id":"` + appid + `","name":"Name of ` + appid +
		`","version":{"code":1,"name":"1"},"platform_version":{"min_code":1},"icons":[],"x_plaza":{` + plaza + `}}`)}
	packed, err := programs.Zip(files, appid)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := programs.Upload(h, programs.Owner{Org: org.Id}, appid, bytes.NewReader(packed), "", h.child.Id, noon); err != nil {
		h.t.Fatal(err)
	}
	review, err := programs.Submit(h, appid, 1, programs.Submission{}, h.child.Id, noon)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := programs.Approve(h, review.Id, "", "operator", noon); err != nil {
		h.t.Fatal(err)
	}
	if _, err := programs.Release(h, appid, 1, 100, h.child.Id, noon); err != nil {
		h.t.Fatal(err)
	}
}
