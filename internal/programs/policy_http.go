package programs

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// bindPolicy binds the operator's rules: everybody reads them, the operator writes the next ones.
func bindPolicy(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/store/policy", Tag: "policy", Public: true,
		Summary: "The policy that holds now: categories, limits, rights of each tier, rules. Its ETag is its number.", Answer: check.Policy{},
	}, handlePolicy)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/policy", Tag: "policy",
		Summary: "Put a new policy in force; its number must be that of the one it changes.", Body: policyBody{}, Answer: map[string]any{},
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, check.ErrBadPolicy, ErrPolicyChanged, ErrBadText},
	}, operatorOnly(handleSetPolicy))
}

func handlePolicy(e *core.RequestEvent) error {
	policy, err := CurrentPolicy(e.App)
	if err != nil {
		return err
	}
	etag := `"policy-` + strconv.Itoa(policy.Number) + `"`
	e.Response.Header().Set("ETag", etag)
	e.Response.Header().Set("Cache-Control", "no-cache") // ask each time, answered by the ETag
	if e.Request.Header.Get("If-None-Match") == etag {
		return e.NoContent(http.StatusNotModified)
	}
	return e.JSON(http.StatusOK, policy)
}

type policyBody struct {
	Policy json.RawMessage `json:"policy"`
	Note   string          `json:"note"`
}

func handleSetPolicy(e *core.RequestEvent) error {
	var body policyBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	record, err := SetPolicy(e.App, body.Policy, body.Note, e.Auth.Id, clock.Now(e.App))
	return answerRecord(e, record, err)
}
