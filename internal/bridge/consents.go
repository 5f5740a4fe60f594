package bridge

import (
	"sync"

	"plaza.internal/plaza/internal/backend"
	"plaza.internal/plaza/internal/programs"
)

// spent is the scopes that were granted for once and that this request has had. A page's call has each of them once; a
// cloud function has them for all that it does in one run, so that it need not ask again half way.
type spent struct {
	mu     sync.Mutex
	scopes map[string]bool
}

func (s *spent) has(scope string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scopes[scope]
}

// allowed tells whether the program has the scope: declared by its manifest, among its tier's, granted by the person.
// once is true when that was for one request, which useUp must still make this one.
func allowed(c call, scope string) (once bool, err error) {
	if scope == "" {
		return false, nil
	}
	if !c.program.Declares(scope) {
		return false, ErrScopeUndeclared.With("scope", scope)
	}
	if err := c.program.Allowed(c.app, scope); err != nil {
		return false, err
	}
	if c.user == nil {
		return false, ErrNobody.With("scope", scope)
	}
	if c.spent.has(scope) {
		return false, nil
	}
	held, err := programs.Held(c.app, c.user.Id, c.program.AppID, c.claims.Session)
	if err != nil {
		return false, err
	}
	decision := held[scope]
	if decision.State != programs.Granted && !c.spent.has(scope) { // beside us the same request may just have used it up
		return false, ErrConsentRequired.With("scope", scope).With("state", decision.State)
	}
	return decision.Duration == programs.Once, nil
}

// useUp makes this request the one that a grant for once was for. Of several at the same time exactly one has it.
func useUp(c call, scope string) error {
	c.spent.mu.Lock()
	defer c.spent.mu.Unlock()
	if c.spent.scopes[scope] {
		return nil
	}
	used, err := programs.UseUp(c.app, c.user.Id, c.program.AppID, scope, c.claims.Session)
	if err != nil {
		return err
	}
	if !used {
		return ErrConsentRequired.With("scope", scope).With("state", "")
	}
	if c.spent.scopes == nil {
		c.spent.scopes = map[string]bool{}
	}
	c.spent.scopes[scope] = true
	return nil
}

// heldConsent is what a program and the host are told of a decision: not of which launch it is.
type heldConsent struct {
	State    string `json:"state"`
	Duration string `json:"duration"`
}

// consentsGet is what the person has decided of the scopes that the program declares, as it holds in this launch.
func consentsGet(c call, _ struct{}) (any, error) {
	decisions, err := programs.Held(c.app, c.user.Id, c.program.AppID, c.claims.Session)
	if err != nil {
		return nil, err
	}
	held := map[string]heldConsent{}
	for scope, decision := range decisions {
		if c.program.Declares(scope) {
			held[scope] = heldConsent{State: decision.State, Duration: decision.Duration}
		}
	}
	return map[string]any{"consents": held}, nil
}

type consentsUseArgs struct {
	Scope string `json:"scope"`
	Keep  bool   `json:"keep"` // only ask whether the scope is granted, and leave a grant for once as it is
}

// consentsUse takes a scope for something that the host does on the person's device, where no other method of this table
// is called: it asks for the scope as such a method would.
func consentsUse(c call, args consentsUseArgs) (any, error) {
	if args.Scope == "" {
		return nil, ErrBadArgs.With("detail", "scope is missing")
	}
	once, err := allowed(c, args.Scope)
	if err == nil && once && !args.Keep {
		err = useUp(c, args.Scope)
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"scope": args.Scope}, nil
}

// identityUserinfo is the person's profile in WeChat's shape, sealed for the program's own server.
func identityUserinfo(c call, _ struct{}) (any, error) {
	return backend.ProfileOf(c.app, c.user, c.program, c.now)
}

// identitySession tells whether the person's last login in the program still counts: wx.checkSession.
func identitySession(c call, _ struct{}) (any, error) {
	valid, err := backend.HasSession(c.app, c.user.Id, c.program.AppID, c.now)
	return map[string]any{"valid": valid}, err
}
