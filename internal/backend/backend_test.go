package backend_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // WeChat's signature
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/backend"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Main() // a worker is this very binary
	check.Main()
	os.Exit(m.Run())
}

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// slow is more than a test takes: the house's clock goes on from where it was set.
const slow = time.Minute

// house is a running house with two programs of one shop, a customer who has opened both, and each program's server key.
type house struct {
	core.App
	client   *apptest.Client
	owner    *core.Record
	customer *core.Record
	shop     *core.Record
	secrets  map[string]string // by appid
	launches map[string]programs.Launched
}

func newHouse(t *testing.T) *house {
	t.Helper()
	app := apptest.New(t, identity.Register, func(app core.App) { programs.Register(app, nil, nil) }, backend.Register)
	clock.Set(app, now)
	h := &house{
		App: app, owner: apptest.Person(t, app, "Owner"), customer: apptest.Person(t, app, "Ana"), shop: apptest.Org(t, app, "shop"),
		secrets: map[string]string{}, launches: map[string]programs.Launched{},
	}
	apptest.Record(t, app, "staff", map[string]any{"org": h.shop.Id, "user": h.owner.Id, "role": "owner"})
	h.client = apptest.NewClient(t, app)
	for _, appid := range []string{"bakery", "florist"} {
		h.publish(t, appid)
		made := h.client.Must(200, "POST", "/api/mp/"+appid+"/keys", apptest.Token(t, h.owner), map[string]any{"name": "our server", "kind": "server"})
		h.secrets[appid] = made.Text("key")
		h.launches[appid] = h.launch(t, appid)
	}
	return h
}

// publish releases a program of one page.
func (h *house) publish(t *testing.T, appid string) {
	t.Helper()
	folder := fstest.MapFS{}
	for name, content := range map[string]string{
		"manifest.json": fmt.Sprintf(`{"app_id":%q,"name":%q,"x_plaza":{"scopes":["profile"]}}`, appid, appid), "app.json": `{"pages":["pages/index"]}`,
		"app.js": "App({})", "pages/index.wxml": "<view/>", "pages/index.js": "Page({})",
	} {
		folder["x/"+name] = &fstest.MapFile{Data: []byte(content)}
	}
	packed, err := programs.Zip(folder, "x")
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
}

func (h *house) launch(t *testing.T, appid string) programs.Launched {
	t.Helper()
	launched, err := programs.Launch(h.App, h.customer, appid, programs.Opening{}, clock.Now(h.App))
	if err != nil {
		t.Fatal(err)
	}
	return launched
}

// login is a code as the program's page gets it.
func (h *house) login(t *testing.T, appid string) string {
	t.Helper()
	answer := h.client.Must(200, "POST", "/api/mp/"+appid+"/login", apptest.Token(t, h.customer), nil,
		map[string]string{programs.LaunchHeader: h.launches[appid].Token})
	return answer.Text("code")
}

// trade is the answer to the program's server when it trades the code, with some of what it sends changed.
func (h *house) trade(t *testing.T, appid, code string, changed map[string]string) map[string]any {
	t.Helper()
	sent := map[string]string{"appid": appid, "secret": h.secrets[appid], "js_code": code, "grant_type": "authorization_code"}
	maps.Copy(sent, changed)
	return h.get(t, "/sns/jscode2session", sent)
}

// get is what one of WeChat's addresses answers, which is always with status 200.
func (h *house) get(t *testing.T, path string, sent map[string]string) map[string]any {
	t.Helper()
	query := url.Values{}
	for name, value := range sent {
		query.Set(name, value)
	}
	return h.client.Must(200, "GET", path+"?"+query.Encode(), "", nil).JSON()
}

func wantFault(t *testing.T, what string, answer map[string]any, code int) {
	t.Helper()
	if answer["errcode"] != float64(code) || answer["errmsg"] == "" || answer["openid"] != nil || answer["session_key"] != nil {
		t.Errorf("%s: %v, want errcode %d", what, answer, code)
	}
}

// A back end that was written for WeChat trades the page's code for the openid that cloud functions know the person by.
func TestACodeIsTradedForTheOpenID(t *testing.T) {
	h := newHouse(t)
	answer := h.trade(t, "bakery", h.login(t, "bakery"), nil)
	if answer["openid"] != h.launches["bakery"].OpenID || answer["errcode"] != nil {
		t.Errorf("traded: %v, want the openid %s", answer, h.launches["bakery"].OpenID)
	}
	union, err := identity.UnionID(h.App, h.customer.Id, h.shop.Id)
	if err != nil || answer["unionid"] != union {
		t.Errorf("unionid %v, want %s (%v)", answer["unionid"], union, err)
	}
	key, err := base64.StdEncoding.DecodeString(answer["session_key"].(string))
	if err != nil || len(key) != 16 {
		t.Errorf("session_key %v has %d bytes (%v)", answer["session_key"], len(key), err)
	}
	other := h.trade(t, "florist", h.login(t, "florist"), nil)
	if other["openid"] == answer["openid"] || other["session_key"] == answer["session_key"] || other["unionid"] != answer["unionid"] {
		t.Errorf("the other program of the shop knows %v, this one %v", other, answer)
	}
	again := h.trade(t, "bakery", h.login(t, "bakery"), nil)
	if again["session_key"] != answer["session_key"] {
		t.Error("a second login has another session key while the first is good")
	}
}

// WeChat's clients send what they have in the address, as JSON or as a form.
func TestServersSendAsTheyLike(t *testing.T) {
	h := newHouse(t)
	sent := func() map[string]string {
		return map[string]string{
			"appid": "bakery", "secret": h.secrets["bakery"], "js_code": h.login(t, "bakery"), "grant_type": "authorization_code",
		}
	}
	form := url.Values{}
	for name, value := range sent() {
		form.Set(name, value)
	}
	for what, answer := range map[string]apptest.Answer{
		"json": h.client.Do("POST", "/sns/jscode2session", "", sent()),
		"form": h.client.Do("POST", "/sns/jscode2session", "", form.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}),
	} {
		if answer.Status != 200 || answer.Text("openid") != h.launches["bakery"].OpenID || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", what, answer.Status, answer.Body)
		}
	}
	wantFault(t, "no JSON", h.client.Must(200, "POST", "/sns/jscode2session", "", "{").JSON(), 47001)
	wantFault(t, "too much", h.client.Must(200, "POST", "/sns/jscode2session", "", strings.Repeat("x", 20<<10)).JSON(), 47001)
}

// Each refusal has WeChat's number, and costs nothing but itself: the code is still good afterwards.
func TestRefusalsHaveWeChatsNumbers(t *testing.T) {
	h := newHouse(t)
	code := h.login(t, "bakery")
	for _, one := range []struct {
		what    string
		changed map[string]string
		code    int
	}{
		{"no such code", map[string]string{"js_code": strings.Repeat("A", 32)}, 40029},
		{"no code", map[string]string{"js_code": ""}, 41008},
		{"no such program", map[string]string{"appid": "nobody"}, 40013},
		{"no program", map[string]string{"appid": ""}, 41002},
		{"the other program", map[string]string{"appid": "florist", "secret": h.secrets["florist"]}, 40029},
		{"the other program's key", map[string]string{"secret": h.secrets["florist"]}, 40125},
		{"a cut key", map[string]string{"secret": h.secrets["bakery"][:50]}, 40125},
		{"no key", map[string]string{"secret": ""}, 41004},
		{"no grant type", map[string]string{"grant_type": ""}, 40002},
	} {
		wantFault(t, one.what, h.trade(t, "bakery", code, one.changed), one.code)
	}
	if good := h.trade(t, "bakery", code, nil); good["openid"] == nil {
		t.Errorf("after the refusals: %v", good)
	}
	wantFault(t, "used", h.trade(t, "bakery", code, nil), 40163)
	late := h.login(t, "bakery")
	clock.Set(h.App, now.Add(backend.CodeTTL+slow))
	wantFault(t, "expired", h.trade(t, "bakery", late, nil), 40029)
	clock.Set(h.App, now)
	program, err := h.FindFirstRecordByData("programs", "appid", "bakery")
	if err != nil {
		t.Fatal(err)
	}
	program.Set("status", "deleted")
	if err := h.Save(program); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "an ended program", h.trade(t, "bakery", late, nil), 40013)
}

// A code that is traded by many at once is good for exactly one of them.
func TestACodeIsGoodOnce(t *testing.T) {
	h := newHouse(t)
	code := h.login(t, "bakery")
	answers := make([]map[string]any, 12)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = h.trade(t, "bakery", code, nil) })
	}
	all.Wait()
	good := 0
	for _, answer := range answers {
		if answer["openid"] != nil {
			good++
		} else {
			wantFault(t, "late", answer, 40163)
		}
	}
	if good != 1 {
		t.Errorf("%d of %d trades had it", good, len(answers))
	}
}

// A code is only for whoever has the program open: not without a launch, with another program's or another person's.
func TestACodeNeedsTheLaunch(t *testing.T) {
	h := newHouse(t)
	stranger := apptest.Person(t, h.App, "Stranger")
	login := func(user *core.Record, appid, token string) apptest.Answer {
		return h.client.Do("POST", "/api/mp/"+appid+"/login", apptest.Token(t, user), nil, map[string]string{programs.LaunchHeader: token})
	}
	bakery := h.launches["bakery"].Token
	for what, answer := range map[string]apptest.Answer{
		"no launch":        login(h.customer, "bakery", ""),
		"another program":  login(h.customer, "florist", bakery),
		"another person":   login(stranger, "bakery", bakery),
		"a changed launch": login(h.customer, "bakery", bakery[:len(bakery)-2]+"AA"),
	} {
		if answer.Status != 401 || answer.Code() != "launch_invalid" {
			t.Errorf("%s: %d %s", what, answer.Status, answer.Body)
		}
	}
	if answer := h.client.Do("POST", "/api/mp/bakery/login", "", nil, map[string]string{programs.LaunchHeader: bakery}); answer.Status != 401 {
		t.Errorf("a guest: %d %s", answer.Status, answer.Body)
	}
	for range backend.CodesPerPerson {
		h.login(t, "bakery")
	}
	if answer := login(h.customer, "bakery", bakery); answer.Status != 429 || answer.Code() != "too_many_logins" {
		t.Errorf("one too many: %d %s", answer.Status, answer.Body)
	}
	h.login(t, "florist") // the other program is not held to account for it
	clock.Set(h.App, now.Add(backend.CodeTTL+slow))
	h.login(t, "bakery")
}

// Wrong keys are slowed by program and address. The right one is taken all the same, and whoever waits may guess on.
func TestGuessingIsSlowed(t *testing.T) {
	h := newHouse(t)
	code := h.login(t, "bakery")
	for range programs.GuessesPerMinute {
		clock.Set(h.App, now) // it goes on between two requests, and forgives
		wantFault(t, "a guess", h.trade(t, "bakery", code, map[string]string{"secret": "sk_guess"}), 40125)
	}
	wantFault(t, "the next", h.trade(t, "bakery", code, map[string]string{"secret": "sk_guess"}), 45011)
	if answer := h.trade(t, "bakery", code, nil); answer["openid"] == nil {
		t.Errorf("the right one meanwhile: %v", answer)
	}
	if other := h.trade(t, "florist", h.login(t, "florist"), nil); other["openid"] == nil {
		t.Errorf("the other program is slowed, too: %v", other)
	}
	clock.Set(h.App, now.Add(slow))
	wantFault(t, "after a while", h.trade(t, "bakery", code, map[string]string{"secret": "sk_guess"}), 40125)
}

// An access token stands for its key: for two hours, for its program, and not after the key was revoked.
func TestAnAccessTokenGoesWithItsKey(t *testing.T) {
	h := newHouse(t)
	ask := map[string]string{"grant_type": "client_credential", "appid": "bakery", "secret": h.secrets["bakery"]}
	answer := h.get(t, "/cgi-bin/token", ask)
	access, _ := answer["access_token"].(string)
	if access == "" || answer["expires_in"] != float64(7200) || len(access) > 512 {
		t.Fatalf("the token is %v", answer)
	}
	if stable := h.client.Must(200, "POST", "/cgi-bin/stable_token", "", ask); stable.Text("access_token") == "" {
		t.Errorf("stable: %s", stable.Body)
	}
	if program, _, err := programs.ByAccessToken(h.App, access, now); err != nil || program.GetString("appid") != "bakery" {
		t.Errorf("it stands for %v (%v)", program, err)
	}
	ask["grant_type"] = "authorization_code"
	wantFault(t, "the wrong grant", h.get(t, "/cgi-bin/token", ask), 40002)
	ask["grant_type"], ask["secret"] = "client_credential", "sk_no"
	wantFault(t, "the wrong key", h.get(t, "/cgi-bin/token", ask), 40125)

	text, mac, _ := strings.Cut(access, ".")
	for what, forged := range map[string]string{
		"nothing": "", "cut": access[:len(access)-4], "without its seal": text, "another's seal": text + "." + strings.Repeat("A", len(mac)),
		"another's text": text + "AA." + mac, "a launch": h.launches["bakery"].Token, "a server key": h.secrets["bakery"],
	} {
		if _, _, err := programs.ByAccessToken(h.App, forged, now); err == nil {
			t.Errorf("%s passes", what)
		}
		wantFault(t, what, h.get(t, "/wxa/checksession", map[string]string{"access_token": forged}), 40001)
	}
	if _, _, err := programs.ByAccessToken(h.App, access, now.Add(programs.AccessTokenTTL+slow)); err == nil {
		t.Error("it is good for ever")
	}
	keys := h.client.Must(200, "GET", "/api/mp/bakery/keys", apptest.Token(t, h.owner), nil)
	var list []programs.Key
	if err := json.Unmarshal(keys.Body, &list); err != nil || len(list) != 1 || list[0].Kind != programs.KeyServer || list[0].Secret != "" {
		t.Fatalf("keys are %s (%v)", keys.Body, err)
	}
	h.client.Must(204, "DELETE", "/api/mp/bakery/keys/"+list[0].ID, apptest.Token(t, h.owner), nil)
	if _, _, err := programs.ByAccessToken(h.App, access, now); err == nil {
		t.Error("it outlives its key")
	}
	wantFault(t, "a revoked key", h.trade(t, "bakery", h.login(t, "bakery"), nil), 40125)
}

// An upload key is no server key, nor the other way round: whichever leaks, the other half is safe.
func TestTheTwoKindsOfKeysAreNotOne(t *testing.T) {
	h := newHouse(t)
	owner := apptest.Token(t, h.owner)
	upload := h.client.Must(200, "POST", "/api/mp/bakery/keys", owner, map[string]any{"name": "ci"}).Text("key")
	if !strings.HasPrefix(upload, "pk_") || !strings.HasPrefix(h.secrets["bakery"], "sk_") {
		t.Errorf("keys are %s and %s", upload[:3], h.secrets["bakery"][:3])
	}
	wantFault(t, "an upload key", h.trade(t, "bakery", h.login(t, "bakery"), map[string]string{"secret": upload}), 40125)
	if answer := h.client.Do("GET", "/api/mp/bakery/versions", "", nil, map[string]string{programs.KeyHeader: h.secrets["bakery"]}); answer.Status != 401 {
		t.Errorf("a server key reads versions: %d %s", answer.Status, answer.Body)
	}
	if answer := h.client.Do("POST", "/api/mp/bakery/keys", owner, map[string]any{"name": "x", "kind": "master"}); answer.Code() != "bad_key_kind" {
		t.Errorf("another kind: %d %s", answer.Status, answer.Body)
	}
	if answer := h.client.Do("POST", "/api/mp/bakery/keys", apptest.Token(t, h.customer), map[string]any{"name": "x", "kind": "server"}); answer.Status != 403 {
		t.Errorf("a stranger: %d %s", answer.Status, answer.Body)
	}
}

// What a page is told about the person, its server can verify and open with the session key, by WeChat's own recipes.
func TestAServerVerifiesWhatThePageSays(t *testing.T) {
	h := newHouse(t)
	key := h.trade(t, "bakery", h.login(t, "bakery"), nil)["session_key"].(string)
	program, err := programs.Live(h.App, "bakery")
	if err != nil {
		t.Fatal(err)
	}
	profile, err := backend.ProfileOf(h.App, h.customer, program, now)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum([]byte(profile.RawData + key)) //nolint:gosec // WeChat's signature
	if profile.Signature != hex.EncodeToString(sum[:]) {
		t.Errorf("the signature is %s", profile.Signature)
	}
	var raw backend.UserInfo
	if err := json.Unmarshal([]byte(profile.RawData), &raw); err != nil || raw != profile.UserInfo || raw.NickName != "Ana" {
		t.Errorf("raw data %s (%v)", profile.RawData, err)
	}
	var opened struct {
		OpenID    string `json:"openId"`
		NickName  string `json:"nickName"`
		Watermark struct {
			AppID     string `json:"appid"`
			Timestamp int64  `json:"timestamp"`
		} `json:"watermark"`
	}
	if err := json.Unmarshal(unseal(t, profile.EncryptedData, key, profile.IV), &opened); err != nil {
		t.Fatal(err)
	}
	if opened.OpenID != h.launches["bakery"].OpenID || opened.NickName != "Ana" || opened.Watermark.AppID != "bakery" || opened.Watermark.Timestamp != now.Unix() {
		t.Errorf("opened: %+v", opened)
	}
	other, err := backend.ProfileOf(h.App, h.customer, program, now)
	if err != nil || other.IV == profile.IV || other.EncryptedData == profile.EncryptedData {
		t.Errorf("two profiles are sealed alike (%v)", err)
	}
}

func unseal(t *testing.T, sealed, key, iv string) []byte {
	t.Helper()
	decode := func(text string) []byte {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	block, err := aes.NewCipher(decode(key))
	if err != nil {
		t.Fatal(err)
	}
	plain := decode(sealed)
	cipher.NewCBCDecrypter(block, decode(iv)).CryptBlocks(plain, plain)
	return plain[:len(plain)-int(plain[len(plain)-1])]
}

// A session lasts; a server may ask whether it still does, and replace its key, with the signature that WeChat prescribes.
func TestASessionIsCheckedAndReset(t *testing.T) {
	h := newHouse(t)
	session := h.trade(t, "bakery", h.login(t, "bakery"), nil)
	key := session["session_key"].(string)
	sign := func(key string) string {
		mac := hmac.New(sha256.New, []byte(key))
		return hex.EncodeToString(mac.Sum(nil))
	}
	access := h.get(t, "/cgi-bin/token", map[string]string{"grant_type": "client_credential", "appid": "bakery", "secret": h.secrets["bakery"]})["access_token"].(string)
	ask := map[string]string{"access_token": access, "openid": session["openid"].(string), "signature": sign(key), "sig_method": "hmac_sha256"}
	change := func(name, value string) map[string]string {
		changed := maps.Clone(ask)
		changed[name] = value
		return changed
	}
	if answer := h.get(t, "/wxa/checksession", ask); answer["errcode"] != float64(0) || answer["errmsg"] != "ok" {
		t.Errorf("checked: %v", answer)
	}
	wantFault(t, "another key", h.get(t, "/wxa/checksession", change("signature", sign("o0q0otL8aEzpcZL/FT9WsQ=="))), 87009)
	wantFault(t, "nobody", h.get(t, "/wxa/checksession", change("openid", "o1")), 40003)
	wantFault(t, "the other program's openid", h.get(t, "/wxa/checksession", change("openid", h.launches["florist"].OpenID)), 40003)
	wantFault(t, "another method", h.get(t, "/wxa/checksession", change("sig_method", "md5")), 87010)
	wantFault(t, "no signature", h.get(t, "/wxa/checksession", change("signature", "")), 87011)
	reset := h.get(t, "/wxa/resetusersessionkey", ask)
	if reset["session_key"] == key || reset["openid"] != session["openid"] || reset["errcode"] != float64(0) {
		t.Errorf("reset: %v", reset)
	}
	wantFault(t, "the old key", h.get(t, "/wxa/checksession", ask), 87009)
	wantFault(t, "reset twice", h.get(t, "/wxa/resetusersessionkey", ask), 87009)
	valid := func(at time.Time) bool {
		valid, err := backend.HasSession(h.App, h.customer.Id, "bakery", at)
		if err != nil {
			t.Fatal(err)
		}
		return valid
	}
	if !valid(now.Add(backend.SessionTTL-slow)) || valid(now.Add(backend.SessionTTL+slow)) {
		t.Error("the session does not end when it should")
	}
	if err := h.Delete(h.customer); err != nil {
		t.Fatal(err)
	}
	if valid(now) {
		t.Error("the session outlives the person")
	}
	if _, err := identity.ByOpenID(h.App, session["openid"].(string), "bakery"); err == nil {
		t.Error("the openid outlives the person")
	}
}
