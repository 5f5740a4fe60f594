package orders

import (
	"errors"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds the routes and the sweep of forgotten baskets.
func Register(app core.App) {
	jobs.Every(app, "orders.expire", "*/15 * * * *", "UTC", func(app core.App, _ time.Time) error {
		_, err := ExpireOpen(app, clock.Now(app))
		return err
	})
	jobs.Every(app, "orders.forget_draws", "30 3 * * *", "UTC", func(app core.App, _ time.Time) error {
		return ForgetDraws(app, clock.Now(app))
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bindBasket(se)
		bindTill(se)
		return se.Next()
	})
}

type (
	startBody struct {
		Place   string `json:"place"`
		Channel string `json:"channel"`
	}
	scanBody struct {
		Code     string `json:"code"`
		Quantity *int64 `json:"quantity"` // 1 when left out
	}
	lineBody struct {
		Line     string `json:"line"`
		Quantity *int64 `json:"quantity"`
	}
	couponBody struct {
		Code string `json:"code"`
	}
	exitBody struct {
		Code  string `json:"code"`
		Place string `json:"place"`
	}
)

// document fills in what all operations of the package have in common.
func document(method, path, summary string, body any, refusals ...*refusal.Refusal) route.Operation {
	return route.Operation{
		Method: method, Path: path, Tag: collection, Summary: summary, Body: body,
		Idempotent: method == http.MethodPost, Refusals: refusals,
	}
}

func bindBasket(se *core.ServeEvent) {
	route.Handle(se, document("POST", "/api/orders", "Start a basket in a place, or get the open one.", startBody{},
		ErrPlaceNotFound, ErrBadChannel, ErrShopClosed), handleStart)
	route.Handle(se, document("GET", "/api/orders/{id}", "An order, for its customer and the staff of its shop.", nil,
		ErrOrderNotFound), handleGet)
	route.Handle(se, document("POST", "/api/orders/{id}/scan", "Put a product in by its barcode.", scanBody{},
		ErrOrderNotFound, ErrOrderNotOpen, ErrBadQuantity, ErrShopClosed, ErrTooManyLines,
		catalog.ErrNotGTIN, catalog.ErrCheckDigit, catalog.ErrUnknownProduct, campaigns.ErrBasket), handleScan)
	route.Handle(se, document("POST", "/api/orders/{id}/lines", "Change the quantity of a line; 0 takes it out.", lineBody{},
		ErrOrderNotFound, ErrOrderNotOpen, ErrBadQuantity, ErrUnknownLine), handleLine)
	route.Handle(se, document("POST", "/api/orders/{id}/coupon", "Put a code in, in place of the one that is there. One use of it is held for the basket.", couponBody{},
		ErrOrderNotFound, ErrOrderNotOpen, campaigns.ErrCodeNotUsable, campaigns.ErrTooManyCodes), handleCoupon)
	route.Handle(se, document("DELETE", "/api/orders/{id}/coupon", "Take the code out: the total is exactly what it was without it.", nil,
		ErrOrderNotFound, ErrOrderNotOpen), handleNoCoupon)
	route.Handle(se, document("POST", "/api/orders/{id}/cancel", "Give the basket up.", nil,
		ErrOrderNotFound, ErrOrderNotOpen), handleCancel)
}

func bindTill(se *core.ServeEvent) {
	route.Handle(se, document("POST", "/api/orders/{id}/pay", "Pay, once.", Payment{},
		ErrOrderNotFound, ErrOrderNotOpen, ErrEmptyOrder, ErrAgeCheck, ErrPriceChanged, campaigns.ErrCodeExhausted, payments.ErrMethod,
		ledger.ErrInsufficientFunds, loyalty.ErrInsufficientPoints, loyalty.ErrBadPoints, catalog.ErrOutOfStock), handlePay)
	route.Handle(se, document("POST", "/api/orders/{id}/approve-age", "Staff: the customer is old enough.", nil,
		ErrOrderNotFound, ErrOrderNotOpen, ErrNoAgeCheck, ErrOwnOrder), handleApproveAge)
	route.Handle(se, document("POST", "/api/exit-checks", "Staff: let the owner of an exit code out.", exitBody{},
		identity.ErrNotStaff), handleExit)
	route.Handle(se, document("GET", "/api/orders/export.csv", "Staff: paid orders of ?org= from ?from= to ?to= as CSV.", nil,
		identity.ErrNotStaff, ErrBadPeriod), handleExport)
}

func handleStart(e *core.RequestEvent) error {
	var body startBody
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		return Start(tx, e.Auth, body.Place, body.Channel, clock.Now(e.App))
	})
}

func handleGet(e *core.RequestEvent) error {
	order, err := Find(e.App, e.Auth, e.Request.PathValue("id"))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, order)
}

func handleScan(e *core.RequestEvent) error {
	var body scanBody
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		quantity := int64(1)
		if body.Quantity != nil {
			quantity = *body.Quantity
		}
		return Scan(tx, e.Auth, e.Request.PathValue("id"), body.Code, quantity, clock.Now(e.App))
	})
}

func handleLine(e *core.RequestEvent) error {
	var body lineBody
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		if body.Quantity == nil { // leaving it out must not empty the basket
			return nil, ErrBadQuantity
		}
		return SetLine(tx, e.Auth, e.Request.PathValue("id"), body.Line, *body.Quantity, clock.Now(e.App))
	})
}

func handleCoupon(e *core.RequestEvent) error {
	var body couponBody
	now := clock.Now(e.App)
	if err := campaigns.MayGuess(e.App, e.Auth.Id, e.RealIP(), now); err != nil {
		return err
	}
	err := ledger.Answer(e, &body, func(tx core.App) (any, error) {
		return SetCoupon(tx, e.Auth, e.Request.PathValue("id"), body.Code, now)
	})
	if errors.Is(err, campaigns.ErrCodeNotUsable) {
		campaigns.Guessed(e.App, e.Auth.Id, e.RealIP(), now)
	}
	return err
}

func handleNoCoupon(e *core.RequestEvent) error {
	return ledger.Answer(e, nil, func(tx core.App) (any, error) {
		return SetCoupon(tx, e.Auth, e.Request.PathValue("id"), "", clock.Now(e.App))
	})
}

func handleCancel(e *core.RequestEvent) error {
	return ledger.Answer(e, nil, func(tx core.App) (any, error) {
		return Cancel(tx, e.Auth, e.Request.PathValue("id"), clock.Now(e.App))
	})
}

func handlePay(e *core.RequestEvent) error {
	var body Payment
	id := e.Request.PathValue("id")
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	if err := lookBeforePaying(e.App, e.Auth, id, body, e.Request.Header.Get("Idempotency-Key") != "", clock.Now(e.App)); err != nil {
		return err
	}
	err := ledger.Answer(e, &body, func(tx core.App) (any, error) {
		return Pay(tx, e.Auth, id, body, clock.Now(e.App))
	})
	var changed *refusal.Refusal
	if (!errors.Is(err, ErrPriceChanged) && !errors.Is(err, campaigns.ErrCodeExhausted)) || !errors.As(err, &changed) {
		return err
	}
	order, err := ShowPrice(e.App, e.Auth, id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return changed.With("total", order.GetInt64("total")).With("order", order)
}

func handleApproveAge(e *core.RequestEvent) error {
	return ledger.Answer(e, nil, func(tx core.App) (any, error) {
		return ApproveAge(tx, e.Auth, e.Request.PathValue("id"), clock.Now(e.App))
	})
}

func handleExit(e *core.RequestEvent) error {
	var body exitBody
	return ledger.Answer(e, &body, func(tx core.App) (any, error) {
		return CheckExit(tx, e.Auth, body.Code, body.Place, clock.Now(e.App))
	})
}
