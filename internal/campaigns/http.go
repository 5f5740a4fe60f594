package campaigns

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Register binds the records' hooks, the announcements and the routes.
func Register(app core.App) {
	bindRecords(app)
	bindAnnouncements(app)
	bindTold(app)
	bindCodes(app)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		route.Handle(e, route.Operation{
			Method: http.MethodGet, Path: "/api/places/{place}/offers", Tag: "campaigns",
			Summary: "What costs less at a place now, until when, and why.",
			Public:  true, Answer: Offers{}, Refusals: []*refusal.Refusal{ErrUnknownPlace},
		}, handleOffers)
		route.Handle(e, route.Operation{
			Method: http.MethodPost, Path: "/api/campaigns/preview", Tag: "campaigns",
			Summary: "What a draft campaign would do: to a basket, to the last paid orders, when, and beside which others. Owners and managers only.",
			Body:    Draft{}, Answer: Preview{},
			Refusals: []*refusal.Refusal{identity.ErrNotStaff, identity.ErrRoleRequired, ErrCampaign, ErrSchedule, ErrBasket, ErrPreview, catalog.ErrUnknownProduct},
		}, handlePreview)
		bindCodeRoutes(e)
		return e.Next()
	})
}

func handleOffers(e *core.RequestEvent) error {
	offers, err := OffersAt(e.App, e.Request.PathValue("place"), clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, offers)
}

func handlePreview(e *core.RequestEvent) error {
	var draft Draft
	if err := route.Decode(e, &draft); err != nil {
		return err
	}
	if _, err := identity.Require(e.App, e.Auth, draft.Org, identity.Owner, identity.Manager); err != nil {
		return err
	}
	preview, err := PreviewOf(e.App, draft, clock.Now(e.App))
	if err != nil {
		return refuse(err)
	}
	return e.JSON(http.StatusOK, preview)
}
