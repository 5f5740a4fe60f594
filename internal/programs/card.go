package programs

import (
	"encoding/json"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Card is what a list shows of a program.
type Card struct {
	ID           string                `json:"id" db:"id"` // of the program's row
	AppID        string                `json:"appid" db:"appid"`
	Name         string                `json:"name" db:"name"` // in the reader's language
	Names        types.JSONMap[string] `json:"names" db:"names"`
	Description  string                `json:"description" db:"description"`
	Descriptions types.JSONMap[string] `json:"descriptions" db:"descriptions"`
	Icon         string                `json:"icon" db:"icon"`
	Color        string                `json:"color" db:"color"`
	Kind         string                `json:"kind" db:"kind"`
	Category     string                `json:"category" db:"category"`
	Tier         string                `json:"tier" db:"tier"`
	Status       string                `json:"status" db:"status"`
	Rating       int                   `json:"rating" db:"rating"` // the average of the stars, times ten
	Ratings      int                   `json:"ratings" db:"ratings"`
	People       int                   `json:"people" db:"people"`
	Publisher    Publisher             `json:"publisher" db:"-"`
	Org          string                `json:"-" db:"org"`
	Owner        string                `json:"-" db:"owner"`
	OrgName      string                `json:"-" db:"org_name"`
	Certified    bool                  `json:"-" db:"certified"`
	Agency       bool                  `json:"-" db:"agency_certified"`
}

const (
	cardColumns = `SELECT p.id, p.appid, p.name, p.names, p.description, p.descriptions, p.icon, p.color, p.kind, p.category, p.tier,
		p.status, CASE p.ratings WHEN 0 THEN 0 ELSE CAST(ROUND(p.stars * 10.0 / p.ratings) AS INTEGER) END AS rating, p.ratings, p.people,
		p.org, p.owner, CASE p.org WHEN '' THEN COALESCE(w.name, '') ELSE COALESCE(o.name, '') END AS org_name,
		COALESCE(o.certified, FALSE) AS certified, COALESCE(a.certified_agency, FALSE) AS agency_certified`
	cardFrom = `FROM programs p LEFT JOIN orgs o ON o.id = p.org LEFT JOIN users w ON w.id = p.owner LEFT JOIN orgs a ON a.id = p.agency`
)

// complete fills in what is not a column: the name in the language, and who answers for the program.
func (c *Card) complete(language string) {
	if name := c.Names[language]; name != "" {
		c.Name = name
	}
	if text := c.Descriptions[language]; text != "" {
		c.Description = text
	}
	c.Publisher = Program{Org: c.Org, Owner: c.Owner, OrgName: c.OrgName, Certified: c.Certified, AgencyCertified: c.Agency}.publisher()
}

// Cards is the cards of the programs with those ids, in that order, whatever their status; unknown ones are left out.
func Cards(app core.App, ids []string, language string) ([]Card, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	var found []Card
	err = app.DB().NewQuery(cardColumns + " " + cardFrom + " WHERE p.id IN (SELECT value FROM json_each({:ids}))").
		Bind(dbx.Params{"ids": string(list)}).All(&found)
	if err != nil {
		return nil, fmt.Errorf("cards: %w", err)
	}
	byID := make(map[string]*Card, len(found))
	for i := range found {
		found[i].complete(language)
		byID[found[i].ID] = &found[i]
	}
	cards := make([]Card, 0, len(ids))
	for _, id := range ids {
		if card := byID[id]; card != nil {
			cards = append(cards, *card)
		}
	}
	return cards, nil
}
