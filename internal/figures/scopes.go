package figures

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
)

// platform stands where a program's id does, in the rows of the whole place; an organisation's rows have orgScope.
const platform = "platform"

// sketchAudience is for whom a person's hash in sketches is made: the same in all, so that they merge.
const sketchAudience = "sketch"

func orgScope(org string) string { return "org:" + org }

// scope is one of those for whom an event counts: the program, its organisation, the place. Each has its own day,
// and knows a person by a hash that no other has.
type scope struct {
	id   string
	zone *time.Location
	mark string // of the person who is counted
}

func (s scope) day(at time.Time) string { return at.In(s.zone).Format(dayForm) }

// scopesOf are those for whom an event of a program counts, the program first.
func scopesOf(app core.App, program, org string) ([]scope, error) {
	own, err := zone(app, org)
	if err != nil {
		return nil, err
	}
	house, err := houseZone(app)
	if err != nil {
		return nil, err
	}
	scopes := []scope{{id: program, zone: own}}
	if org != "" {
		scopes = append(scopes, scope{id: orgScope(org), zone: own})
	}
	return append(scopes, scope{id: platform, zone: house}), nil
}

// markAll puts the person's marks into the scopes, and gives the hash for sketches.
func markAll(app core.App, person string, scopes []scope) (hash uint64, err error) {
	for i := range scopes {
		if scopes[i].mark, err = identity.Visitor(app, person, scopes[i].id); err != nil {
			return 0, err
		}
	}
	mark, err := identity.Visitor(app, person, sketchAudience)
	if err != nil {
		return 0, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(mark[1:])
	if err != nil {
		return 0, fmt.Errorf("hash of a person: %w", err)
	}
	return binary.BigEndian.Uint64(raw), nil
}

const (
	houseZoneKey = "plaza.figures.house"
	zoneKept     = time.Minute
)

type keptZone struct {
	location *time.Location
	until    time.Time // by the machine's clock: it bounds how stale it gets, nothing more
}

// houseZone is the zone in which the whole place has its days: that of the house's own organisation.
func houseZone(app core.App) (*time.Location, error) {
	return rememberedZone(app, houseZoneKey, "SELECT COALESCE((SELECT timezone FROM orgs WHERE kind = 'host' ORDER BY created, id LIMIT 1), '')", "")
}

func rememberedZone(app core.App, key, statement, org string) (*time.Location, error) {
	if kept, _ := app.Store().Get(key).(keptZone); time.Now().Before(kept.until) {
		return kept.location, nil
	}
	var name string
	if err := app.DB().NewQuery(statement).Bind(dbx.Params{"org": org}).Row(&name); err != nil {
		return nil, fmt.Errorf("time zone: %w", err)
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		location = time.UTC // whoever has a zone that nobody knows has days, too
	}
	app.Store().Set(key, keptZone{location, time.Now().Add(zoneKept)})
	return location, nil
}
