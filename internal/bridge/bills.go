package bridge

import (
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/bills"
)

// A cloud function's bills are made and given back by the program: in the audit trail it stands under this.
func (c call) asProgram() string { return "program:" + c.program.AppID }

// billsMake asks the caller to pay, or the person whose openid is given; nobody can be named by another id.
func billsMake(c call, args bills.MakeArgs) (any, error) {
	payer := c.user
	if args.OpenID != "" {
		var err error
		if payer, err = bills.ByOpenID(c.app, args.OpenID, c.program.AppID); err != nil {
			return nil, err
		}
	}
	if payer == nil {
		return nil, ErrNobody.With("detail", "openid is missing")
	}
	return asked(bills.Make(c.app, c.program, payer, args.Draft(c.now), c.now))
}

type billArgs struct {
	Bill      string `json:"bill"`
	Reference string `json:"reference"`
}

// named is the program's own bill that the arguments name.
func (a billArgs) named(c call) (bills.Asked, error) {
	if a.Bill == "" && a.Reference == "" {
		return bills.Asked{}, ErrBadArgs.With("detail", "bill or reference is missing")
	}
	return bills.OfProgram(c.app, c.program.ID, a.Bill, a.Reference, c.now)
}

func billsGet(c call, args billArgs) (any, error) {
	found, err := args.named(c)
	if err != nil {
		return nil, err
	}
	return found, nil
}

type billsRefundArgs struct {
	billArgs
	bills.RefundArgs
}

func billsRefund(c call, args billsRefundArgs) (any, error) {
	found, err := args.named(c)
	if err != nil {
		return nil, err
	}
	back := bills.Return{Key: args.Key, Amount: args.Amount, Reason: args.Reason, Source: bills.ByProgram}
	if _, err := bills.Refund(c.app, c.asProgram(), c.program.ID, found.Bill, back, c.now); err != nil {
		return nil, err
	}
	return billsGet(c, billArgs{Bill: found.Bill})
}

func billsClose(c call, args billArgs) (any, error) {
	found, err := args.named(c)
	if err != nil {
		return nil, err
	}
	return asked(bills.Close(c.app, c.asProgram(), c.program.ID, found.Bill, c.now))
}

func asked(bill *core.Record, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return bills.ForProgram(bill, nil), nil
}
