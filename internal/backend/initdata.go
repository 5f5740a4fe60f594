package backend

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// startLimit is how many characters the parameter has that a program is opened with (Telegram's own).
const startLimit = 512

var startShape = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

var (
	// ErrNotWeb refuses initData to a program that has no Telegram.WebApp.
	ErrNotWeb = refusal.New(http.StatusConflict, "not_web", "Only web programs start with initData.")
	// ErrBadStart refuses a start parameter that Telegram would not know.
	ErrBadStart = refusal.New(http.StatusBadRequest, "bad_start_param", "A start parameter has letters, digits, _ and - only, and no more than 512 of them.")
)

// webAppUser is the person as a program that was written for Telegram knows them.
type webAppUser struct {
	ID           int64  `json:"id"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name"`
	LanguageCode string `json:"language_code"`
}

// guests is the name of somebody who has not said who they are.
var guests = map[string]string{"en": "Guest", "fr": "Invité", "zh": "访客"}

type startBody struct {
	StartParam string `json:"start_param"`
}

type initDataAnswer struct {
	InitData string `json:"init_data"`
}

func bindInitData(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/initdata", Tag: "backend",
		Summary: "Get the initData with which a program that was written for Telegram starts, signed for its own server.",
		Body:    startBody{}, Answer: initDataAnswer{},
		Refusals: []*refusal.Refusal{
			programs.ErrNotFound, programs.ErrTakenDown, programs.ErrLaunchInvalid, programs.ErrLaunchExpired, programs.ErrLaunchStale,
			ErrNotWeb, ErrBadStart,
		},
	}, handleInitData)
}

func handleInitData(e *core.RequestEvent) error {
	var body startBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	now := clock.Now(e.App)
	program, claims, err := programs.Running(e.App, e.Auth, e.Request.PathValue("appid"), e.Request.Header.Get(programs.LaunchHeader), now)
	if err != nil {
		return err
	}
	data, err := InitData(e.App, e.Auth, program, claims, body.StartParam, now)
	if err != nil {
		return err
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, initDataAnswer{InitData: data})
}

// InitData is what a program that was written for Telegram starts with: who the person is to it, in the fields and with
// the two signatures of Telegram's, so that a server verifies it with its server key as with a bot's token, or anybody
// with the public launch key. The person's id is made of the id that this program has for them anyway: it says nothing
// to another program.
func InitData(app core.App, user *core.Record, program programs.Program, claims programs.Claims, start string, now time.Time) (string, error) {
	switch {
	case program.Kind != check.KindWeb:
		return "", ErrNotWeb
	case len(start) > startLimit || !startShape.MatchString(start):
		return "", ErrBadStart.With("limit", startLimit)
	}
	who, err := webAppUserOf(app, user, program, claims)
	if err != nil {
		return "", err
	}
	query := make([]byte, 18)
	_, _ = rand.Read(query)
	fields := map[string]string{
		"query_id": base64.RawURLEncoding.EncodeToString(query), "user": who, "auth_date": strconv.FormatInt(now.Unix(), 10),
	}
	if start != "" {
		fields["start_param"] = start
	}
	signature, err := programs.SignWebApp(app, program, checkString(fields))
	if err != nil {
		return "", err
	}
	fields["signature"] = base64.RawURLEncoding.EncodeToString(signature)
	secret, err := programs.WebAppSecret(app, program)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(checkString(fields)))
	fields["hash"] = hex.EncodeToString(mac.Sum(nil))
	return encoded(fields), nil
}

// checkString is the fields as they are signed: sorted, each on a line.
func checkString(fields map[string]string) string {
	lines := make([]string, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		lines = append(lines, name+"="+fields[name])
	}
	return strings.Join(lines, "\n")
}

// encoded is the fields as a query whose spaces are %20: servers take it apart with decodeURIComponent, too.
func encoded(fields map[string]string) string {
	values := url.Values{}
	for name, value := range fields {
		values.Set(name, value)
	}
	return strings.ReplaceAll(values.Encode(), "+", "%20")
}

// webAppUserOf is the person as JSON. The name is in it only if they allow the program their profile for longer than
// for one question.
func webAppUserOf(app core.App, user *core.Record, program programs.Program, claims programs.Claims) (string, error) {
	language := user.GetString("language")
	if guests[language] == "" {
		language = "en"
	}
	who := webAppUser{ID: webAppID(claims.AppID, claims.OpenID), FirstName: guests[language], LanguageCode: language}
	held, err := programs.Held(app, user.Id, program.AppID, claims.Session)
	if err != nil {
		return "", err
	}
	profile := held[programs.ScopeProfile]
	if program.Declares(programs.ScopeProfile) && profile.State == programs.Granted && profile.Duration != programs.Once && user.GetString("name") != "" {
		who.FirstName = user.GetString("name")
	}
	whole, err := json.Marshal(who)
	return string(whole), err
}

// webAppID is the person's number in the program: 52 bits of their openid there, so that it is exact in JavaScript.
func webAppID(appid, openID string) int64 {
	sum := sha256.Sum256([]byte("telegram user\n" + appid + "\n" + openID))
	return int64(binary.BigEndian.Uint64(sum[:8])>>12) | 1 //nolint:gosec // 52 bits fit
}
