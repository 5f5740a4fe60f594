package bridge

import (
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/receipts"
)

// receiptsIssue signs a receipt for the bill's payer or, without a bill, for the person who is named or who called.
func receiptsIssue(c call, args receipts.Draft) (any, error) {
	if args.Bill == "" && args.OpenID == "" {
		if c.user == nil {
			return nil, ErrNobody.With("detail", "bill or openid is missing")
		}
		var err error
		if args.OpenID, err = identity.OpenID(c.app, c.user.Id, c.program.AppID); err != nil {
			return nil, err
		}
	}
	issued, err := receipts.Issue(c.ctx, c.app, c.program, args, c.now)
	if err != nil {
		return nil, err
	}
	return issued, nil
}

type receiptArgs struct {
	Number    string `json:"number"`
	Reference string `json:"reference"`
}

func receiptsGet(c call, args receiptArgs) (any, error) {
	if args.Number == "" && args.Reference == "" {
		return nil, ErrBadArgs.With("detail", "number or reference is missing")
	}
	found, err := receipts.OfProgram(c.app, c.program.ID, args.Number, args.Reference, c.now)
	if err != nil {
		return nil, err
	}
	return found, nil
}
