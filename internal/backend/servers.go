package backend

import (
	"database/sql"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/route"
)

// fault is a refusal in WeChat's shape: a number and words, in an answer with status 200.
type fault struct {
	Code    int    `json:"errcode"`
	Message string `json:"errmsg"`
}

func (f fault) Error() string { return f.Message }

// The faults of WeChat's that these addresses know.
var (
	faultBusy        = fault{-1, "system error"}
	faultCredential  = fault{40001, "invalid credential, access_token is invalid or not latest"}
	faultGrant       = fault{40002, "invalid grant_type"}
	faultOpenID      = fault{40003, "invalid openid"}
	faultAppID       = fault{40013, "invalid appid"}
	faultCode        = fault{40029, "invalid code"}
	faultSecret      = fault{40125, "invalid appsecret"}
	faultCodeUsed    = fault{40163, "code been used"}
	faultNoAppID     = fault{41002, "appid missing"}
	faultNoSecret    = fault{41004, "appsecret missing"}
	faultNoCode      = fault{41008, "missing code"}
	faultRate        = fault{45011, "api minute-quota reach limit, mustslower, retry next minute"}
	faultBody        = fault{47001, "data format error"}
	faultSignature   = fault{87009, "invalid signature"}
	faultSigMethod   = fault{87010, "invalid sig_method"}
	faultNoSignature = fault{87011, "missing signature"}
)

// bindServers binds the addresses of WeChat's that servers call. They answer as WeChat's do: always with status 200,
// and with errcode and errmsg when they refuse, for that is what existing back ends read.
func bindServers(se *core.ServeEvent) {
	const shape = " In WeChat's shape: the status is always 200, a refusal is {errcode, errmsg}."
	for _, address := range []struct {
		path, summary string
		answer        any
		serve         func(app core.App, sent url.Values, address string, now time.Time) (any, error)
	}{
		{"/sns/jscode2session", "Trade a login code for the person's openid and session key.", session{}, codeToSession},
		{"/cgi-bin/token", "Get an access token for a server key.", token{}, accessToken},
		{"/cgi-bin/stable_token", "Get an access token for a server key, as /cgi-bin/token.", token{}, accessToken},
		{"/wxa/checksession", "Ask whether a person's session key is still good.", fault{}, checkSession},
		{"/wxa/resetusersessionkey", "Replace a person's session key.", session{}, resetSession},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			route.Handle(se, route.Operation{
				Method: method, Path: address.path, Tag: "backend", Public: true, Summary: address.summary + shape, Answer: address.answer,
			}, func(e *core.RequestEvent) error {
				sent, err := parameters(e)
				var answer any
				if err == nil {
					answer, err = address.serve(e.App, sent, e.RealIP(), clock.Now(e.App))
				}
				if err != nil {
					answer = inShape(e.App, err)
				}
				e.Response.Header().Set("Cache-Control", "no-store")
				return e.JSON(http.StatusOK, answer)
			})
		}
	}
}

// parameters is what was sent, in the address or as a JSON body or a form: WeChat's clients do all three.
func parameters(e *core.RequestEvent) (url.Values, error) {
	sent := e.Request.URL.Query()
	if e.Request.Method != http.MethodPost {
		return sent, nil
	}
	body, err := route.Body(e, bodyLimit)
	if err != nil {
		return nil, faultBody
	}
	if kind, _, _ := mime.ParseMediaType(e.Request.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, faultBody
		}
		for name := range form {
			sent.Set(name, form.Get(name))
		}
		return sent, nil
	}
	if len(body) == 0 {
		return sent, nil
	}
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, faultBody
	}
	for name, value := range members {
		if text, ok := value.(string); ok {
			sent.Set(name, text)
		}
	}
	return sent, nil
}

// bodyLimit is how many bytes a server may send here: five short texts.
const bodyLimit = 16 << 10

// inShape is the error as these addresses tell it.
func inShape(app core.App, err error) fault {
	var known fault
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errCode):
		return faultCode
	case errors.Is(err, errCodeUsed):
		return faultCodeUsed
	case errors.Is(err, programs.ErrNotFound):
		return faultAppID
	case errors.Is(err, programs.ErrServerKey):
		return faultSecret
	case errors.Is(err, programs.ErrGuesses):
		return faultRate
	}
	app.Logger().Error("A program's server got no answer", "error", err)
	return faultBusy
}

// byKey is the program whose appid and secret were sent.
func byKey(app core.App, sent url.Values, address string, now time.Time) (program, key *core.Record, err error) {
	appid, secret := sent.Get("appid"), sent.Get("secret")
	switch {
	case appid == "":
		return nil, nil, faultNoAppID
	case secret == "":
		return nil, nil, faultNoSecret
	}
	return programs.ByServerKey(app, appid, secret, address, now)
}

// session is the answer to a login.
type session struct {
	OpenID  string `json:"openid"`
	Key     string `json:"session_key"`
	UnionID string `json:"unionid,omitempty"`
	Errcode *int   `json:"errcode,omitempty"`
	Errmsg  string `json:"errmsg,omitempty"`
}

func codeToSession(app core.App, sent url.Values, address string, now time.Time) (any, error) {
	program, _, err := byKey(app, sent, address, now)
	switch {
	case err != nil:
		return nil, err
	case sent.Get("grant_type") != "authorization_code":
		return nil, faultGrant
	case sent.Get("js_code") == "":
		return nil, faultNoCode
	}
	var who person
	var key string
	err = ledger.Write(app, func(tx core.App) error {
		user, err := redeem(tx, program.GetString("appid"), sent.Get("js_code"), now)
		if err != nil {
			return err
		}
		if who, err = personOf(tx, user, program); err != nil {
			return err
		}
		key, err = sessionKey(tx, user, program.GetString("appid"), now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return session{OpenID: who.openID, Key: key, UnionID: who.unionID}, nil
}

// token is the answer to /cgi-bin/token.
type token struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"` // seconds
}

func accessToken(app core.App, sent url.Values, address string, now time.Time) (any, error) {
	if sent.Get("grant_type") != "client_credential" {
		return nil, faultGrant
	}
	_, key, err := byKey(app, sent, address, now)
	if err != nil {
		return nil, err
	}
	made, err := programs.AccessToken(app, key, now)
	return token{AccessToken: made, ExpiresIn: int(programs.AccessTokenTTL.Seconds())}, err
}

// known is the person about whom a server asks, and the session key with whose signature it shows that it has it.
func known(app core.App, sent url.Values, now time.Time) (who person, key string, program *core.Record, err error) {
	program, _, err = programs.ByAccessToken(app, sent.Get("access_token"), now)
	if errors.Is(err, programs.ErrServerKey) {
		err = faultCredential
	}
	if err != nil {
		return who, "", nil, err
	}
	user, err := identity.ByOpenID(app, sent.Get("openid"), program.GetString("appid"))
	if errors.Is(err, identity.ErrOpenIDUnknown) {
		err = faultOpenID
	}
	if err != nil {
		return who, "", nil, err
	}
	switch {
	case sent.Get("sig_method") != "hmac_sha256":
		return who, "", nil, faultSigMethod
	case sent.Get("signature") == "":
		return who, "", nil, faultNoSignature
	}
	held, err := HasSession(app, user, program.GetString("appid"), now)
	if err != nil {
		return who, "", nil, err
	}
	if held {
		key, err = standingKey(app, user, program.GetString("appid"), now)
	}
	if err == nil && (!held || !signed(key, sent.Get("signature"))) {
		err = faultSignature
	}
	if err != nil {
		return who, "", nil, err
	}
	who, err = personOf(app, user, program)
	return who, key, program, err
}

func checkSession(app core.App, sent url.Values, _ string, now time.Time) (any, error) {
	_, _, _, err := known(app, sent, now)
	return fault{Message: "ok"}, err
}

// resetSession gives the person a new session key, unless somebody else has meanwhile.
func resetSession(app core.App, sent url.Values, _ string, now time.Time) (any, error) {
	who, old, program, err := known(app, sent, now)
	if err != nil {
		return nil, err
	}
	var key string
	err = ledger.Write(app, func(tx core.App) error {
		standing, err := standingKey(tx, who.user, program.GetString("appid"), now)
		if errors.Is(err, sql.ErrNoRows) || err == nil && standing != old {
			return faultSignature
		}
		if err != nil {
			return err
		}
		key, err = newSessionKey(tx, who.user, program.GetString("appid"), now)
		return err
	})
	if err != nil {
		return nil, err
	}
	ok := 0
	return session{OpenID: who.openID, Key: key, Errcode: &ok, Errmsg: "ok"}, nil
}
