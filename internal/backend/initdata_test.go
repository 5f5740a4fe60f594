package backend_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/programs"
)

// publishWeb releases a web program that asks for Telegram's script.
func (h *house) publishWeb(t *testing.T, appid string) {
	t.Helper()
	packed, err := programs.Zip(fstest.MapFS{
		"x/manifest.json": {Data: []byte(`{"app_id":"` + appid + `","name":"Web","x_plaza":{"kind":"web","scopes":["profile"]}}`)},
		"x/index.html":    {Data: []byte(`<!doctype html><script src="https://telegram.org/js/telegram-web-app.js?56"></script><p>Hi</p>`)},
	}, "x")
	if err != nil {
		t.Fatal(err)
	}
	version, err := programs.Upload(h.App, programs.Owner{Org: h.shop.Id}, appid, bytes.NewReader(packed), "", h.owner.Id, now)
	if err != nil {
		t.Fatal(err)
	}
	version.Set("reviewed", true)
	if err := h.Save(version); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Release(h.App, appid, version.GetInt("number"), 100, h.owner.Id, now); err != nil {
		t.Fatal(err)
	}
	h.launches[appid] = h.launch(t, appid)
}

func (h *house) serverKey(t *testing.T, appid string) (id, secret string) {
	t.Helper()
	made := h.client.Must(200, "POST", "/api/mp/"+appid+"/keys", apptest.Token(t, h.owner), map[string]any{"name": "bot", "kind": "server"})
	return made.Text("id"), made.Text("key")
}

func (h *house) initData(t *testing.T, appid string, body any) string {
	t.Helper()
	answer := h.client.Must(200, "POST", "/api/mp/"+appid+"/initdata", apptest.Token(t, h.customer), body,
		map[string]string{programs.LaunchHeader: h.launches[appid].Token})
	return answer.Text("init_data")
}

// botBelieves is the check of Telegram's documentation, as a bot's back end has it: with the bot's token.
func botBelieves(initData, botToken string) bool {
	var lines []string
	var hash string
	for _, pair := range strings.Split(initData, "&") {
		name, value, _ := strings.Cut(pair, "=")
		value, _ = url.PathUnescape(value) // as decodeURIComponent, which leaves a plus as it is
		if name == "hash" {
			hash = value
			continue
		}
		lines = append(lines, name+"="+value)
	}
	sort.Strings(lines)
	key := hmac.New(sha256.New, []byte("WebAppData"))
	key.Write([]byte(botToken))
	sum := hmac.New(sha256.New, key.Sum(nil))
	sum.Write([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum.Sum(nil)) == hash
}

// strangerBelieves is Telegram's check for third parties: with the public key.
func strangerBelieves(t *testing.T, initData, appid string, public ed25519.PublicKey) bool {
	t.Helper()
	values, err := url.ParseQuery(initData)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for name := range values {
		if name != "hash" && name != "signature" {
			lines = append(lines, name+"="+values.Get(name))
		}
	}
	sort.Strings(lines)
	signature, err := base64.RawURLEncoding.DecodeString(values.Get("signature"))
	return err == nil && ed25519.Verify(public, []byte(appid+":WebAppData\n"+strings.Join(lines, "\n")), signature)
}

func userOf(t *testing.T, initData string) map[string]any {
	t.Helper()
	values, err := url.ParseQuery(initData)
	if err != nil {
		t.Fatal(err)
	}
	var user map[string]any
	if err := json.Unmarshal([]byte(values.Get("user")), &user); err != nil {
		t.Fatal(err)
	}
	return user
}

func TestABackEndForTelegramBelievesInitData(t *testing.T) {
	h := newHouse(t)
	h.publishWeb(t, "bot")
	h.publishWeb(t, "other")
	if !h.launches["bot"].Telegram || h.launches["bakery"].Telegram {
		t.Error("who asks for Telegram's script is not told from who does not")
	}
	_, secret := h.serverKey(t, "bot")
	data := h.initData(t, "bot", map[string]any{"start_param": "table_7"})
	if !botBelieves(data, secret) {
		t.Fatalf("the bot's own check refuses %s", data)
	}
	for name, changed := range map[string]string{
		"another id":        strings.Replace(data, "id%22%3A", "id%22%3A1", 1),
		"another start":     strings.Replace(data, "table_7", "table_8", 1),
		"one field less":    data[strings.Index(data, "&")+1:],
		"one field more":    data + "&chat_type=private",
		"another signature": strings.Replace(data, "signature=", "signature=A", 1),
	} {
		if botBelieves(changed, secret) {
			t.Errorf("%s passes", name)
		}
	}

	keys := h.client.Must(200, "GET", "/.well-known/jwks.json", "", nil).JSON()["keys"].([]any)
	public, err := base64.RawURLEncoding.DecodeString(keys[0].(map[string]any)["x"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if !strangerBelieves(t, data, "bot", public) || strangerBelieves(t, data, "other", public) ||
		strangerBelieves(t, strings.Replace(data, "table_7", "table_8", 1), "bot", public) {
		t.Error("the signature does not say whose program it is for")
	}

	// Another program has another secret and knows the person by another number.
	_, foreign := h.serverKey(t, "other")
	elsewhere := h.initData(t, "other", map[string]any{})
	if botBelieves(data, foreign) || !botBelieves(elsewhere, foreign) {
		t.Error("the secret of one program is another's")
	}
	mine, theirs := userOf(t, data), userOf(t, elsewhere)
	if mine["id"] == theirs["id"] || mine["id"] != userOf(t, h.initData(t, "bot", nil))["id"] {
		t.Errorf("ids: %v and %v", mine["id"], theirs["id"])
	}
	if id := mine["id"].(float64); id != float64(int64(id)) || id <= 0 || id >= 1<<52 {
		t.Errorf("id %v is no number of 52 bits", mine["id"])
	}
	values, _ := url.ParseQuery(data)
	signed, err := strconv.ParseInt(values.Get("auth_date"), 10, 64)
	if err != nil || signed < now.Unix() || signed > now.Add(slow).Unix() {
		t.Errorf("auth_date is %s (%v)", values.Get("auth_date"), err)
	}
	if values.Get("start_param") != "table_7" || values.Get("query_id") == "" {
		t.Errorf("fields: %v", values)
	}

	// The newest key that is good is the one that counts.
	second, newer := h.serverKey(t, "bot")
	if data := h.initData(t, "bot", nil); !botBelieves(data, newer) || botBelieves(data, secret) {
		t.Error("a newer key does not count")
	}
	h.client.Must(204, "DELETE", "/api/mp/bot/keys/"+second, apptest.Token(t, h.owner), nil)
	if data := h.initData(t, "bot", nil); !botBelieves(data, secret) {
		t.Error("a key that was revoked still counts")
	}
}

// The name is the person's to give.
func TestInitDataNamesNobodyUnasked(t *testing.T) {
	h := newHouse(t)
	h.publishWeb(t, "bot")
	if got := userOf(t, h.initData(t, "bot", nil)); got["first_name"] != "Guest" || got["last_name"] != "" {
		t.Errorf("without consent: %v", got)
	}
	consent := func(body map[string]any) {
		t.Helper()
		h.client.Must(200, "POST", "/api/mp/bot/consents", apptest.Token(t, h.customer), body, map[string]string{programs.LaunchHeader: h.launches["bot"].Token})
	}
	consent(map[string]any{"scope": "profile", "state": "granted", "duration": "once"})
	if got := userOf(t, h.initData(t, "bot", nil)); got["first_name"] != "Guest" {
		t.Errorf("with a yes for one question: %v", got)
	}
	consent(map[string]any{"scope": "profile", "state": "granted", "duration": "always"})
	if got := userOf(t, h.initData(t, "bot", nil)); got["first_name"] != "Ana" {
		t.Errorf("with consent: %v", got)
	}
}

func TestInitDataIsRefused(t *testing.T) {
	h := newHouse(t)
	h.publishWeb(t, "bot")
	h.publishWeb(t, "other")
	_, bakery := h.serverKey(t, "bakery")
	data := h.initData(t, "bot", nil) // of a program without a server key: nobody has its secret
	if botBelieves(data, bakery) || botBelieves(data, "") {
		t.Error("a program without a key has a secret that somebody knows")
	}
	stranger := apptest.Token(t, apptest.Person(t, h.App, "Stranger"))
	own := apptest.Token(t, h.customer)
	token := func(appid string) map[string]string {
		return map[string]string{programs.LaunchHeader: h.launches[appid].Token}
	}
	for name, test := range map[string]struct {
		appid, who string
		launch     map[string]string
		body       any
		status     int
		code       string
	}{
		"no launch":                {"bot", own, nil, nil, 401, "launch_invalid"},
		"another program's launch": {"bot", own, token("other"), nil, 401, "launch_invalid"},
		"another person's launch":  {"bot", stranger, token("bot"), nil, 401, "launch_invalid"},
		"an app":                   {"bakery", own, token("bakery"), nil, 409, "not_web"},
		"a start with a space":     {"bot", own, token("bot"), map[string]any{"start_param": "a b"}, 400, "bad_start_param"},
		"a start with a field":     {"bot", own, token("bot"), map[string]any{"start_param": "a\nuser={}"}, 400, "bad_start_param"},
		"a start that is long":     {"bot", own, token("bot"), map[string]any{"start_param": strings.Repeat("a", 513)}, 400, "bad_start_param"},
		"a program that is none":   {"nobody", own, token("bot"), nil, 404, "program_not_found"},
	} {
		got := h.client.Do("POST", "/api/mp/"+test.appid+"/initdata", test.who, test.body, test.launch)
		if got.Status != test.status || got.Code() != test.code {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if got := h.client.Do("POST", "/api/mp/bot/initdata", "", nil, token("bot")); got.Status != 401 {
		t.Errorf("nobody: %d", got.Status)
	}
	clock.Set(h.App, now.Add(3*time.Hour))
	if got := h.client.Do("POST", "/api/mp/bot/initdata", own, nil, token("bot")); got.Status != 401 || got.Code() != "launch_expired" {
		t.Errorf("late: %d %s", got.Status, got.Body)
	}
}
