package orders

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
)

const collection = "orders"

// Start opens a basket for user in the place, or answers the one that is open there already.
func Start(app core.App, user *core.Record, placeID, channel string, now time.Time) (*core.Record, error) {
	if !slices.Contains([]string{"scan", "pickup", "delivery"}, channel) {
		return nil, ErrBadChannel
	}
	return write(app, func(tx core.App) (*core.Record, error) {
		place, err := tx.FindRecordById("places", placeID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, ErrPlaceNotFound
		}
		if err != nil {
			return nil, fmt.Errorf("start order in %s: %w", placeID, err)
		}
		order, err := current(tx, user, placeID)
		if err != nil {
			return nil, err
		}
		if order != nil && isOpen(order, now) {
			return resume(tx, order, channel, now)
		}
		if order != nil { // its time is over, though the sweep has not come by yet
			order.Set("status", Abandoned)
			if err := save(tx, order); err != nil {
				return nil, err
			}
		}
		if place.GetBool("closed") {
			return nil, ErrShopClosed
		}
		return begin(tx, user, place, channel, now)
	})
}

// current is the basket that the user has in the place, stale or not; nil without one.
func current(app core.App, user *core.Record, place string) (*core.Record, error) {
	found, err := app.FindRecordsByFilter(collection,
		"customer = {:user} && place = {:place} && (status = 'open' || status = 'awaiting_approval')", "", 1, 0,
		dbx.Params{"user": user.Id, "place": place})
	if err != nil {
		return nil, fmt.Errorf("open order of %s in %s: %w", user.Id, place, err)
	}
	if len(found) == 0 {
		return nil, nil //nolint:nilnil // there being no basket is the usual case
	}
	return found[0], nil
}

func begin(tx core.App, user, place *core.Record, channel string, now time.Time) (*core.Record, error) {
	org, err := tx.FindRecordById("orgs", place.GetString("org"))
	if err != nil {
		return nil, fmt.Errorf("organisation of place %s: %w", place.Id, err)
	}
	orders, err := tx.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	order := core.NewRecord(orders)
	order.Load(map[string]any{
		"customer": user.Id, "customer_name": user.GetString("name"),
		"org": org.Id, "place": place.Id, "currency": org.GetString("currency"),
		"channel": channel, "status": Open,
	})
	if err := reprice(tx, order, []Line{}, now); err != nil {
		return nil, err
	}
	return order, save(tx, order)
}

// resume answers an open basket at today's price.
func resume(tx core.App, order *core.Record, channel string, now time.Time) (*core.Record, error) {
	lines, err := linesOf(order)
	if err != nil {
		return nil, err
	}
	order.Set("channel", channel)
	if err := reprice(tx, order, lines, now); err != nil {
		return nil, err
	}
	return order, save(tx, order)
}

// Scan puts quantity more of the product with that barcode into the order.
func Scan(app core.App, user *core.Record, orderID, code string, quantity int64, now time.Time) (*core.Record, error) {
	if quantity < 1 || quantity > MaxQuantity {
		return nil, ErrBadQuantity
	}
	return write(app, func(tx core.App) (*core.Record, error) {
		order, product, err := pick(tx, user, orderID, code, now)
		if err != nil {
			return nil, err
		}
		lines, err := linesOf(order)
		if err != nil {
			return nil, err
		}
		if lines, err = add(lines, product, quantity); err != nil {
			return nil, err
		}
		if product.MinAge > 0 { // what was approved did not hold this
			order.Set("age_approved_by", "")
		}
		if err := reprice(tx, order, lines, now); err != nil {
			return nil, err
		}
		if err := save(tx, order); err != nil {
			return nil, err
		}
		return order, tellScan(tx, order, product, quantity, now)
	})
}

// pick finds what a scan speaks of, with every refusal that needs no writing.
func pick(app core.App, user *core.Record, orderID, code string, now time.Time) (*core.Record, catalog.Product, error) {
	order, err := ownOpen(app, user, orderID, now)
	if err != nil {
		return nil, catalog.Product{}, err
	}
	var closed bool
	err = app.ConcurrentDB().Select("closed").From("places").
		Where(dbx.HashExp{"id": order.GetString("place")}).Row(&closed)
	if err != nil {
		return nil, catalog.Product{}, fmt.Errorf("place of order %s: %w", orderID, err)
	}
	if closed {
		return nil, catalog.Product{}, ErrShopClosed
	}
	product, err := catalog.ByBarcode(app, order.GetString("org"), code)
	if err == nil && product.Currency != order.GetString("currency") {
		err = fmt.Errorf("product %s is in %s, order %s in %s", product.ID, product.Currency, orderID, order.GetString("currency"))
	}
	return order, product, err
}

// add puts the product on its line, or on a new one. A product has one line for the whole visit, so that
// its first scan's price is the one that counts.
func add(lines []Line, product catalog.Product, quantity int64) ([]Line, error) {
	for i := range lines {
		if lines[i].Product != product.ID {
			continue
		}
		if lines[i].Quantity+quantity > MaxQuantity {
			return nil, ErrBadQuantity
		}
		lines[i].Quantity += quantity
		return lines, nil
	}
	if len(lines) >= MaxLines {
		return nil, ErrTooManyLines
	}
	return append(lines, Line{
		ID: security.RandomString(8), Product: product.ID, GTIN: product.GTIN, Name: product.Name, Brand: product.Brand,
		Category: product.Category, Quantity: quantity, Scanned: product.Price, Listed: product.Price,
		VATBasisPoints: product.VATBasisPoints, MinAge: product.MinAge,
	}), nil
}

// SetLine changes how many of a line are in the order; 0 takes the line out.
func SetLine(app core.App, user *core.Record, orderID, lineID string, quantity int64, now time.Time) (*core.Record, error) {
	if quantity < 0 || quantity > MaxQuantity {
		return nil, ErrBadQuantity.Saying("The quantity must be from 0 to %d.", MaxQuantity)
	}
	return write(app, func(tx core.App) (*core.Record, error) {
		order, err := ownOpen(tx, user, orderID, now)
		if err != nil {
			return nil, err
		}
		lines, err := linesOf(order)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(lines, func(l Line) bool { return l.ID == lineID })
		if at < 0 {
			return nil, ErrUnknownLine
		}
		if lines[at].MinAge > 0 && quantity > lines[at].Quantity {
			order.Set("age_approved_by", "")
		}
		lines[at].Quantity = quantity
		if quantity == 0 {
			lines = slices.Delete(lines, at, at+1)
		}
		if err := reprice(tx, order, lines, now); err != nil {
			return nil, err
		}
		return order, save(tx, order)
	})
}

// Cancel gives the basket up.
func Cancel(app core.App, user *core.Record, orderID string, now time.Time) (*core.Record, error) {
	return write(app, func(tx core.App) (*core.Record, error) {
		order, err := ownOpen(tx, user, orderID, now)
		if err != nil {
			return nil, err
		}
		order.Set("status", Abandoned)
		return order, save(tx, order)
	})
}

// ApproveAge records that the clerk has seen a customer who is old enough for what is in the order now.
func ApproveAge(app core.App, clerk *core.Record, orderID string, now time.Time) (*core.Record, error) {
	return write(app, func(tx core.App) (*core.Record, error) {
		order, err := Find(tx, clerk, orderID) // a stranger cannot tell whether there is such an order
		if err != nil {
			return nil, err
		}
		if order.GetString("customer") == clerk.Id {
			return nil, ErrOwnOrder
		}
		if !isOpen(order, now) {
			return nil, notOpen(order)
		}
		if !order.GetBool("age_required") {
			return nil, ErrNoAgeCheck
		}
		order.Set("age_approved_by", clerk.GetString("name"))
		if order.GetString("age_approved_by") == "" {
			order.Set("age_approved_by", clerk.Id)
		}
		order.Set("status", Open)
		if err := ledger.Audit(tx, clerk.Id, "orders.approve_age", orderID, nil, now); err != nil {
			return nil, err
		}
		return order, save(tx, order)
	})
}

// Find is the order as its customer or the staff of its organisation may see it.
func Find(app core.App, user *core.Record, orderID string) (*core.Record, error) {
	order, err := find(app, orderID)
	if err != nil || order.GetString("customer") == user.Id {
		return order, err
	}
	_, err = identity.Require(app, user, order.GetString("org"))
	if errors.Is(err, identity.ErrNotStaff) {
		return nil, ErrOrderNotFound
	}
	return order, err
}

func find(app core.App, orderID string) (*core.Record, error) {
	order, err := app.FindRecordById(collection, orderID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrOrderNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("order %s: %w", orderID, err)
	}
	return order, nil
}

// ownOpen is the user's own order, still open.
func ownOpen(app core.App, user *core.Record, orderID string, now time.Time) (*core.Record, error) {
	order, err := find(app, orderID)
	if err != nil {
		return nil, err
	}
	if order.GetString("customer") != user.Id {
		return nil, ErrOrderNotFound
	}
	if !isOpen(order, now) {
		return nil, notOpen(order)
	}
	return order, nil
}

// isOpen goes by the date, so that a late sweep does not keep an old price alive.
func isOpen(order *core.Record, now time.Time) bool {
	status := order.GetString("status")
	if status != Open && status != AwaitingApproval {
		return false
	}
	return now.Before(order.GetDateTime("priced_at").Time().Add(OpenFor))
}

// notOpen tells what the order has become, so that a client that missed it can heal.
func notOpen(order *core.Record) error {
	return ErrOrderNotOpen.With("status", order.GetString("status")).With("order", order)
}

func linesOf(order *core.Record) ([]Line, error) {
	lines := []Line{}
	if err := order.UnmarshalJSONField("lines", &lines); err != nil {
		return nil, fmt.Errorf("lines of order %s: %w", order.Id, err)
	}
	return lines, nil
}

// write runs the verb in a shared commit and answers the record that it saved.
func write(app core.App, verb func(tx core.App) (*core.Record, error)) (*core.Record, error) {
	var order *core.Record
	err := ledger.Write(app, func(tx core.App) (err error) {
		order, err = verb(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return order, nil
}

// save skips PocketBase's validators, which would look up every relation again: only verbs write orders, and
// what they write they have just read. Hooks and realtime events are those of any save. What the basket holds of its
// code follows from what is saved.
func save(tx core.App, order *core.Record) error {
	if err := holdCoupon(tx, order); err != nil {
		return err
	}
	if err := tx.SaveNoValidate(order); err != nil {
		return fmt.Errorf("save order %s: %w", order.Id, err)
	}
	return nil
}
