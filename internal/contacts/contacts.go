// Package contacts is who are friends: two people who both want it, and nobody else.
//
// One makes an invitation, a link that they show or send; whoever accepts it is their friend from then on, and they are
// theirs. The invariants: a friendship is the same for both; nobody becomes a friend without having accepted or invited;
// who is blocked learns nothing of it and does not come back; and no program learns who is whose friend.
package contacts

import (
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

const (
	// InviteTTL is how long an invitation can be accepted.
	InviteTTL = 7 * 24 * time.Hour
	// InviteUses is how many people may accept one, so that a code can be shown to a table of friends and no crowd.
	InviteUses = 10
	// InvitesOpen is how many invitations somebody may have open; a further one ends their oldest.
	InvitesOpen = 5
	// FriendsLimit is how many friends somebody may have.
	FriendsLimit = 500
	// UndoFor is how long who ended a friendship can bring it back.
	UndoFor = 10 * time.Minute
)

var (
	// ErrInvite refuses an invitation that is not there, has ended, is used up, or comes from somebody who has blocked the
	// caller: all of them in the same words.
	ErrInvite = refusal.New(http.StatusNotFound, "invite_invalid", "This invitation does not hold any more. Ask for a new one.")
	// ErrOwnInvite refuses to become one's own friend.
	ErrOwnInvite = refusal.New(http.StatusConflict, "own_invite", "This is your own invitation; send it to a friend.")
	// ErrFull refuses a friend beyond FriendsLimit, on either side.
	ErrFull = refusal.New(http.StatusConflict, "too_many_friends", "There are too many friends already.")
	// ErrUnknown refuses a contact that is not the caller's.
	ErrUnknown = refusal.New(http.StatusNotFound, "contact_unknown", "There is no such contact.")
	// ErrTooLate refuses to bring back what was ended too long ago, or by the other.
	ErrTooLate = refusal.New(http.StatusConflict, "too_late", "This cannot be brought back any more.")
)

// Friends is the ids of the people who are friends of somebody.
func Friends(app core.App, userID string) ([]string, error) {
	friends := []string{}
	err := app.DB().NewQuery(`SELECT other FROM contacts_pairs WHERE one = {:user} AND ended = 0
		UNION ALL SELECT one FROM contacts_pairs WHERE other = {:user} AND ended = 0`).Bind(dbx.Params{"user": userID}).Column(&friends)
	if err != nil {
		return nil, fmt.Errorf("friends: %w", err)
	}
	return friends, nil
}
