package demo

import (
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/contacts"
)

// friends are who the person whose login is printed knows.
var friends = []string{"neighbour1", "neighbour2", "neighbour3"}

// playTogether is what the games of the host need of the place: points to win, and friends to play against.
func (q *quarter) playTogether(tx core.App) error {
	if err := q.rewardPlay(tx); err != nil {
		return err
	}
	return q.befriend(tx)
}

// rewardPlay lets the host give points, which is what its quiz is played for.
func (q *quarter) rewardPlay(tx core.App) error {
	_, err := create(tx, "loyalty_programs", map[string]any{
		"org": q.orgs["plaza"], "name": "Plaza points", "spend_per_point": 100, "point_value": 1, "expiry_kind": "rolling",
		"expiry_months": 12, "timezone": zone,
	})
	return err
}

// befriend makes friends as anybody does: by an invitation that is accepted.
func (q *quarter) befriend(tx core.App) error {
	invite, err := contacts.MakeInvite(tx, q.people["person"], q.now)
	if err != nil {
		return err
	}
	for _, account := range friends {
		if _, err := contacts.Accept(tx, q.people[account], invite.Code, q.now); err != nil {
			return err
		}
	}
	return nil
}
