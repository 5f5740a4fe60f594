package figures

import (
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// TrailDaysMost is how many days what funnels are built from may be kept at most.
const TrailDaysMost = 90

// ErrBadSettings refuses days beyond TrailDaysMost.
var ErrBadSettings = refusal.New(http.StatusBadRequest, "bad_figures_settings", "Events can be kept for 0 to 90 days.").With("max", TrailDaysMost)

// Settings are what the operator decides of the figures.
type Settings struct {
	Headline  bool `json:"headline" db:"headline"`     // the place's four figures are public
	TrailDays int  `json:"trail_days" db:"trail_days"` // how long what funnels are built from is kept; 0 keeps none
}

const (
	settingsKey  = "plaza.figures.settings"
	settingsKept = 30 * time.Second
)

type keptSettings struct {
	Settings
	until time.Time // by the machine's clock
}

// settingsOf reads the settings; every batch asks for them, so they are remembered for a moment.
func settingsOf(app core.App) (Settings, error) {
	if kept, _ := app.Store().Get(settingsKey).(keptSettings); time.Now().Before(kept.until) {
		return kept.Settings, nil
	}
	var settings Settings
	err := app.DB().NewQuery("SELECT headline, trail_days FROM figures_settings").One(&settings)
	if err != nil {
		return settings, fmt.Errorf("settings of figures: %w", err)
	}
	app.Store().Set(settingsKey, keptSettings{settings, time.Now().Add(settingsKept)})
	return settings, nil
}

// set changes the settings.
func (s Settings) set(app core.App, actor string, now time.Time) error {
	if s.TrailDays < 0 || s.TrailDays > TrailDaysMost {
		return ErrBadSettings
	}
	err := ledger.Write(app, func(tx core.App) error {
		_, err := tx.NonconcurrentDB().NewQuery("UPDATE figures_settings SET headline = {:headline}, trail_days = {:days}").
			Bind(dbx.Params{"headline": s.Headline, "days": s.TrailDays}).Execute()
		if err != nil {
			return fmt.Errorf("set figures: %w", err)
		}
		return ledger.Audit(tx, actor, "figures.settings", platform, s, now)
	})
	app.Store().Remove(settingsKey)
	app.Store().Remove(headlineKey)
	return err
}
