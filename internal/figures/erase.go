package figures

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
)

// erase forgets the marks of a person whose account goes, in the transaction in which it does: what was counted stays
// and says nothing of them. In a sketch there is nobody to forget.
func erase(e *core.RecordEvent) error {
	if err := eraseMarks(e.App, e.Record.Id); err != nil {
		return fmt.Errorf("forget a person in the figures: %w", err)
	}
	return e.Next()
}

func eraseMarks(tx core.App, person string) error {
	var scopes []string
	err := tx.DB().NewQuery("SELECT id FROM programs UNION ALL SELECT 'org:' || id FROM orgs UNION ALL SELECT {:platform}").
		Bind(dbx.Params{"platform": platform}).Column(&scopes)
	if err != nil {
		return err
	}
	for _, scope := range scopes {
		mark, err := identity.Visitor(tx, person, scope)
		if err != nil {
			return err
		}
		for _, statement := range []string{
			"DELETE FROM figures_people WHERE program = {:scope} AND person = {:mark}",
			"DELETE FROM figures_trails WHERE mark = {:mark}",
		} {
			if _, err := tx.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"scope": scope, "mark": mark}).Execute(); err != nil {
				return err
			}
		}
	}
	hash, err := markAll(tx, person, nil)
	if err != nil {
		return err
	}
	_, err = tx.NonconcurrentDB().NewQuery("UPDATE figures_sessions SET here = 0 WHERE here = {:here}").
		Bind(dbx.Params{"here": uint32(hash)}).Execute()
	return err
}
