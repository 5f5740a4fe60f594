package demo

import (
	"fmt"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/gateway"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
)

var logins = []struct{ account, name, language, what string }{
	{"person", "Camille Martin", "en", "a customer with money and points: open / on a phone"},
	{"cashier", "Noé Bernard", "fr", "cashier of Halle Market: /console/, exit checks"},
	{"merchant", "Inès Dubois", "en", "owner of Halle Market: /console/"},
	{"creator", "Li Wei", "zh", "makes mini programs, some as the studio Atelier Lune: /console/"},
	{"operator", "Sacha Laurent", "en", "runs this Plaza"},
}

// neighbours are the other customers; each has a wallet and shops now and then.
var neighbours = []string{
	"Adèle Moreau", "王芳", "Basile Petit", "Chloé Durand", "陈杰", "Diane Leroy", "Elias Haddad", "Fatou Diop",
	"Gabriel Roux", "Hana Kim", "Iris Fontaine", "Jules Garnier", "Karima Benali", "刘洋", "Louis Chevalier",
	"Maya Perrin", "Nadia Colin", "Oscar Blanc", "Priya Nair", "Quentin Faure", "Rose Lambert", "Samir Cherif",
	"Théa Marchand", "Ulysse Noël",
}

// passersBy have no wallet: they open mini programs.
const passersBy = 36

// openDoors makes the superuser, the people and the organisations that sell nothing.
func (q *quarter) openDoors() error {
	return ledger.Write(q.app, func(tx core.App) error {
		q.people, q.customers, q.visitors = map[string]*core.Record{}, nil, nil
		if _, err := q.person(tx, core.CollectionNameSuperusers, "admin", nil); err != nil {
			return err
		}
		for _, login := range logins {
			if _, err := q.person(tx, "users", login.account, map[string]any{
				"name": login.name, "language": login.language, "operator": login.account == "operator",
			}); err != nil {
				return err
			}
		}
		q.customers = append(q.customers, q.people["person"])
		for i, name := range neighbours {
			record, err := q.person(tx, "users", fmt.Sprintf("neighbour%d", i+1), map[string]any{"name": name})
			if err != nil {
				return err
			}
			q.customers = append(q.customers, record)
		}
		if err := q.passBy(tx); err != nil {
			return err
		}
		if err := backdateAccounts(tx); err != nil {
			return err
		}
		return q.openStudios(tx)
	})
}

// passBy makes the people who only open programs. Their names are those of the neighbours, mixed.
func (q *quarter) passBy(tx core.App) error {
	for i := range passersBy {
		first, _, _ := strings.Cut(neighbours[(i*7)%len(neighbours)], " ")
		_, last, _ := strings.Cut(neighbours[(i*11+5)%len(neighbours)], " ")
		record, err := q.person(tx, "users", fmt.Sprintf("visitor%d", i+1), map[string]any{"name": strings.TrimSpace(first + " " + last)})
		if err != nil {
			return err
		}
		q.visitors = append(q.visitors, record)
	}
	q.visitors = append(q.visitors, q.customers[1:]...)
	return nil
}

// person makes an account. Everybody's password is the same, and is hashed once.
func (q *quarter) person(tx core.App, collection, account string, fields map[string]any) (*core.Record, error) {
	found, err := tx.FindCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	record := core.NewRecord(found)
	record.Load(fields)
	record.SetEmail(account + gateway.DemoDomain)
	record.SetVerified(true)
	if q.hash == "" {
		record.SetPassword(Password)
		q.hash = record.GetString(core.FieldNamePassword + ":hash")
	}
	record.SetRaw(core.FieldNamePassword, &core.PasswordFieldValue{Hash: q.hash})
	if err := tx.Save(record); err != nil {
		return nil, fmt.Errorf("person %s: %w", account, err)
	}
	q.people[account] = record
	return record, nil
}

// backdateAccounts lets everybody have been here for a while: what newcomers say counts later.
func backdateAccounts(tx core.App) error {
	_, err := tx.NonconcurrentDB().NewQuery("UPDATE users SET created = strftime('%Y-%m-%d %H:%M:%fZ', created, '-40 days')").Execute()
	return err
}

// studios are the organisations that sell nothing, each with the account of its owner.
var studios = []struct{ name, slug, kind, owner, about, color, icon string }{
	{"Plaza", "plaza", "host", "", "", "#0e7a55", "store"},
	{"Atelier Lune", "atelier-lune", "creator", "creator", "Small programs with care", "#4b3f8f", "moon"},
	{"Mairie du Quartier", "mairie", "creator", "neighbour15", "The town hall, in your pocket", "#1d5fa8", "landmark"},
	{"Studio Plume", "studio-plume", "agency", "neighbour16", "We build for shops that bake", "#a0466a", "feather"},
}

// openStudios makes the organisations that sell nothing: the host, a creator's studio, the town hall, an agency.
func (q *quarter) openStudios(tx core.App) error {
	q.orgs = map[string]string{}
	for _, s := range studios {
		org, err := create(tx, "orgs", map[string]any{
			"name": s.name, "slug": s.slug, "kind": s.kind, "description": s.about, "currency": currency, "timezone": zone,
			"country": "FR", "certified": s.kind == "host", "color": s.color, "icon": s.icon,
		})
		if err != nil {
			return err
		}
		q.orgs[s.slug] = org.Id
		if s.owner == "" {
			continue
		}
		if err := employ(tx, org.Id, q.people[s.owner].Id, "owner"); err != nil {
			return err
		}
	}
	return nil
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
