package nearby

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/search"
)

// The states of a claim.
const (
	ClaimOpen     = "open"
	ClaimApproved = "approved"
	ClaimRefused  = "refused"
)

const (
	claimsShown = 50
	// ownPlaceWithin is how near, in metres, a place of a certified organisation must be to a listing of the same name
	// for its claim to need no operator.
	ownPlaceWithin = 200
)

// AskFor claims a listing for an organisation. The operator decides; but a certified organisation gets at once what
// has the name of one of its own places and lies where that is. Its seal alone would not say that a place is its own.
func AskFor(app core.App, user *core.Record, id, org, note string, now time.Time) (Claim, error) {
	if _, err := identity.Require(app, user, org, identity.Owner, identity.Manager); err != nil {
		return Claim{}, err
	}
	if note = strings.TrimSpace(note); len(note) > noteLimit {
		return Claim{}, wrong("note", "The note is too long.")
	}
	var made string
	err := ledger.Write(app, func(tx core.App) error {
		l, err := byID(tx, id)
		switch {
		case err != nil:
			return err
		case l.MergedInto != "":
			return ErrListingUnknown
		case l.Org != "":
			return ErrClaimed.With("mine", l.Org == org)
		}
		if has(tx, "SELECT 1 FROM nearby_claims WHERE listing = {:id} AND org = {:org} AND state = 'open'", dbx.Params{"id": id, "org": org}) {
			return ErrClaimOpen
		}
		collection, err := tx.FindCachedCollectionByNameOrId("nearby_claims")
		if err != nil {
			return err
		}
		claim := core.NewRecord(collection)
		claim.Load(map[string]any{"listing": id, "org": org, "asked_by": user.Id, "state": ClaimOpen, "note": note})
		if err := tx.Save(claim); err != nil {
			return fmt.Errorf("save claim: %w", err)
		}
		made = claim.Id
		if err := ledger.Audit(tx, user.Id, "nearby.claim", id, map[string]any{"org": org, "claim": made, "note": note}, now); err != nil {
			return err
		}
		place, certain, err := plainlyOwn(tx, l, org)
		if err != nil || !certain {
			return err
		}
		return approve(tx, claim, place, "house", now)
	})
	if err != nil {
		return Claim{}, err
	}
	return claimByID(app, made)
}

// plainlyOwn is the place of a certified organisation that the listing is.
func plainlyOwn(tx core.App, l listing, org string) (place string, certain bool, err error) {
	var own []struct {
		ID   string  `db:"id"`
		Name string  `db:"name"`
		Lat  float64 `db:"lat"`
		Lon  float64 `db:"lon"`
	}
	if err := tx.DB().NewQuery(`SELECT p.id, p.name, p.lat, p.lon FROM places p JOIN orgs o ON o.id = p.org
		WHERE p.org = {:org} AND o.certified = TRUE ORDER BY p.id`).Bind(dbx.Params{"org": org}).All(&own); err != nil {
		return "", false, fmt.Errorf("places of %s: %w", org, err)
	}
	for _, p := range own {
		if search.Fold(p.Name) == search.Fold(l.Name) && distance(p.Lat, p.Lon, l.Lat, l.Lon) <= ownPlaceWithin {
			return p.ID, true, nil
		}
	}
	return "", false, nil
}

// approve gives the listing to the organisation, and refuses everybody else who asked for it.
func approve(tx core.App, claim *core.Record, place, actor string, now time.Time) error {
	id, org := claim.GetString("listing"), claim.GetString("org")
	l, err := byID(tx, id)
	if err != nil {
		return err
	}
	if l.Org != "" && l.Org != org {
		return ErrClaimed
	}
	if place != "" && has(tx, "SELECT 1 FROM nearby_listings WHERE place = {:place} AND merged_into = ''", dbx.Params{"place": place}) {
		place = ""
	}
	l.Org, l.Edited, l.Place = org, true, place
	if err := l.save(tx, now); err != nil {
		return err
	}
	if err := decide(tx, claim.Id, ClaimApproved, "", now); err != nil {
		return err
	}
	if _, err := tx.NonconcurrentDB().NewQuery(`UPDATE nearby_claims SET state = 'refused', reason = 'Another organisation has claimed this listing.',
		decided_at = {:now}, updated = {:now} WHERE listing = {:id} AND state = 'open'`).Bind(dbx.Params{"id": id, "now": stamp(now)}).Execute(); err != nil {
		return fmt.Errorf("refuse the other claims: %w", err)
	}
	return ledger.Audit(tx, actor, "nearby.claim.approve", id, map[string]any{"org": org, "claim": claim.Id}, now)
}

// decide moves an open claim to its end, once.
func decide(tx core.App, id, state, reason string, now time.Time) error {
	result, err := tx.NonconcurrentDB().NewQuery(`UPDATE nearby_claims SET state = {:state}, reason = {:reason}, decided_at = {:now}, updated = {:now}
		WHERE id = {:id} AND state = 'open'`).Bind(dbx.Params{"id": id, "state": state, "reason": reason, "now": stamp(now)}).Execute()
	if err != nil {
		return fmt.Errorf("decide claim %s: %w", id, err)
	}
	if rows, err := result.RowsAffected(); err != nil || rows != 1 {
		return errors.Join(err, ErrClaimDecided)
	}
	return nil
}

// Approve is the operator's yes to a claim.
func Approve(app core.App, user *core.Record, id string, now time.Time) (Claim, error) {
	err := ledger.Write(app, func(tx core.App) error {
		claim, err := openRecord(tx, id)
		if err != nil {
			return err
		}
		return approve(tx, claim, "", user.Id, now)
	})
	if err != nil {
		return Claim{}, err
	}
	return claimByID(app, id)
}

// Refuse is the operator's no to a claim, with its reason.
func Refuse(app core.App, user *core.Record, id, reason string, now time.Time) (Claim, error) {
	if reason = strings.TrimSpace(reason); reason == "" || len(reason) > noteLimit {
		return Claim{}, ErrReasonMissing
	}
	err := ledger.Write(app, func(tx core.App) error {
		claim, err := openRecord(tx, id)
		if err != nil {
			return err
		}
		if err := decide(tx, id, ClaimRefused, reason, now); err != nil {
			return err
		}
		return ledger.Audit(tx, user.Id, "nearby.claim.refuse", claim.GetString("listing"), map[string]any{"org": claim.GetString("org"), "claim": id, "reason": reason}, now)
	})
	if err != nil {
		return Claim{}, err
	}
	return claimByID(app, id)
}

func openRecord(tx core.App, id string) (*core.Record, error) {
	claim, err := tx.FindRecordById("nearby_claims", id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrClaimUnknown
	}
	if err != nil {
		return nil, err
	}
	if claim.GetString("state") != ClaimOpen {
		return nil, ErrClaimDecided.With("state", claim.GetString("state"))
	}
	return claim, nil
}

const selectClaims = `SELECT c.id, c.listing, c.org, c.state, c.note, c.reason, c.created, c.decided_at, COALESCE(o.name, '') AS org_name,
	COALESCE(o.certified, FALSE) AS certified, COALESCE(u.name, '') AS asked_by
	FROM nearby_claims c LEFT JOIN orgs o ON o.id = c.org LEFT JOIN users u ON u.id = c.asked_by `

type claimRow struct {
	ID        string `db:"id"`
	Listing   string `db:"listing"`
	Org       string `db:"org"`
	State     string `db:"state"`
	Note      string `db:"note"`
	Reason    string `db:"reason"`
	Created   string `db:"created"`
	DecidedAt string `db:"decided_at"`
	OrgName   string `db:"org_name"`
	Certified bool   `db:"certified"`
	AskedBy   string `db:"asked_by"`
}

// ListClaims is claims in a state, or all of them when that is empty: open ones the oldest first, others the newest.
func ListClaims(app core.App, state string, page int) (Claims, error) {
	order := "c.created DESC, c.id"
	if state == ClaimOpen {
		order = "c.created, c.id"
	}
	claims, err := claimsWhere(app, "WHERE {:state} IN ('', c.state) ORDER BY "+order+" LIMIT {:limit} OFFSET {:offset}",
		dbx.Params{"state": state, "limit": claimsShown + 1, "offset": max(page-1, 0) * claimsShown})
	if err != nil {
		return Claims{}, err
	}
	more := len(claims) > claimsShown
	return Claims{Items: claims[:min(len(claims), claimsShown)], More: more}, nil
}

func claimByID(app core.App, id string) (Claim, error) {
	claims, err := claimsWhere(app, "WHERE c.id = {:id}", dbx.Params{"id": id})
	if err != nil || len(claims) == 0 {
		return Claim{}, errors.Join(err, ErrClaimUnknown)
	}
	return claims[0], nil
}

func openClaim(app core.App, listing string) (*Claim, error) {
	claims, err := claimsWhere(app, "WHERE c.listing = {:listing} AND c.state = 'open' ORDER BY c.created LIMIT 1", dbx.Params{"listing": listing})
	if err != nil || len(claims) == 0 {
		return nil, err
	}
	return &claims[0], nil
}

// ClaimsOf is the claims of an organisation, the newest first.
func ClaimsOf(app core.App, org string) (Claims, error) {
	claims, err := claimsWhere(app, "WHERE c.org = {:org} ORDER BY c.created DESC, c.id LIMIT {:limit}", dbx.Params{"org": org, "limit": claimsShown})
	return Claims{Items: claims}, err
}

func claimsWhere(app core.App, where string, params dbx.Params) ([]Claim, error) {
	var rows []claimRow
	if err := app.DB().NewQuery(selectClaims + where).Bind(params).All(&rows); err != nil {
		return nil, fmt.Errorf("claims: %w", err)
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.Listing
	}
	briefs, err := briefsOf(app, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Claim, len(rows))
	for i, row := range rows {
		out[i] = Claim{
			ID: row.ID, State: row.State, Listing: briefs[row.Listing], Org: row.Org, OrgName: row.OrgName, Certified: row.Certified,
			AskedBy: row.AskedBy, Note: row.Note, Reason: row.Reason, Created: row.Created, DecidedAt: row.DecidedAt,
		}
	}
	return out, nil
}
