package demo

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/gateway"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
)

var logins = []struct{ account, name, language, what string }{
	{"person", "Camille Martin", "en", "a customer with money and points: open / on a phone"},
	{"cashier", "Noé Bernard", "fr", "cashier of Halle Market: /console/, exit checks"},
	{"merchant", "Inès Dubois", "en", "owner of Halle Market: /console/"},
	{"creator", "Li Wei", "zh", "owner of the studio Atelier Lune"},
	{"operator", "Sacha Laurent", "en", "runs this Plaza"},
}

// neighbours are the other customers; each has a wallet and shops now and then.
var neighbours = []string{
	"Adèle Moreau", "王芳", "Basile Petit", "Chloé Durand", "陈杰", "Diane Leroy", "Elias Haddad", "Fatou Diop",
	"Gabriel Roux", "Hana Kim", "Iris Fontaine", "Jules Garnier", "Karima Benali", "刘洋", "Louis Chevalier",
	"Maya Perrin", "Nadia Colin", "Oscar Blanc", "Priya Nair", "Quentin Faure", "Rose Lambert", "Samir Cherif",
	"Théa Marchand", "Ulysse Noël",
}

// openDoors makes the superuser, the people and the host organisation.
func (q *quarter) openDoors() error {
	return ledger.Write(q.app, func(tx core.App) error {
		q.people = map[string]*core.Record{}
		q.customers = nil
		if _, err := person(tx, core.CollectionNameSuperusers, "admin", nil); err != nil {
			return err
		}
		for _, login := range logins {
			record, err := person(tx, "users", login.account, map[string]any{
				"name": login.name, "language": login.language, "operator": login.account == "operator",
			})
			if err != nil {
				return err
			}
			q.people[login.account] = record
		}
		q.customers = append(q.customers, q.people["person"])
		for i, name := range neighbours {
			record, err := person(tx, "users", fmt.Sprintf("neighbour%d", i+1), map[string]any{"name": name})
			if err != nil {
				return err
			}
			q.customers = append(q.customers, record)
		}
		return q.openStudios(tx)
	})
}

func person(tx core.App, collection, account string, fields map[string]any) (*core.Record, error) {
	found, err := tx.FindCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	record := core.NewRecord(found)
	record.Load(fields)
	record.SetEmail(account + gateway.DemoDomain)
	record.SetPassword(Password)
	record.SetVerified(true)
	if err := tx.Save(record); err != nil {
		return nil, fmt.Errorf("person %s: %w", account, err)
	}
	return record, nil
}

// openStudios makes the organisations that sell nothing: the host and a creator's studio.
func (q *quarter) openStudios(tx core.App) error {
	if _, err := create(tx, "orgs", map[string]any{
		"name": "Plaza", "slug": "plaza", "kind": "host", "currency": currency, "timezone": zone, "country": "FR",
		"certified": true, "color": "#0e7a55", "icon": "store",
	}); err != nil {
		return err
	}
	studio, err := create(tx, "orgs", map[string]any{
		"name": "Atelier Lune", "slug": "atelier-lune", "kind": "creator", "currency": currency, "timezone": zone,
		"country": "FR", "color": "#4b3f8f", "icon": "moon",
	})
	if err != nil {
		return err
	}
	return employ(tx, studio.Id, q.people["creator"].Id, "owner")
}

func employ(tx core.App, org, user, role string) error {
	_, err := create(tx, "staff", map[string]any{"org": org, "user": user, "role": role})
	return err
}

func create(tx core.App, collection string, fields map[string]any) (*core.Record, error) {
	found, err := tx.FindCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	record := core.NewRecord(found)
	record.Load(fields)
	if err := tx.Save(record); err != nil {
		return nil, fmt.Errorf("%s: %w", collection, err)
	}
	return record, nil
}

// fillWallets tops everybody up two weeks ago, in amounts that a wallet would see.
func (q *quarter) fillWallets(tx core.App) error {
	for _, customer := range q.customers {
		for _, amount := range []ledger.Amount{500_00, 400_00, 300_00} {
			if err := payments.TopUp(tx, customer.Id, amount, currency, q.dayAt(days+1, 9, 0)); err != nil {
				return err
			}
		}
	}
	return nil
}

// welcome fills the purse of the person whose login is printed: the first thing that a visitor does is buy.
func (q *quarter) welcome(tx core.App) error {
	return payments.TopUp(tx, q.people["person"].Id, 150_00, currency, q.now.Add(-lastVisit))
}
