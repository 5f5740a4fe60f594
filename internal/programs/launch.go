package programs

import (
	"encoding/json"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/identity"
)

// Launched is all that the host needs to open a program for one person.
type Launched struct {
	Frame       string                `json:"frame"` // the address of the sandboxed document
	Token       string                `json:"token"` // goes with every call, in X-Launch-Token
	Expires     time.Time             `json:"expires"`
	AppID       string                `json:"appid"`
	Version     int                   `json:"version"`
	VersionName string                `json:"version_name"`
	Name        string                `json:"name"`
	Names       types.JSONMap[string] `json:"names"`
	Icon        string                `json:"icon"`
	Color       string                `json:"color"`
	Description string                `json:"description"`
	Org         string                `json:"org"` // the name of the organisation that answers for the program
	Certified   bool                  `json:"certified"`
	Config      json.RawMessage       `json:"config"`
	Scopes      []string              `json:"scopes"`
	Consents    map[string]string     `json:"consents"`
	OpenID      string                `json:"openid"`
}

// Launch opens the program for the person: it verifies the version's bytes and signs a token that is good for
// this person, this program and this version.
func Launch(app core.App, user *core.Record, appid string, scene int, now time.Time) (Launched, error) {
	program, err := Live(app, appid)
	if err != nil {
		return Launched{}, err
	}
	bundle, err := program.Open(app)
	if err != nil {
		return Launched{}, err
	}
	openID, err := identity.OpenID(app, user.Id, appid)
	if err != nil {
		return Launched{}, err
	}
	consents, err := Consents(app, user.Id, appid)
	if err != nil {
		return Launched{}, err
	}
	signer, err := registryOf(app).signer()
	if err != nil {
		return Launched{}, err
	}
	expires := now.Add(launchTTL).Truncate(time.Second)
	token, err := signer.sign(Claims{
		Issuer: "plaza", AppID: appid, OpenID: openID, Session: randomID(), Nonce: randomID(),
		Package: program.Package, Scene: scene, IssuedAt: now.Unix(), Expires: expires.Unix(),
	})
	if err != nil {
		return Launched{}, err
	}
	return Launched{
		Frame: Address(appid, program.Package), Token: token, Expires: expires,
		AppID: appid, Version: program.Number, VersionName: program.Label,
		Name: program.Name, Names: program.Names, Icon: program.Icon, Color: program.Color,
		Description: program.Description, Org: program.OrgName, Certified: program.Certified,
		Config: bundle.Config, Scopes: append([]string{}, program.Scopes...), Consents: consents, OpenID: openID,
	}, nil
}

// Running is the program that the token opened for this person, if it may still run: the token must be this
// person's and this program's and not have ended, the program must be live and the version still the released
// one. Everything that a program asks for passes here first.
func Running(app core.App, user *core.Record, appid, token string, now time.Time) (Program, Claims, error) {
	program, err := Live(app, appid)
	if err != nil {
		return program, Claims{}, err
	}
	signer, err := registryOf(app).signer()
	if err != nil {
		return program, Claims{}, err
	}
	claims, err := signer.verify(token, now)
	if err != nil {
		return program, claims, err
	}
	openID, err := identity.OpenID(app, user.Id, appid)
	if err != nil {
		return program, claims, err
	}
	if claims.AppID != appid || claims.OpenID != openID {
		return program, claims, ErrLaunchInvalid
	}
	if claims.Package != program.Package {
		return program, claims, ErrLaunchStale
	}
	return program, claims, nil
}

// Address is where a version's frame document lies; its files lie below.
func Address(appid, pkg string) string { return "/mp/" + appid + "/" + pkg + "/" }

// jsonText makes a JSON column part of an answer as it is.
func jsonText(text string) json.RawMessage {
	if !json.Valid([]byte(text)) {
		return json.RawMessage("null")
	}
	return json.RawMessage(text)
}
