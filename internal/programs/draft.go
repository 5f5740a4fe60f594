package programs

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
)

// MaxDrafts is how many programs an owner may have that were never released.
const MaxDrafts = 100

// descriptionLimit is how many characters a program may say about itself.
const descriptionLimit = 500

// reservedWords are appids that would stand in the way of addresses below /api/mp, /mp and /store, or pass for the house.
var reservedWords = [...]string{
	"about", "admin", "api", "app", "check", "console", "frame", "front", "help", "host", "keys", "links", "login", "me",
	"mine", "new", "plaza", "policy", "ratings", "review", "reviews", "search", "settings", "static", "store", "support", "system", "wallet", "www",
}

func reserved(appid string) bool { return slices.Contains(reservedWords[:], appid) }

// Draft is what a new program says of itself before it has a package. The first release's manifest has the last
// word on all of it.
type Draft struct {
	AppID       string            `json:"appid"`
	Name        string            `json:"name"`
	Names       map[string]string `json:"names"`
	Category    string            `json:"category"`
	Description string            `json:"description"`
	Kind        string            `json:"kind"` // app, game or web
	Org         string            `json:"org"`  // "" makes it the person's own
}

// Create takes an appid for a program that has no version yet. Doing it twice is doing it once.
func Create(app core.App, owner Owner, draft Draft, actor string, now time.Time) (*core.Record, error) {
	if err := draft.judge(app); err != nil {
		return nil, err
	}
	var id string
	err := ledger.Write(app, func(tx core.App) error {
		if err := admissible(tx, owner, draft.AppID); err != nil {
			return err
		}
		program, err := programRecord(tx, draft.AppID)
		if err == nil {
			id = program.Id
			return nil
		}
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		program, err = newProgram(tx, owner, draft.AppID, draft.Kind, actor)
		if err != nil {
			return err
		}
		program.Load(map[string]any{
			"name": draft.Name, "names": check.Spoken(draft.Names), "category": draft.Category, "description": draft.Description,
			"scopes": []string{},
		})
		if err := tx.Save(program); err != nil {
			return fmt.Errorf("save program: %w", err)
		}
		id = program.Id
		return ledger.Audit(tx, actor, "programs.create", draft.AppID, map[string]any{"org": owner.Org, "kind": draft.Kind}, now)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("programs", id)
}

func (d *Draft) judge(app core.App) error {
	if !check.IsAppID(d.AppID) {
		return ErrBadAppID
	}
	if d.Kind == "" {
		d.Kind = check.KindApp
	}
	policy, err := CurrentPolicy(app)
	if err != nil {
		return err
	}
	_, known := policy.Category(d.Category)
	switch {
	case !check.IsName(d.Name):
		return ErrBadProgram.With("field", "name")
	case d.Category != "" && !known:
		return ErrBadProgram.With("field", "category")
	case len([]rune(d.Description)) > descriptionLimit:
		return ErrBadProgram.With("field", "description")
	case !slices.Contains([]string{check.KindApp, check.KindGame, check.KindWeb}, d.Kind):
		return ErrBadProgram.With("field", "kind")
	}
	for _, name := range d.Names {
		if !check.IsName(name) {
			return ErrBadProgram.With("field", "names")
		}
	}
	return nil
}

// Availability is whether a new program may take an appid, and why not: the code of the refusal it would get.
type Availability struct {
	Available bool   `json:"available"`
	Reason    string `json:"reason,omitempty"`
}

// Available tells whether the appid is free.
func Available(app core.App, appid string) (Availability, error) {
	switch _, err := programRecord(app, appid); {
	case !check.IsAppID(appid):
		return Availability{Reason: ErrBadAppID.Code}, nil
	case err == nil:
		return Availability{Reason: ErrAppIDTaken.Code}, nil
	case !errors.Is(err, ErrNotFound):
		return Availability{}, err
	case reserved(appid):
		return Availability{Reason: ErrReserved.Code}, nil
	}
	return Availability{Available: true}, nil
}
