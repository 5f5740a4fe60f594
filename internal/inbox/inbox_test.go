package inbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/inbox"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
)

const code = "table_ready"

// bistro is a live program with one template, its owner and a guest who has opened it.
type bistro struct {
	core.App
	owner, guest *core.Record
	program      *core.Record
	openID       string
	client       *apptest.Client
}

func newBistro(t *testing.T) *bistro {
	t.Helper()
	app := apptest.New(t, func(app core.App) { programs.Register(app, nil, nil) }, inbox.Register)
	b := &bistro{App: app, owner: apptest.Person(t, app, "Olga"), guest: apptest.Person(t, app, "Gus")}
	b.program = b.live(t, "bistro")
	var err error
	if b.openID, err = identity.Meet(app, b.guest.Id, "bistro"); err != nil {
		t.Fatal(err)
	}
	template := inbox.Template{Code: code, Title: "Your table", Fields: []inbox.Field{{Name: "thing1", Label: "Table"}, {Name: "time2", Label: "At"}}}
	if err := inbox.SetTemplate(app, b.program, template, b.owner.Id, clock.Now(app)); err != nil {
		t.Fatal(err)
	}
	b.client = apptest.NewClient(t, app)
	return b
}

// live is a program of the owner's with a reviewed release.
func (b *bistro) live(t *testing.T, appid string) *core.Record {
	t.Helper()
	program := apptest.Record(t, b, "programs", map[string]any{
		"appid": appid, "name": appid, "status": "draft", "kind": "app", "tier": "reviewed", "owner": b.owner.Id,
	})
	version := apptest.Record(t, b, "programs_versions", map[string]any{
		"program": program.Id, "number": 1, "name": "1.0", "package": strings.Repeat("a", 64), "bundle": strings.Repeat("b", 64),
		"size": 1, "state": "released", "reviewed": true, "kind": "app", "released_at": clock.Now(b), "manifest": `{}`,
	})
	program.Set("status", "live")
	program.Set("release", version.Id)
	if err := b.Save(program); err != nil {
		t.Fatal(err)
	}
	return program
}

func (b *bistro) send(values map[string]string) error {
	return inbox.Send(b, b.program.Id, "bistro", inbox.Message{To: b.openID, Template: code, Page: "pages/table?id=4", Data: values})
}

var filled = map[string]string{"thing1": "4, at the window", "time2": "19:30"}

func (b *bistro) answer(t *testing.T, answer string) {
	t.Helper()
	b.client.Must(http.StatusNoContent, "POST", "/api/mp/bistro/messages/answers", apptest.Token(t, b.guest),
		map[string]any{"answers": map[string]string{code: answer}})
}

func (b *bistro) notices(t *testing.T) []inbox.Notice {
	t.Helper()
	notices, err := inbox.Notices(b, b.guest.Id, "")
	if err != nil {
		t.Fatal(err)
	}
	return notices
}

func wantRefusal(t *testing.T, err error, want *refusal.Refusal) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %s", err, want.Code)
	}
}

// One yes is one message: it comes with its labels and its page, is read, and is taken away.
func TestOneYesIsOneMessage(t *testing.T) {
	b := newBistro(t)
	token := apptest.Token(t, b.guest)
	questions := b.client.Must(http.StatusOK, "GET", "/api/mp/bistro/messages/questions?codes="+code, token, nil)
	if !strings.Contains(string(questions.Body), `"Your table"`) || !strings.Contains(string(questions.Body), `"ban":false`) {
		t.Errorf("the person is asked %s", questions.Body)
	}
	wantRefusal(t, b.send(filled), inbox.ErrNoTicket)
	b.answer(t, inbox.Reject)
	wantRefusal(t, b.send(filled), inbox.ErrNoTicket)
	b.answer(t, inbox.Accept)
	if err := b.send(filled); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, b.send(filled), inbox.ErrNoTicket)

	got := b.client.Must(http.StatusOK, "GET", "/api/notifications", token, nil)
	var page struct {
		Items  []inbox.Notice `json:"items"`
		Unread int            `json:"unread"`
	}
	if err := json.Unmarshal(got.Body, &page); err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 1 || page.Unread != 1 {
		t.Fatalf("the inbox has %s", got.Body)
	}
	notice := page.Items[0]
	if notice.AppID != "bistro" || notice.Page != "pages/table?id=4" || !notice.Open || notice.Read ||
		!slices.Equal(notice.Lines, []inbox.Line{{Label: "Table", Value: "4, at the window"}, {Label: "At", Value: "19:30"}}) {
		t.Errorf("the message is %+v", notice)
	}
	stranger := apptest.Token(t, b.owner)
	b.client.Must(http.StatusNoContent, "POST", "/api/notifications/read", stranger, map[string]any{"id": notice.ID})
	b.client.Must(http.StatusNoContent, "DELETE", "/api/notifications/"+notice.ID, stranger, nil)
	if now := b.notices(t); len(now) != 1 || now[0].Read {
		t.Errorf("somebody else changed it: %+v", now)
	}
	b.client.Must(http.StatusNoContent, "POST", "/api/notifications/read", token, map[string]any{"id": notice.ID})
	if now := b.notices(t); !now[0].Read {
		t.Error("it is still unread")
	}
	b.client.Must(http.StatusNoContent, "DELETE", "/api/notifications/"+notice.ID, token, nil)
	b.client.Must(http.StatusNoContent, "DELETE", "/api/notifications/"+notice.ID, token, nil)
	if now := b.notices(t); len(now) != 0 {
		t.Errorf("it is still there: %+v", now)
	}
}

// However many are sent at once, no ticket is good for two.
func TestNoTicketIsGoodForTwo(t *testing.T) {
	b := newBistro(t)
	for range 3 {
		b.answer(t, inbox.Accept)
	}
	var sent, refused atomic.Int64
	var wait sync.WaitGroup
	for range 40 {
		wait.Go(func() {
			switch err := b.send(filled); {
			case err == nil:
				sent.Add(1)
			case errors.Is(err, inbox.ErrNoTicket):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if sent.Load() != 3 || refused.Load() != 37 || len(b.notices(t)) != 3 {
		t.Errorf("%d were sent, %d refused, %d arrived", sent.Load(), refused.Load(), len(b.notices(t)))
	}
	templates, err := inbox.Templates(b, b.program.Id)
	if err != nil || templates[0].Sent != 3 || templates[0].Tickets != 0 {
		t.Errorf("the maker sees %+v, %v", templates, err)
	}
}

// A ban takes what was agreed to before, also of other templates when it is the program that is muted, and a later yes
// begins anew.
func TestABanTakesTheTickets(t *testing.T) {
	b := newBistro(t)
	b.answer(t, inbox.Accept)
	b.answer(t, inbox.Ban)
	wantRefusal(t, b.send(filled), inbox.ErrNoTicket)
	if questions, err := inbox.Questions(b, b.guest.Id, b.program.Id, []string{code, code}); err != nil || len(questions) != 1 || !questions[0].Ban {
		t.Errorf("asked again: %+v, %v", questions, err)
	}
	b.answer(t, inbox.Accept)
	token := apptest.Token(t, b.guest)
	b.client.Must(http.StatusNoContent, "POST", "/api/notifications/mute", token, map[string]any{"appid": "bistro", "muted": true})
	wantRefusal(t, b.send(filled), inbox.ErrNoTicket)
	again := inbox.Template{Code: "again", Title: "Your table", Fields: []inbox.Field{{Name: "thing1", Label: "People"}}}
	if err := inbox.SetTemplate(b, b.program, again, b.guest.Id, clock.Now(b)); err != nil {
		t.Fatal(err)
	}
	if questions, err := inbox.Questions(b, b.guest.Id, b.program.Id, []string{"again"}); err != nil || !questions[0].Ban {
		t.Errorf("a muted program asks by a new template: %+v, %v", questions, err)
	}
	b.client.Must(http.StatusNoContent, "POST", "/api/notifications/mute", token, map[string]any{"appid": "bistro", "muted": false})
	if questions, err := inbox.Questions(b, b.guest.Id, b.program.Id, []string{"again"}); err != nil || questions[0].Ban {
		t.Errorf("it may ask again: %+v, %v", questions, err)
	}
	if err := inbox.Decide(b, b.guest.Id, b.program.Id, map[string]string{"again": inbox.Ban}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(inbox.RemoveTemplate(b, b.program, "again", b.guest.Id, clock.Now(b)), inbox.SetTemplate(b, b.program, again, b.guest.Id, clock.Now(b))); err != nil {
		t.Fatal(err)
	}
	if questions, err := inbox.Questions(b, b.guest.Id, b.program.Id, []string{"again"}); err != nil || !questions[0].Ban {
		t.Errorf("a template that was laid down again asks who banned it: %+v, %v", questions, err)
	}
	wantRefusal(t, b.send(filled), inbox.ErrNoTicket)
	b.answer(t, inbox.Accept)
	if err := b.send(filled); err != nil {
		t.Error(err)
	}
	if got := b.client.Do("POST", "/api/notifications/mute", token, map[string]any{"appid": "nobody", "muted": true}); got.Code() != "program_not_found" {
		t.Errorf("muting nobody: %d %s", got.Status, got.Body)
	}
}

// A message that does not fit is refused before it costs the person's ticket.
func TestABadMessageCostsNothing(t *testing.T) {
	b := newBistro(t)
	b.answer(t, inbox.Accept)
	for name, m := range map[string]inbox.Message{
		"a value is missing": {Data: map[string]string{"thing1": "4"}},
		"a value turns":      {Data: map[string]string{"thing1": "4", "time2": "19:30 \u202e03:91"}},
		"a value breaks":     {Data: map[string]string{"thing1": "4", "time2": "19:30\nPlaza: you have won"}},
		"a value is hidden":  {Data: map[string]string{"thing1": "4", "time2": "\u3164"}},
		"a value is empty":   {Data: map[string]string{"thing1": "4", "time2": "  "}},
		"a value is long":    {Data: map[string]string{"thing1": "4", "time2": strings.Repeat("é", inbox.ValueLimit+1)}},
	} {
		m.To, m.Template = b.openID, code
		if err := inbox.Send(b, b.program.Id, "bistro", m); !errors.Is(err, inbox.ErrBadMessage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, page := range []string{strings.Repeat("p", inbox.PageLimit+1), "a\nb"} {
		wantRefusal(t, inbox.Send(b, b.program.Id, "bistro", inbox.Message{To: b.openID, Template: code, Data: filled, Page: page}), inbox.ErrBadPage)
	}
	wantRefusal(t, inbox.Send(b, b.program.Id, "bistro", inbox.Message{To: b.openID, Template: "other", Data: filled}), inbox.ErrTemplateUnknown)
	wantRefusal(t, inbox.Send(b, b.program.Id, "bistro", inbox.Message{To: "onobody", Template: code, Data: filled}), identity.ErrOpenIDUnknown)
	if err := b.send(filled); err != nil {
		t.Error(err)
	}
}

// The openid of one program is nobody in another, whose template of the same code is another template.
func TestProgramsDoNotShareTickets(t *testing.T) {
	b := newBistro(t)
	b.answer(t, inbox.Accept)
	other := b.live(t, "other")
	template := inbox.Template{Code: code, Title: "Spam", Fields: []inbox.Field{{Name: "a", Label: "Buy"}}}
	if err := inbox.SetTemplate(b, other, template, b.owner.Id, clock.Now(b)); err != nil {
		t.Fatal(err)
	}
	own, err := identity.Meet(b, b.guest.Id, "other")
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]string{"a": "now"}
	wantRefusal(t, inbox.Send(b, other.Id, "other", inbox.Message{To: own, Template: code, Data: data}), inbox.ErrNoTicket)
	wantRefusal(t, inbox.Send(b, other.Id, "other", inbox.Message{To: b.openID, Template: code, Data: data}), identity.ErrOpenIDUnknown)
	if len(b.notices(t)) != 0 {
		t.Error("it wrote nevertheless")
	}
}

// Templates are the makers' own: strangers are refused, mistakes named, and a number is the limit.
func TestTemplatesAreTheMakers(t *testing.T) {
	b := newBistro(t)
	owner, guest := apptest.Token(t, b.owner), apptest.Token(t, b.guest)
	good := func() map[string]any {
		return map[string]any{"code": "x", "title": "Open again", "fields": []map[string]any{{"name": "a", "label": "When"}}}
	}
	const path = "/api/mp/bistro/messages/templates"
	for _, method := range []string{"GET", "POST", "DELETE"} {
		target := path
		if method == "DELETE" {
			target += "/" + code
		}
		if got := b.client.Do(method, target, guest, good()); got.Code() != "not_maker" {
			t.Errorf("a stranger's %s: %d %s", method, got.Status, got.Body)
		}
	}
	for name, change := range map[string]func(map[string]any){
		"code":  func(m map[string]any) { m["code"] = "a b" },
		"title": func(m map[string]any) { m["title"] = "\u202ekcart" },
		"none":  func(m map[string]any) { m["fields"] = []any{} },
		"twice": func(m map[string]any) {
			m["fields"] = []map[string]any{{"name": "a", "label": "A"}, {"name": "a", "label": "B"}}
		},
		"name":  func(m map[string]any) { m["fields"] = []map[string]any{{"name": "1a", "label": "A"}} },
		"label": func(m map[string]any) { m["fields"] = []map[string]any{{"name": "a", "label": ""}} },
	} {
		body := good()
		change(body)
		if got := b.client.Do("POST", path, owner, body); got.Code() != "bad_template" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	for n := range inbox.TemplatesLimit - 1 {
		body := good()
		body["code"] = fmt.Sprint("t", n)
		b.client.Must(http.StatusOK, "POST", path, owner, body)
	}
	if got := b.client.Do("POST", path, owner, good()); got.Code() != "too_many_templates" {
		t.Errorf("one more: %d %s", got.Status, got.Body)
	}
	b.answer(t, inbox.Accept)
	b.client.Must(http.StatusNoContent, "DELETE", path+"/"+code, owner, nil)
	b.client.Must(http.StatusNoContent, "DELETE", path+"/"+code, owner, nil)
	wantRefusal(t, b.send(filled), inbox.ErrTemplateUnknown)
	again := good()
	again["code"] = code
	b.client.Must(http.StatusOK, "POST", path, owner, again)
	wantRefusal(t, inbox.Send(b, b.program.Id, "bistro", inbox.Message{To: b.openID, Template: code, Data: map[string]string{"a": "now"}}), inbox.ErrNoTicket)
}

// The questions come only for programs whose tier may send, and a few at once.
func TestWhoMayAsk(t *testing.T) {
	b := newBistro(t)
	guest := apptest.Token(t, b.guest)
	for path, want := range map[string]string{
		"/api/mp/bistro/messages/questions?codes=a,b,c,d": "too_many_templates",
		"/api/mp/bistro/messages/questions?codes=other":   "template_unknown",
		"/api/mp/nobody/messages/questions?codes=a":       "program_not_found",
	} {
		if got := b.client.Do("GET", path, guest, nil); got.Code() != want {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	if got := b.client.Do("POST", "/api/mp/bistro/messages/answers", guest, map[string]any{"answers": map[string]string{code: "perhaps"}}); got.Code() != "bad_answer" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	version, err := b.FindRecordById("programs_versions", b.program.GetString("release"))
	if err != nil {
		t.Fatal(err)
	}
	version.Set("reviewed", false)
	if err := b.Save(version); err != nil {
		t.Fatal(err)
	}
	if got := b.client.Do("GET", "/api/mp/bistro/messages/questions?codes="+code, guest, nil); got.Code() != "tier_not_allowed" {
		t.Errorf("an unverified program: %d %s", got.Status, got.Body)
	}
}

// Messages are listed in pages and forgotten after their time.
func TestMessagesArePagedAndForgotten(t *testing.T) {
	b := newBistro(t)
	for range 70 {
		b.answer(t, inbox.Accept)
		if err := b.send(filled); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for before, rounds := "", 0; rounds < 3; rounds++ {
		notices, err := inbox.Notices(b, b.guest.Id, before)
		if err != nil {
			t.Fatal(err)
		}
		for _, notice := range notices {
			seen[notice.ID] = true
			before = notice.ID
		}
	}
	if len(seen) != 70 {
		t.Errorf("%d of 70 messages were listed", len(seen))
	}
	b.client.Must(http.StatusNoContent, "POST", "/api/notifications/read", apptest.Token(t, b.guest), map[string]any{})
	if unread, err := inbox.Unread(b, b.guest.Id); err != nil || unread != 0 {
		t.Errorf("%d are unread, %v", unread, err)
	}
	later := clock.Now(b).Add(inbox.Kept + 48*time.Hour)
	clock.Set(b, later)
	if _, err := jobs.RunDue(b, later); err != nil {
		t.Fatal(err)
	}
	if notices := b.notices(t); len(notices) != 0 {
		t.Errorf("%d messages are still there", len(notices))
	}
}

// Values come as text, as numbers, and wrapped as in WeChat.
func TestValuesAreReadAsProgramsWriteThem(t *testing.T) {
	var data map[string]json.RawMessage
	if err := json.Unmarshal([]byte(`{"a":{"value":"x"},"b":{"value":3.5},"c":"y","d":7}`), &data); err != nil {
		t.Fatal(err)
	}
	values, err := inbox.Values(data)
	if err != nil || fmt.Sprint(values) != "map[a:x b:3.5 c:y d:7]" {
		t.Errorf("read %v, %v", values, err)
	}
	for _, bad := range []string{`null`, `true`, `[]`, `{"value":{}}`, `{}`} {
		if _, err := inbox.Values(map[string]json.RawMessage{"a": json.RawMessage(bad)}); !errors.Is(err, inbox.ErrBadMessage) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
