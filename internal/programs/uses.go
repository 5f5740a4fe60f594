package programs

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
)

const (
	// FavoritesLimit is how many programs a person may keep.
	FavoritesLimit = 200
	recentsShown   = 50
)

// Used is the person's use of the program: nil when they have never opened it.
func Used(app core.App, userID, programID string) (*core.Record, error) {
	use, err := useRecord(app, userID, programID)
	if err != nil || use == nil || use.GetInt("opens") == 0 {
		return nil, err
	}
	return use, nil
}

// useRecord is the row that ties the person to the program, nil when there is none.
func useRecord(app core.App, userID, programID string) (*core.Record, error) {
	use, err := app.FindFirstRecordByFilter("programs_uses", "program = {:program} && user = {:user}",
		dbx.Params{"program": programID, "user": userID})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // "never" is an answer here
	}
	return use, err
}

// useOf is the row that ties the person to the program, new if need be.
func useOf(tx core.App, userID, programID string) (*core.Record, error) {
	use, err := useRecord(tx, userID, programID)
	if err != nil || use != nil {
		return use, err
	}
	collection, err := tx.FindCollectionByNameOrId("programs_uses")
	if err != nil {
		return nil, err
	}
	use = core.NewRecord(collection)
	use.Load(map[string]any{"program": programID, "user": userID})
	return use, nil
}

// recordUse counts one opening. Somebody who comes for the first time needs a place among the people that the
// program's tier may have; whoever came before may always come again.
func recordUse(app core.App, userID string, program Program, policy check.Policy, now time.Time) error {
	limit := program.Rights(policy).People
	return ledger.Write(app, func(tx core.App) error {
		use, err := useOf(tx, userID, program.ID)
		if err != nil {
			return err
		}
		if use.GetInt("opens") == 0 {
			if err := countPerson(tx, program, limit); err != nil {
				return err
			}
			use.Set("first_at", now)
		}
		use.Load(map[string]any{"last_at": now, "opens": use.GetInt("opens") + 1, "cleared": false, "badge": 0})
		if err := tx.Save(use); err != nil {
			return fmt.Errorf("save use: %w", err)
		}
		return nil
	})
}

// countPerson adds a person to the program unless it has all that it may have; 0 is no limit. It is not announced:
// a program that many people open would keep everybody else's pages busy.
func countPerson(tx core.App, program Program, limit int) error {
	done, err := tx.NonconcurrentDB().NewQuery("UPDATE programs SET people = people + 1 WHERE id = {:id} AND ({:limit} = 0 OR people < {:limit})").
		Bind(dbx.Params{"id": program.ID, "limit": limit}).Execute()
	if err != nil {
		return fmt.Errorf("count person: %w", err)
	}
	if counted, err := done.RowsAffected(); err != nil || counted == 0 {
		return refuseUnless(err, ErrFull.With("appid", program.AppID).With("limit", limit))
	}
	return nil
}

// Kept is a program among those that a person has opened or keeps.
type Kept struct {
	Card
	LastAt   types.DateTime `json:"last_at" db:"last_at"`
	Favorite bool           `json:"favorite" db:"favorite"`
	Position int            `json:"position" db:"position"`
	Badge    int            `json:"badge" db:"badge"`
}

// Launcher is what a person's drawer shows.
type Launcher struct {
	Recents   []Kept         `json:"recents"`
	Favorites []Kept         `json:"favorites"`
	Badges    map[string]int `json:"badges"` // by appid, those above 0
}

// Mine is the person's recents, latest first, their favourites in their own order, and the counts on both.
func Mine(app core.App, userID, language string) (Launcher, error) {
	mine := Launcher{Recents: []Kept{}, Favorites: []Kept{}, Badges: map[string]int{}}
	const from = `, u.last_at, u.favorite, u.position, u.badge ` + cardFrom +
		` JOIN programs_uses u ON u.program = p.id WHERE u.user = {:user} AND p.status != 'deleted' AND `
	user := dbx.Params{"user": userID, "limit": recentsShown}
	if err := app.DB().NewQuery(cardColumns + from + "u.opens > 0 AND NOT u.cleared ORDER BY u.last_at DESC, u.id LIMIT {:limit}").
		Bind(user).All(&mine.Recents); err != nil {
		return mine, fmt.Errorf("recents: %w", err)
	}
	if err := app.DB().NewQuery(cardColumns + from + "u.favorite ORDER BY u.position, u.id").
		Bind(dbx.Params{"user": userID}).All(&mine.Favorites); err != nil {
		return mine, fmt.Errorf("favourites: %w", err)
	}
	for _, list := range [][]Kept{mine.Recents, mine.Favorites} {
		for i := range list {
			list[i].complete(language)
			if list[i].Badge > 0 {
				mine.Badges[list[i].AppID] = list[i].Badge
			}
		}
	}
	return mine, nil
}

// Keep makes exactly these programs the person's favourites, in this order.
func Keep(app core.App, userID string, appids []string) error {
	if len(appids) > FavoritesLimit {
		return ErrTooMany.With("limit", FavoritesLimit)
	}
	return ledger.Write(app, func(tx core.App) error {
		kept := map[string]bool{}
		for _, appid := range appids {
			program, err := programRecord(tx, appid)
			if err != nil {
				return err
			}
			if kept[program.Id] {
				continue
			}
			use, err := useOf(tx, userID, program.Id)
			if err != nil {
				return err
			}
			// What was never open to anybody else is not there for this person either, unless they keep it already.
			if program.GetString("status") != "live" && use.IsNew() {
				return ErrNotFound.With("appid", appid)
			}
			use.Load(map[string]any{"favorite": true, "position": len(kept)})
			if err := tx.Save(use); err != nil {
				return fmt.Errorf("save use: %w", err)
			}
			kept[program.Id] = true
		}
		before, err := tx.FindAllRecords("programs_uses", dbx.HashExp{"user": userID, "favorite": true})
		if err != nil {
			return err
		}
		for _, use := range before {
			if kept[use.GetString("program")] {
				continue
			}
			use.Load(map[string]any{"favorite": false, "position": 0})
			if err := tx.Save(use); err != nil {
				return fmt.Errorf("save use: %w", err)
			}
		}
		return nil
	})
}

// Forget takes a program out of the person's recents, or all of them when appid is "". That they used it stays
// known: they may still rate it, and count as one of its people.
func Forget(app core.App, userID, appid string) error {
	return ledger.Write(app, func(tx core.App) error {
		one, params := "", dbx.Params{"user": userID}
		if appid != "" {
			program, err := programRecord(tx, appid)
			if err != nil {
				return err
			}
			one, params["program"] = " AND program = {:program}", program.Id
		}
		_, err := tx.NonconcurrentDB().NewQuery("UPDATE programs_uses SET cleared = TRUE WHERE user = {:user}" + one).Bind(params).Execute()
		return err
	})
}
