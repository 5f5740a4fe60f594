package programs

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// BadgeLimit is the highest count that a program may show on its icon.
const BadgeLimit = 9_999

// ErrBadBadge refuses a count that an icon cannot show.
var ErrBadBadge = refusal.New(http.StatusBadRequest, "bad_badge", "The count must be a whole number from 0 to 9999.")

// SetBadge sets the count that the program shows on its icon, for this one person who has opened it.
func SetBadge(app core.App, userID, programID string, count int) error {
	if count < 0 || count > BadgeLimit {
		return ErrBadBadge.With("limit", BadgeLimit)
	}
	return ledger.Write(app, func(tx core.App) error {
		use, err := useRecord(tx, userID, programID)
		if err != nil || use == nil || use.GetInt("badge") == count {
			return err
		}
		use.Set("badge", count)
		return tx.Save(use) // the saved record tells the launcher
	})
}
