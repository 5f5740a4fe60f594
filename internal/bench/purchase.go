package bench

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/payments"
)

const (
	ordersPerClient = 24 // orders that each client pays, in as many places
	rounds          = 3  // Plaza and peer in turn; the best ratio would flatter, so the median is reported
)

// purchases measures paying over HTTP, durably, against the same purchase written with PocketBase's Record
// API on a stock PocketBase, made durable too: the same basket, priced by the same function, as a person who
// knows PocketBase would write it.
func purchases(register Register) ([]Row, error) {
	ours, peers := make([]float64, 0, rounds), make([]float64, 0, rounds)
	for range rounds {
		own, err := onServer(plazaStore, register, nil, func(s *server) (float64, error) {
			t, err := settle(s)
			if err != nil {
				return 0, err
			}
			work, err := t.fillBaskets(func(_ core.App, order *core.Record) (string, error) {
				return "/api/orders/" + order.Id + "/pay", nil
			})
			if err != nil {
				return 0, err
			}
			return s.rush(work)
		})
		if err != nil {
			return nil, err
		}
		peer, err := onServer(stockStore, register, peerRoutes, peerPurchases)
		if err != nil {
			return nil, err
		}
		ours, peers = append(ours, own), append(peers, peer)
	}
	own, peer := median(ours), median(peers)
	return []Row{atLeast("durable purchases over HTTP, 64 clients", own, "/s",
		fmt.Sprintf("Record API %.0f/s", peer), own/peer, 3)}, nil
}

func peerPurchases(s *server) (float64, error) {
	if err := peerSchema(s.app); err != nil {
		return 0, err
	}
	t, err := settle(s)
	if err != nil {
		return 0, err
	}
	work, err := t.fillBaskets(func(tx core.App, order *core.Record) (string, error) {
		twin, err := peerOrder(tx, order)
		return "/bench/orders/" + twin + "/pay", err
	})
	if err != nil {
		return 0, err
	}
	return s.rush(work)
}

// onServer measures on a server of its own.
func onServer(store func(string) core.BaseAppConfig, register Register, extra func(*core.ServeEvent), measure func(*server) (float64, error)) (float64, error) {
	s, err := start(store, register, extra)
	if err != nil {
		return 0, err
	}
	value, err := measure(s)
	if stopped := s.stop(); err == nil {
		err = stopped
	}
	return value, err
}

// town is a shop with a place for every order of a client, and the clients.
type town struct {
	s         *server
	places    []string
	customers []*core.Record
	tokens    []string
	codes     []string
}

func settle(s *server) (*town, error) {
	t := &town{s: s}
	err := ledger.Write(s.app, func(tx core.App) error {
		t.places, t.customers, t.tokens, t.codes = nil, nil, nil, nil
		org, err := create(tx, "orgs", map[string]any{"name": "Bench", "slug": "bench", "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris"})
		if err != nil {
			return err
		}
		if _, err := create(tx, "loyalty_programs", map[string]any{"org": org.Id, "name": "Points", "spend_per_point": 100, "expiry_kind": "rolling", "expiry_months": 12, "timezone": "Europe/Paris"}); err != nil {
			return err
		}
		if _, err := create(tx, "campaigns", map[string]any{"org": org.Id, "name": "Tenth off", "kind": "percent", "percent_bp": 1000, "status": "active", "timezone": "Europe/Paris"}); err != nil {
			return err
		}
		return t.fill(tx, org.Id)
	})
	return t, err
}

func (t *town) fill(tx core.App, org string) error {
	now := clock.Now(tx)
	for i := range ordersPerClient {
		place, err := create(tx, "places", map[string]any{"org": org, "name": fmt.Sprintf("Place %d", i), "timezone": "Europe/Paris"})
		if err != nil {
			return err
		}
		t.places = append(t.places, place.Id)
	}
	for _, gtin := range []string{"9556121020072", "6921168500956", "5410976539124"} {
		code, err := catalog.ParseGTIN(gtin)
		if err != nil {
			return err
		}
		product, err := create(tx, "products", map[string]any{"org": org, "gtin": code, "name": gtin, "price": 379, "currency": "EUR", "vat_bp": 550})
		if err != nil {
			return err
		}
		for _, place := range t.places {
			if err := catalog.Receive(tx, place, product.Id, 100_000, "bench", "bench", now); err != nil {
				return err
			}
		}
		t.codes = append(t.codes, gtin)
	}
	for i := range clients {
		user, err := create(tx, "users", map[string]any{"name": fmt.Sprintf("Client %d", i), "email": fmt.Sprintf("client%d@bench.example", i), "password": "bench-password"})
		if err != nil {
			return err
		}
		if err := payments.TopUp(tx, user.Id, payments.TopUpMax, "EUR", now); err != nil {
			return err
		}
		token, err := user.NewAuthToken()
		if err != nil {
			return err
		}
		t.customers, t.tokens = append(t.customers, user), append(t.tokens, token)
	}
	return nil
}

// fillBaskets scans every order, ready to pay; path tells where an order is paid.
func (t *town) fillBaskets(path func(tx core.App, order *core.Record) (string, error)) ([][]request, error) {
	now := clock.Now(t.s.app)
	work := make([][]request, 0, len(t.customers))
	for i, customer := range t.customers {
		var own []request
		err := ledger.Write(t.s.app, func(tx core.App) error {
			own = nil
			for _, place := range t.places {
				order, err := t.fillBasket(tx, customer, place, now)
				if err != nil {
					return err
				}
				to, err := path(tx, order)
				if err != nil {
					return err
				}
				own = append(own, request{path: to, token: t.tokens[i], body: `{"method":"wallet"}`})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		work = append(work, own)
	}
	return work, nil
}

func (t *town) fillBasket(tx core.App, customer *core.Record, place string, now time.Time) (*core.Record, error) {
	order, err := orders.Start(tx, customer, place, "scan", now)
	if err != nil {
		return nil, err
	}
	for _, code := range t.codes {
		if order, err = orders.Scan(tx, customer, order.Id, code, 1, now); err != nil {
			return nil, err
		}
	}
	return order, nil
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
