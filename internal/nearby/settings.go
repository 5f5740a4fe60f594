package nearby

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// Where the tiles of the map come from.
const (
	TilesNone     = "none"
	TilesFile     = "file"     // the operator's .pmtiles
	TilesTemplate = "template" // another server's, fetched and kept by this one
)

const (
	templateLimit    = 500
	attributionLimit = 300
	// deepestZoom is the closest that a map may be looked at.
	deepestZoom = 22
	// TilesURL is where this server has its tiles.
	TilesURL = "/api/nearby/tiles/{z}/{x}/{y}"
)

// SettingsOf is what the operator has said, with what was found of the map's file.
func SettingsOf(app core.App) (Settings, error) {
	s := Settings{Tiles: TilesNone, MaxZoom: 18}
	var raw string
	err := app.DB().NewQuery("SELECT value FROM nearby_settings WHERE id = 1").Row(&raw)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, fmt.Errorf("settings of nearby: %w", err)
	}
	if raw != "" {
		if err := json.Unmarshal([]byte(raw), &s); err != nil {
			return s, fmt.Errorf("settings of nearby: %w", err)
		}
	}
	s.File, s.FileProblem = archiveOf(app).found()
	return s, nil
}

// SettingsEdit is what shall change of the settings.
type SettingsEdit struct {
	Tiles       *string `json:"tiles"`
	Template    *string `json:"template"`
	Attribution *string `json:"attribution"`
	MinZoom     *int    `json:"min_zoom"`
	MaxZoom     *int    `json:"max_zoom"`
	Center      *Center `json:"center"`
}

// ChangeSettings is the operator's.
func ChangeSettings(app core.App, edit SettingsEdit, actor string, now time.Time) (Settings, error) {
	err := ledger.Write(app, func(tx core.App) error {
		s, err := SettingsOf(tx)
		if err != nil {
			return err
		}
		set(&s.Tiles, edit.Tiles)
		set(&s.Template, edit.Template)
		set(&s.Attribution, edit.Attribution)
		set(&s.MinZoom, edit.MinZoom)
		set(&s.MaxZoom, edit.MaxZoom)
		set(&s.Center, edit.Center)
		if err := s.check(); err != nil {
			return err
		}
		s.File, s.FileProblem = "", ""
		raw, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if _, err := tx.NonconcurrentDB().NewQuery("INSERT INTO nearby_settings VALUES (1, {:value}) ON CONFLICT DO UPDATE SET value = excluded.value").
			Bind(dbx.Params{"value": string(raw)}).Execute(); err != nil {
			return fmt.Errorf("keep settings of nearby: %w", err)
		}
		return ledger.Audit(tx, actor, "nearby.settings", "nearby", edit, now)
	})
	if err != nil {
		return Settings{}, err
	}
	return SettingsOf(app)
}

func set[T any](into *T, value *T) {
	if value != nil {
		*into = *value
	}
}

func (s Settings) check() error {
	wrong := func(field, sentence string) error { return ErrBadSettings.With("field", field).Saying("%s", sentence) }
	switch {
	case s.Tiles != TilesNone && s.Tiles != TilesFile && s.Tiles != TilesTemplate:
		return wrong("tiles", "Tiles come from none, file or template.")
	case s.Tiles == TilesTemplate && !validTemplate(s.Template):
		return wrong("template", "A template is an https address with {z}, {x} and {y}, and without {s}.")
	case len(s.Attribution) > attributionLimit:
		return wrong("attribution", "The attribution is too long.")
	case s.Tiles == TilesTemplate && strings.TrimSpace(s.Attribution) == "":
		return wrong("attribution", "Say whose map it is: nearly every licence asks for it.")
	case s.MinZoom < 0 || s.MaxZoom > deepestZoom || s.MinZoom > s.MaxZoom:
		return wrong("max_zoom", "Zooms are from 0 to 22, the least first.")
	case !onEarth(s.Center.Lat, s.Center.Lon) || math.IsNaN(s.Center.Lat) || len(s.Center.Label) > 120:
		return wrong("center", "The centre is not on the earth.")
	}
	return nil
}

func validTemplate(template string) bool {
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if strings.Count(template, part) != 1 {
			return false
		}
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(template, "https://"), "/")
	address, err := url.Parse(tileAddress(template, 1, 2, 3))
	return err == nil && len(template) <= templateLimit && address.Scheme == "https" && address.Host != "" && !strings.ContainsAny(host, "{}")
}

// MapOf is what a screen needs to show the map.
func MapOf(app core.App) (Map, error) {
	s, err := SettingsOf(app)
	if err != nil {
		return Map{}, err
	}
	out := Map{Kind: "none", Attribution: s.Attribution, MinZoom: s.MinZoom, MaxZoom: s.MaxZoom, Center: s.Center}
	switch s.Tiles {
	case TilesTemplate:
		out.Kind, out.URL = "tiles", TilesURL
	case TilesFile:
		a, err := archiveOf(app).open()
		if err != nil {
			return out, nil //nolint:nilerr // the settings tell the operator why; people have a list without a map
		}
		out.Kind, out.URL, out.MinZoom, out.MaxZoom = "tiles", TilesURL, a.minZoom, a.maxZoom
		if out.Attribution == "" {
			out.Attribution = a.attribution
		}
	}
	return out, nil
}
