package programs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/playtime"
)

// Opening is how a person comes to a program.
type Opening struct {
	Scene   int    `json:"scene"` // WeChat's number for the way in
	Path    string `json:"path"`
	Query   string `json:"query"`
	Place   string `json:"place"`   // where the code hangs that they scanned
	Link    string `json:"link"`    // the code of a link, if it was one
	Version int    `json:"version"` // a trial version's number; 0 is what this person gets
	Desk    bool   `json:"desk"`    // the program's pages for those who work for its organisation

	role identity.Role // in which the person stands at the desk
}

// Publisher is who answers for a program.
type Publisher struct {
	Name            string `json:"name"`
	ID              string `json:"id"`   // of the organisation or the person
	Kind            string `json:"kind"` // "person" or "org"
	Certified       bool   `json:"certified"`
	AgencyCertified bool   `json:"agency_certified"` // a certified agency builds it
}

// Agency is who builds a program for somebody else.
type Agency struct {
	Name      string `json:"name"`
	Certified bool   `json:"certified"`
}

// Launched is all that the host needs to open a program for one person.
type Launched struct {
	Frame       string                `json:"frame"`   // the address of the sandboxed document
	Runtime     string                `json:"runtime"` // the address of the script that its document runs first
	Token       string                `json:"token"`   // goes with every call, in X-Launch-Token
	Expires     time.Time             `json:"expires"`
	ID          string                `json:"id"` // of the program's row, whose changes an open page follows
	AppID       string                `json:"appid"`
	Version     int                   `json:"version"`
	VersionName string                `json:"version_name"`
	Kind        string                `json:"kind"`
	Name        string                `json:"name"`
	Names       types.JSONMap[string] `json:"names"`
	Icon        string                `json:"icon"`
	Color       string                `json:"color"`
	Description string                `json:"description"`
	Org         string                `json:"org"` // the name of who answers for the program
	Certified   bool                  `json:"certified"`
	Publisher   Publisher             `json:"publisher"`
	Agency      *Agency               `json:"agency"`
	Tier        string                `json:"tier"`
	Trial       bool                  `json:"trial"`
	Rights      check.Tier            `json:"rights"` // what its tier lets it do
	Config      json.RawMessage       `json:"config"`
	Scopes      []string              `json:"scopes"`
	Reasons     types.JSONMap[string] `json:"reasons"` // what it wants them for, in its own words
	Consents    map[string]string     `json:"consents"`
	OpenID      string                `json:"openid"`
	Role        identity.Role         `json:"desk_role"` // in which the person stands at the desk; "" elsewhere
	Remote      string                `json:"remote"`    // where the frame finds pictures of other hosts, by ?url=
	Domains     []string              `json:"domains"`   // the hosts that the program may reach
	Sites       []string              `json:"sites"`     // those of them that a web-view opens without a question
	Opening     Opening               `json:"opening"`   // what was asked for, or what the link says
	Telegram    bool                  `json:"telegram"`  // its document asks for Telegram.WebApp, which starts with initData
	// Playtime is how much of their day's limit the person has left; only games have it, and without a limit it says so.
	Playtime *playtime.Standing `json:"playtime,omitempty"`
}

// Launch opens the program for the person, in the version that they get or in the trial version that they ask
// for: it verifies the version's bytes, counts the person and signs a token that is good for this person, this
// program and this version. Trials and desks count nobody.
func Launch(app core.App, user *core.Record, appid string, opening Opening, now time.Time) (Launched, error) {
	opening, err := opening.follow(app, appid, now)
	if err != nil {
		return Launched{}, err
	}
	program, err := opened(app, user, appid, opening.Version)
	if err != nil {
		return Launched{}, err
	}
	opening, err = opening.toDesk(app, user, program)
	if err != nil {
		return Launched{}, err
	}
	bundle, err := program.Open(app)
	if err != nil {
		return Launched{}, err
	}
	policy, err := CurrentPolicy(app)
	if err != nil {
		return Launched{}, err
	}
	play, err := program.play(app, user.Id, now)
	if err != nil {
		return Launched{}, err
	}
	if !program.Trial && !opening.Desk {
		if err := recordUse(app, user.Id, program, policy, now); err != nil {
			return Launched{}, err
		}
	}
	consents, err := Consents(app, user.Id, appid, "") // a new launch has none of its own yet
	if err != nil {
		return Launched{}, err
	}
	claims, token, err := admit(app, user, program, opening, lasts(play), now)
	if err != nil {
		return Launched{}, err
	}
	remote, err := Remote(app, claims, now)
	if err != nil {
		return Launched{}, err
	}
	domains, err := program.Domains(app)
	if err != nil {
		return Launched{}, err
	}
	if err := countLink(app, opening.Link); err != nil {
		return Launched{}, err
	}
	runtime, err := registryOf(app).runtime()
	if err != nil && !errors.Is(err, errNoRuntime) {
		return Launched{}, err
	}
	return Launched{
		Frame: Address(appid, program.Package), Runtime: address(runtime.first(program.Kind)), Token: token, Expires: time.Unix(claims.Expires, 0).UTC(), ID: program.ID,
		AppID: appid, Version: program.Number, VersionName: program.Label, Kind: orElse(program.Kind, check.KindApp),
		Name: program.Name, Names: program.Names, Icon: program.Icon, Color: program.Color,
		Description: program.Description, Org: program.OrgName, Certified: program.Certified,
		Publisher: program.publisher(), Agency: program.agency(), Tier: program.Tier, Trial: program.Trial, Rights: program.Rights(policy),
		Config: bundle.Config, Scopes: listed(program.Scopes), Reasons: program.Reasons, Consents: consents, OpenID: claims.OpenID, Role: opening.role,
		Remote: remote, Domains: listed(domains.All()), Sites: listed(domains.WebView),
		Opening: opening, Telegram: asksTelegram(program, bundle), Playtime: play,
	}, nil
}

// play counts the opening of a game for an account whose play time is limited, and refuses it when that is used up.
func (p Program) play(app core.App, userID string, now time.Time) (*playtime.Standing, error) {
	if p.Kind != check.KindGame && p.Category != CategoryGames {
		return nil, nil //nolint:nilnil // no game has no play time
	}
	standing, err := playtime.Enter(app, userID, p.AppID, now)
	return &standing, err
}

// lasts is for how long a launch is good: a game's ends soon after the person's play time does.
func lasts(play *playtime.Standing) time.Duration {
	if play == nil || !play.Limited {
		return launchTTL
	}
	return min(launchTTL, time.Duration(play.Left)*time.Second+playtime.Grace)
}

// opened is the program in the version that the person gets, or in the trial version of that number.
func opened(app core.App, user *core.Record, appid string, trial int) (Program, error) {
	if trial == 0 {
		return For(app, user.Id, appid)
	}
	return tried(app, user, appid, "v.number = {:number}", dbx.Params{"appid": appid, "number": trial})
}

// tried is a trial version, whatever state the program is in, for its testers and makers, for its reviewers when it
// was submitted, and for nobody else.
func tried(app core.App, user *core.Record, appid, condition string, params dbx.Params) (Program, error) {
	record, err := programRecord(app, appid)
	if err != nil {
		return Program{}, err
	}
	if err := mayTry(app, user, record, condition, params); err != nil {
		return Program{}, err
	}
	program, err := locate(app, condition, params)
	if err != nil {
		return program, err
	}
	program.Trial = true
	return program, program.stopped(app)
}

// mayTry refuses whoever is neither a tester nor a maker of the program, nor an operator to whom the version was
// submitted that fits the condition: what is judged must be seen.
func mayTry(app core.App, user, program *core.Record, condition string, params dbx.Params) error {
	tester, err := isTester(app, program.Id, user.Id)
	if err != nil || tester {
		return err
	}
	err = RequireMaker(app, user, program)
	if !errors.Is(err, ErrNotMaker) {
		return err
	}
	if identity.IsOperator(user) {
		if submitted, err := wasSubmitted(app, program, condition, params); err != nil || submitted {
			return err
		}
	}
	return ErrNotTester.With("appid", program.GetString("appid"))
}

// wasSubmitted tells whether a version v of the program that fits the condition was ever submitted for review.
func wasSubmitted(app core.App, program *core.Record, condition string, params dbx.Params) (bool, error) {
	bound := dbx.Params{"reviewed_program": program.Id}
	maps.Copy(bound, params)
	var submitted bool
	err := app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM programs_reviews r JOIN programs_versions v ON v.id = r.version
		WHERE r.program = {:reviewed_program} AND ` + condition + ")").Bind(bound).Row(&submitted)
	if err != nil {
		return false, fmt.Errorf("reviews of %s: %w", program.GetString("appid"), err)
	}
	return submitted, nil
}

// admit signs the person's way in, for as long as ttl.
func admit(app core.App, user *core.Record, program Program, opening Opening, ttl time.Duration, now time.Time) (Claims, string, error) {
	openID, err := identity.Meet(app, user.Id, program.AppID)
	if err != nil {
		return Claims{}, "", err
	}
	signer, err := registryOf(app).signer()
	if err != nil {
		return Claims{}, "", err
	}
	claims := Claims{
		Issuer: "plaza", AppID: program.AppID, OpenID: openID, Session: randomID(), Nonce: randomID(),
		Package: program.Package, Scene: opening.Scene, Link: opening.Link, Trial: program.Trial, Desk: string(opening.role),
		IssuedAt: now.Unix(), Expires: now.Add(ttl).Unix(),
	}
	token, err := signer.sign(claims)
	return claims, token, err
}

// RunningOrOpen is Running for what an open data context may ask, too; claims.Open tells which of them asks.
func RunningOrOpen(app core.App, user *core.Record, appid, token string, now time.Time) (Program, Claims, error) {
	signer, err := registryOf(app).signer()
	if err != nil {
		return Program{}, Claims{}, err
	}
	claims, refused := signer.verify(token, now)
	var program Program
	if refused == nil && claims.Trial && claims.AppID == appid {
		program, err = tried(app, user, appid, "v.package = {:package}", dbx.Params{"appid": appid, "package": claims.Package})
	} else {
		program, err = For(app, user.Id, appid)
	}
	if err == nil {
		err = refused // that the program is gone comes first: it is the same for every token
	}
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
	if claims.Desk != "" {
		role, err := deskRole(app, user, program)
		if err != nil {
			return program, claims, err
		}
		claims.Desk = string(role)
	}
	return program, claims, nil
}

func (p Program) publisher() Publisher {
	if p.Org == "" {
		return Publisher{Name: p.OrgName, ID: p.Owner, Kind: "person", AgencyCertified: p.AgencyCertified}
	}
	return Publisher{Name: p.OrgName, ID: p.Org, Kind: "org", Certified: p.Certified, AgencyCertified: p.AgencyCertified}
}

func (p Program) agency() *Agency {
	if p.Agency == "" {
		return nil
	}
	return &Agency{Name: p.AgencyName, Certified: p.AgencyCertified}
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
