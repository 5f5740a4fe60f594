package backend_test

import (
	"encoding/json"
	"testing"

	"plaza.internal/plaza/internal/inbox"
	"plaza.internal/plaza/internal/programs"
)

// A program's own server sends a message as it does to WeChat: once for each yes, with its numbers for what goes wrong.
func TestAServerSendsAMessage(t *testing.T) {
	h := newHouse(t)
	program, err := h.FindFirstRecordByData("programs", "appid", "bakery")
	if err != nil {
		t.Fatal(err)
	}
	template := inbox.Template{Code: "bread", Title: "Your bread", Fields: []inbox.Field{{Name: "thing1", Label: "Loaf"}}}
	if err := inbox.SetTemplate(h, program, template, h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	got := h.client.Must(200, "GET", "/cgi-bin/token?grant_type=client_credential&appid=bakery&secret="+h.secrets["bakery"], "", nil)
	access := got.Text("access_token")
	body := func(change func(map[string]any)) map[string]any {
		message := map[string]any{
			"touser": h.launches["bakery"].OpenID, "template_id": "bread", "page": "pages/index?n=3", "miniprogram_state": "formal", "lang": "fr_FR",
			"data": map[string]any{"thing1": map[string]any{"value": "Rye"}},
		}
		if change != nil {
			change(message)
		}
		return message
	}
	send := func(access string, message any, want int) {
		t.Helper()
		got := h.client.Must(200, "POST", "/cgi-bin/message/subscribe/send?access_token="+access, "", message)
		var answer struct {
			Errcode int    `json:"errcode"`
			Errmsg  string `json:"errmsg"`
		}
		if err := json.Unmarshal(got.Body, &answer); err != nil || answer.Errcode != want || answer.Errmsg == "" {
			t.Errorf("answered %s, want %d", got.Body, want)
		}
	}
	send(access, body(nil), 43101)
	if err := inbox.Decide(h, h.customer.Id, program.Id, map[string]string{"bread": inbox.Accept}); err != nil {
		t.Fatal(err)
	}
	send("", body(nil), 40001)
	send("nonsense", body(nil), 40001)
	send(access, "not an object", 47001)
	send(access, body(func(m map[string]any) { m["touser"] = h.launches["florist"].OpenID }), 40003)
	send(access, body(func(m map[string]any) { m["template_id"] = "cake" }), 40037)
	send(access, body(func(m map[string]any) { m["page"] = "a\nb" }), 41030)
	send(access, body(func(m map[string]any) { m["data"] = map[string]any{} }), 47003)
	send(access, body(nil), 0)
	send(access, body(nil), 43101)
	notices, err := inbox.Notices(h, h.customer.Id, "")
	if err != nil || len(notices) != 1 || notices[0].Lines[0].Value != "Rye" {
		t.Errorf("arrived %+v, %v", notices, err)
	}
	if err := inbox.Decide(h, h.customer.Id, program.Id, map[string]string{"bread": inbox.Accept}); err != nil {
		t.Fatal(err)
	}
	_, err = programs.TakeDown(h, programs.Takedown{Scope: "program", AppID: "bakery", Rule: "1.1", Reason: "mice"}, h.owner.Id, now)
	if err != nil {
		t.Fatal(err)
	}
	send(access, body(nil), 48001)
}
