package programs

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// bindDomains binds the list of hosts that makers keep beside the manifest. An upload key is not good for it: one
// that has leaked must not lead a program's data to another host.
func bindDomains(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/mp/{appid}/domains", Tag: "programs",
		Summary: "The hosts that the mini program may reach, by its manifest and by its makers' own list.", Answer: Domains{},
		Refusals: makersOnly,
	}, func(e *core.RequestEvent) error {
		_, program, err := inPerson(e, e.Request.PathValue("appid"))
		if err != nil {
			return err
		}
		domains, err := DomainsOf(e.App, program.Id)
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, domains)
	})
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/mp/{appid}/domains", Tag: "programs",
		Summary: "Add hosts to the makers' own list, or take some off it.", Body: domainsBody{}, Answer: Domains{},
		Refusals: append([]*refusal.Refusal{ErrBadDomain, ErrTooManyDomains}, makersOnly...),
	}, handleDomains)
}

type domainsBody struct {
	Add    check.ManifestDomains `json:"add"`
	Remove check.ManifestDomains `json:"remove"`
}

func handleDomains(e *core.RequestEvent) error {
	actor, program, err := inPerson(e, e.Request.PathValue("appid"))
	if err != nil {
		return err
	}
	var body domainsBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	domains, err := ChangeDomains(e.App, program, body.Add, body.Remove, actor, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, domains)
}
