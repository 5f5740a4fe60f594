package bills_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main()
	os.Exit(m.Run())
}

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

// pool is a swimming pool that sells by bill: an organisation with its program, and somebody who wants to swim.
type pool struct {
	core.App
	t        testing.TB
	shop     *shop.Shop
	client   *apptest.Client
	ana, eve *core.Record
	program  programs.Program
}

func newPool(t testing.TB) *pool {
	t.Helper()
	app := apptest.New(t, func(app core.App) { programs.Register(app, nil, nil) }, payments.Register, bills.Register)
	clock.Set(app, now)
	p := &pool{App: app, t: t, shop: shop.Open(t, app, "pool")}
	p.ana, p.eve = shop.Customer(t, app, "Ana", 10_000), shop.Customer(t, app, "Eve", 10_000)
	p.program = p.publish("swim", programs.Owner{Org: p.shop.Org.Id}, p.shop.Owner)
	p.client = apptest.NewClient(t, app)
	return p
}

// publish uploads and releases a program after a review, and lets Ana and Eve open it.
func (p *pool) publish(appid string, owner programs.Owner, maker *core.Record) programs.Program {
	p.t.Helper()
	folder := fstest.MapFS{
		"x/app.json":                {Data: []byte(`{"pages":["pages/index/index"]}`)},
		"x/app.js":                  {Data: []byte(`App({})`)},
		"x/pages/index/index.wxml":  {Data: []byte(`<view>pool</view>`)},
		"x/pages/index/index.js":    {Data: []byte(`Page({})`)},
		"x/project.config.json":     {Data: []byte(`{"appid":"` + appid + `"}`)},
		"x/manifest.json":           {Data: []byte(`{"app_id":"` + appid + `","name":"Swim ` + appid + `","description":"Tickets.","icons":[{"src":"icon.svg"}],"version":{"code":1,"name":"1.0.0"},"x_plaza":{"category":"shopping","color":"#0a7d5a"}}`)},
		"x/icon.svg":                {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>`)},
		"x/pages/index/index.json":  {Data: []byte(`{}`)},
		"x/sitemap.json":            {Data: []byte(`{}`)},
		"x/pages/index/index.wxss":  {Data: []byte(``)},
		"x/cloudfunctions/.gitkeep": {Data: []byte(``)},
	}
	packed, err := programs.Zip(folder, "x")
	if err != nil {
		p.t.Fatal(err)
	}
	version, err := programs.Upload(p.App, owner, appid, bytes.NewReader(packed), "", maker.Id, now)
	if err != nil {
		p.t.Fatalf("upload: %v", err)
	}
	version.Set("reviewed", true)
	if err := p.Save(version); err != nil {
		p.t.Fatal(err)
	}
	if _, err := programs.Release(p.App, appid, version.GetInt("number"), 100, maker.Id, now); err != nil {
		p.t.Fatal(err)
	}
	for _, person := range []*core.Record{p.ana, p.eve} {
		if _, err := programs.Launch(p.App, person, appid, programs.Opening{}, now); err != nil {
			p.t.Fatal(err)
		}
	}
	program, err := programs.Live(p.App, appid)
	if err != nil {
		p.t.Fatal(err)
	}
	return program
}

// ticket is a bill of 9.00 for Ana, named by its reference.
func (p *pool) ticket(reference string) *core.Record {
	p.t.Helper()
	bill, err := bills.Make(p.App, p.program, p.ana, bills.Draft{Amount: 900, Title: "2 swims", Reference: reference}, now)
	if err != nil {
		p.t.Fatalf("make: %v", err)
	}
	return bill
}

// paid is a ticket that Ana has paid from her wallet.
func (p *pool) paid(reference string) *core.Record {
	p.t.Helper()
	bill, err := bills.Pay(p.App, p.ana, p.ticket(reference).Id, payments.FromWallet, now)
	if err != nil {
		p.t.Fatalf("pay: %v", err)
	}
	return bill
}

func (p *pool) again(bill *core.Record) *core.Record {
	p.t.Helper()
	bill, err := p.FindRecordById("bills", bill.Id)
	if err != nil {
		p.t.Fatal(err)
	}
	return bill
}

func (p *pool) refund(bill *core.Record, key string, amount ledger.Amount) error {
	_, err := bills.Refund(p.App, "program:swim", p.program.ID, bill.Id,
		bills.Return{Key: key, Amount: amount, Reason: "It rains", Source: bills.ByProgram}, now)
	return err
}

// sound proves the books and that Ana, Eve and the pool together have what they began with.
func (p *pool) sound(ana, takings ledger.Amount) {
	p.t.Helper()
	proof, err := ledger.Verify(p.App)
	if err != nil || !proof.Sound {
		p.t.Fatalf("the books: %v %v", proof.Findings, err)
	}
	if got := shop.Purse(p.t, p.App, p.ana); got != ana {
		p.t.Errorf("Ana has %d, wants %d", got, ana)
	}
	if got := p.shop.Takings(); got != takings {
		p.t.Errorf("the pool has %d, wants %d", got, takings)
	}
}

// refused wants that refusal and gives its details.
func refused(t testing.TB, err error, want *refusal.Refusal) map[string]any {
	t.Helper()
	var no *refusal.Refusal
	if !errors.Is(err, want) || !errors.As(err, &no) {
		t.Fatalf("got %v, want %s", err, want.Code)
	}
	return no.Details
}

// parallel runs n calls at once and counts their outcomes by code, "" for success.
func parallel(n int, call func(i int) error) map[string]int {
	var mu sync.Mutex
	var group sync.WaitGroup
	outcomes, start := map[string]int{}, make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			err := call(i)
			var no *refusal.Refusal
			code := ""
			switch {
			case errors.As(err, &no):
				code = no.Code
			case err != nil:
				code = err.Error()
			}
			mu.Lock()
			outcomes[code]++
			mu.Unlock()
		})
	}
	close(start)
	group.Wait()
	return outcomes
}

// A bill is paid by the person whom it asks, once, and its money is the payee's.
func TestABillIsPaidOnce(t *testing.T) {
	p := newPool(t)
	bill := p.ticket("t-1")
	if bill.GetString("status") != bills.Open || bill.GetString("currency") != "EUR" || bill.GetString("payee") != "pool" {
		t.Errorf("made as %v", bill.PublicExport())
	}
	if got := bill.GetDateTime("expires_at").Time(); !got.Equal(now.Add(2 * time.Hour)) {
		t.Errorf("it expires at %s", got)
	}
	paid, err := bills.Pay(p.App, p.ana, bill.Id, payments.FromWallet, now)
	if err != nil || paid.GetString("status") != bills.Paid || paid.GetString("method") != "wallet" {
		t.Fatalf("%v %v", paid, err)
	}
	p.sound(9_100, 900)
	again, err := bills.Pay(p.App, p.ana, bill.Id, payments.ByCard, now.Add(time.Minute))
	if err != nil || again.GetString("paid_at") != paid.GetString("paid_at") || again.GetString("method") != "wallet" {
		t.Errorf("paid again as %v %v", again.PublicExport(), err)
	}
	p.sound(9_100, 900)
	var points int
	if err := p.DB().NewQuery("SELECT count(*) FROM loyalty_movements").Row(&points); err != nil || points != 0 {
		t.Errorf("a bill gave points: %d %v", points, err)
	}
}

// The same reference is the same bill; the same reference for something else is refused.
func TestAReferenceIsOneBill(t *testing.T) {
	p := newPool(t)
	outcomes := map[string]bool{}
	var mu sync.Mutex
	if got := parallel(20, func(int) error {
		bill, err := bills.Make(p.App, p.program, p.ana, bills.Draft{Amount: 900, Title: "2 swims", Reference: "t-1"}, now)
		if err == nil {
			mu.Lock()
			outcomes[bill.Id] = true
			mu.Unlock()
		}
		return err
	}); got[""] != 20 || len(outcomes) != 1 {
		t.Errorf("%v made %d bills", got, len(outcomes))
	}
	for name, draft := range map[string]bills.Draft{
		"amount": {Amount: 901, Title: "2 swims", Reference: "t-1"},
		"title":  {Amount: 900, Title: "3 swims", Reference: "t-1"},
	} {
		_, err := bills.Make(p.App, p.program, p.ana, draft, now)
		t.Log(name)
		refused(t, err, bills.ErrReferenceUsed)
	}
	_, err := bills.Make(p.App, p.program, p.eve, bills.Draft{Amount: 900, Title: "2 swims", Reference: "t-1"}, now)
	refused(t, err, bills.ErrReferenceUsed)
	other := p.publish("other", programs.Owner{Org: p.shop.Org.Id}, p.shop.Owner)
	if _, err := bills.Make(p.App, other, p.ana, bills.Draft{Amount: 5, Title: "Towel", Reference: "t-1"}, now); err != nil {
		t.Errorf("another program's reference: %v", err)
	}
}

func TestWhatIsNoBill(t *testing.T) {
	p := newPool(t)
	good := bills.Draft{Amount: 900, Title: "2 swims", Reference: "t-1"}
	for name, test := range map[string]struct {
		change func(*bills.Draft)
		field  string
	}{
		"nothing":       {func(d *bills.Draft) { d.Amount = 0 }, "amount"},
		"less":          {func(d *bills.Draft) { d.Amount = -5 }, "amount"},
		"a fortune":     {func(d *bills.Draft) { d.Amount = bills.MaxAmount + 1 }, "amount"},
		"no title":      {func(d *bills.Draft) { d.Title = "  " }, "title"},
		"two lines":     {func(d *bills.Draft) { d.Title = "2 swims\nfree" }, "title"},
		"turned round":  {func(d *bills.Draft) { d.Title = "2 swims \u202e00.9" }, "title"},
		"turned detail": {func(d *bills.Draft) { d.Detail = "2 swims\n\u202e00.9" }, "detail"},
		"long title":    {func(d *bills.Draft) { d.Title = string(bytes.Repeat([]byte("x"), bills.TitleLimit+1)) }, "title"},
		"reference":     {func(d *bills.Draft) { d.Reference = "a b" }, "reference"},
		"over already":  {func(d *bills.Draft) { d.Expires = now.Add(-time.Hour) }, "expires"},
		"a month":       {func(d *bills.Draft) { d.Expires = now.AddDate(0, 1, 0) }, "expires"},
	} {
		t.Run(name, func(t *testing.T) {
			draft := good
			test.change(&draft)
			_, err := bills.Make(p.App, p.program, p.ana, draft, now)
			if no := refused(t, err, bills.ErrBadBill); no["field"] != test.field {
				t.Errorf("field %v", no["field"])
			}
		})
	}
	draft := good
	draft.Currency = "USD"
	_, err := bills.Make(p.App, p.program, p.ana, draft, now)
	if no := refused(t, err, bills.ErrCurrency); no["currency"] != "EUR" {
		t.Errorf("%v", no)
	}
	unverified := p.program
	unverified.Tier = programs.TierUnverified
	_, err = bills.Make(p.App, unverified, p.ana, good, now)
	refused(t, err, programs.ErrTierRight)
	for i := range bills.MaxOpen {
		p.ticket("many-" + string(rune('a'+i)))
	}
	_, err = bills.Make(p.App, p.program, p.ana, good, now)
	refused(t, err, bills.ErrTooManyOpen)
	if _, err := bills.Make(p.App, p.program, p.ana, good, now.Add(bills.OpenFor)); err != nil {
		t.Errorf("when the others are over: %v", err)
	}
}

// What cannot be paid is refused by name, and moves nothing.
func TestWhatCannotBePaid(t *testing.T) {
	p := newPool(t)
	pay := func(user, bill *core.Record, at time.Time) error {
		_, err := bills.Pay(p.App, user, bill.Id, payments.FromWallet, at)
		return err
	}
	open := p.ticket("open")
	refused(t, pay(p.eve, open, now), bills.ErrNotFound)
	refused(t, pay(p.shop.Owner, open, now), bills.ErrNotFound)
	refused(t, pay(p.ana, open, now.Add(bills.OpenFor)), bills.ErrExpired)
	if _, err := bills.Pay(p.App, p.ana, "nonexistent", payments.FromWallet, now); !errors.Is(err, bills.ErrNotFound) {
		t.Error(err)
	}
	for _, method := range []string{payments.InCash, payments.ByCard, ""} { // a card is for demonstrations
		_, err := bills.Pay(p.App, p.ana, open.Id, method, now)
		refused(t, err, payments.ErrMethod)
	}
	closed := p.ticket("closed")
	for range 2 {
		if _, err := bills.Close(p.App, "program:swim", p.program.ID, closed.Id, now); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, pay(p.ana, closed, now), bills.ErrNotOpen)
	refused(t, p.refund(closed, "r", 0), bills.ErrNotPaid)
	refused(t, p.refund(open, "r", 0), bills.ErrNotPaid)

	dear, err := bills.Make(p.App, p.program, p.ana, bills.Draft{Amount: 10_001, Title: "A year"}, now)
	if err != nil {
		t.Fatal(err)
	}
	if no := refused(t, pay(p.ana, dear, now), ledger.ErrInsufficientFunds); no["available"] != ledger.Amount(10_000) {
		t.Errorf("%v", no)
	}
	p.sound(10_000, 0)

	paid := p.paid("paid")
	_, err = bills.Close(p.App, "program:swim", p.program.ID, paid.Id, now)
	refused(t, err, bills.ErrNotOpen)
	p.sound(9_100, 900)
}

// A program that is stopped between asking and paying gets nothing; what it was paid before can still be given back.
func TestAStoppedProgramIsNotPaid(t *testing.T) {
	p := newPool(t)
	before, after := p.paid("before"), p.ticket("after")
	stop, err := programs.TakeDown(p.App, programs.Takedown{Scope: programs.ScopeProgram, AppID: "swim", Reason: "complaints"}, p.shop.Owner.Id, now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = bills.Pay(p.App, p.ana, after.Id, payments.FromWallet, now)
	refused(t, err, programs.ErrTakenDown)
	answer := p.client.Must(200, "POST", "/api/bills/"+before.Id+"/refund", apptest.Token(t, p.shop.Owner), map[string]any{"reason": "closed"})
	if answer.Text("status") != bills.Refunded {
		t.Errorf("%s", answer.Body)
	}
	p.sound(10_000, 0)
	if _, err := programs.Restore(p.App, stop.Id, "it was a mistake", p.shop.Owner.Id, now); err != nil {
		t.Fatal(err)
	}
	if _, err := bills.Pay(p.App, p.ana, after.Id, payments.FromWallet, now); err != nil {
		t.Errorf("when it is back: %v", err)
	}
	p.sound(9_100, 900)
}

// Fifty taps at once on two phones of one person pay once, and all of them hear that it is paid.
func TestFiftyTapsPayOnce(t *testing.T) {
	p := newPool(t)
	bill := p.ticket("t-1")
	sessions := []string{apptest.Token(t, p.ana), apptest.Token(t, p.ana)}
	stranger := apptest.Token(t, p.eve)
	var mu sync.Mutex
	answers := map[string]int{}
	parallel(50, func(i int) error {
		headers := map[string]string{}
		if i%3 == 0 {
			headers["Idempotency-Key"] = "tap-" + string(rune('a'+i%7))
		}
		answer := p.client.Do("POST", "/api/bills/"+bill.Id+"/pay", sessions[i%2], map[string]any{"method": "wallet"}, headers)
		theirs := p.client.Do("POST", "/api/bills/"+bill.Id+"/pay", stranger, map[string]any{"method": "wallet"})
		mu.Lock()
		defer mu.Unlock()
		answers[answer.Text("status")+" "+answer.Text("paid_at")]++
		answers["stranger "+theirs.Code()]++
		return nil
	})
	if len(answers) != 2 || answers["stranger bill_not_found"] != 50 {
		t.Errorf("%v", answers)
	}
	p.sound(9_100, 900)
}

// Of a payment and a closing at the same moment exactly one happens.
func TestPayingRacesClosing(t *testing.T) {
	p := newPool(t)
	paid := ledger.Amount(0)
	for round := range 10 {
		bill := p.ticket("race-" + string(rune('a'+round)))
		outcomes := parallel(8, func(i int) error {
			var err error
			if i%2 == 0 {
				_, err = bills.Pay(p.App, p.ana, bill.Id, payments.FromWallet, now)
			} else {
				_, err = bills.Close(p.App, "program:swim", p.program.ID, bill.Id, now)
			}
			return err
		})
		if outcomes[""] != 4 || outcomes["bill_not_open"] != 4 {
			t.Fatalf("%v", outcomes)
		}
		if p.again(bill).GetString("status") == bills.Paid {
			paid += 900
		}
	}
	p.sound(10_000-paid, paid)
}

// Thirds add up to the whole, a key is one refund, and no more goes back than was paid, however many ask at once.
func TestRefunds(t *testing.T) {
	p := newPool(t)
	bill := p.paid("t-1")
	for i, key := range []string{"a", "b", "b", "c"} {
		if err := p.refund(bill, key, 300); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if got := p.again(bill); got.GetString("status") != bills.Refunded || got.GetInt("refunded") != 900 {
		t.Errorf("%v", got.PublicExport())
	}
	refused(t, p.refund(bill, "b", 200), bills.ErrRefundMismatch)
	if no := refused(t, p.refund(bill, "d", 1), bills.ErrRefundTooMuch); no["left"] != ledger.Amount(0) {
		t.Errorf("%v", no)
	}
	p.sound(10_000, 0)

	bill = p.paid("t-2")
	outcomes := parallel(30, func(i int) error { return p.refund(bill, fmt.Sprint("p-", i), 200) })
	if outcomes[""] != 4 || outcomes["refund_too_much"] != 26 {
		t.Errorf("%v", outcomes)
	}
	if got := p.again(bill); got.GetString("status") != bills.PartlyRefunded || got.GetInt("refunded") != 800 {
		t.Errorf("%v", got.PublicExport())
	}
	p.sound(9_900, 100)
	outcomes = parallel(20, func(int) error { return p.refund(bill, "rest", 0) })
	if outcomes[""] != 20 {
		t.Errorf("%v", outcomes)
	}
	p.sound(10_000, 0)
	made, err := bills.Refunds(p.App, bill.Id)
	if err != nil || len(made) != 5 {
		t.Errorf("%v %v", made, err)
	}
}

// Refunds and payments of many bills at once end where the sums say.
func TestTheWholeAfternoonAtOnce(t *testing.T) {
	p := newPool(t)
	var made []*core.Record
	for i := range 10 {
		made = append(made, p.ticket("t-"+string(rune('a'+i))))
	}
	outcomes := parallel(60, func(i int) error {
		bill := made[i%10]
		if _, err := bills.Pay(p.App, p.ana, bill.Id, payments.FromWallet, now); err != nil {
			return err
		}
		return p.refund(bill, "k-"+string(rune('a'+i/10)), 100)
	})
	if outcomes[""] != 60 {
		t.Fatalf("%v", outcomes)
	}
	p.sound(10_000-10*300, 10*300)
}

func TestAPayeeWithoutMoneyCannotRefund(t *testing.T) {
	p := newPool(t)
	bill := p.paid("t-1")
	// The pool has spent its takings.
	err := ledger.Write(p.App, func(tx core.App) error {
		sales, err := ledger.Find(tx, "org:"+p.shop.Org.Id, ledger.KindSales, "EUR")
		if err != nil {
			return err
		}
		world, err := ledger.Open(tx, "plaza", ledger.KindWorld, "EUR", now)
		if err != nil {
			return err
		}
		return ledger.Post(tx, ledger.Transfer{Key: "payout", Debit: sales.ID, Credit: world, Amount: 600, Currency: "EUR", Kind: "payout"}, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	no := refused(t, p.refund(bill, "all", 0), ledger.ErrInsufficientFunds)
	if no["account"] != "payee" || no["available"] != ledger.Amount(300) {
		t.Errorf("%v", no)
	}
	if err := p.refund(bill, "some", 300); err != nil {
		t.Errorf("what it has: %v", err)
	}
	p.sound(9_400, 0)
}

// By card the money comes from outside, and goes back there.
func TestACardIsRefundedToTheCard(t *testing.T) {
	p := newPool(t)
	p.Store().Set("plaza.demo", true)
	bill, err := bills.Pay(p.App, p.ana, p.ticket("t-1").Id, payments.ByCard, now)
	if err != nil {
		t.Fatal(err)
	}
	p.sound(10_000, 900)
	if err := p.refund(bill, "all", 0); err != nil {
		t.Fatal(err)
	}
	p.sound(10_000, 0)
}

// A refund of what another program was paid is a refund of nothing.
func TestAProgramSeesItsOwnBillsOnly(t *testing.T) {
	p := newPool(t)
	bill := p.paid("t-1")
	other := p.publish("other", programs.Owner{Org: p.shop.Org.Id}, p.shop.Owner)
	_, err := bills.Refund(p.App, "program:other", other.ID, bill.Id, bills.Return{Key: "k", Reason: "mine", Source: bills.ByProgram}, now)
	refused(t, err, bills.ErrNotFound)
	_, err = bills.Close(p.App, "program:other", other.ID, bill.Id, now)
	refused(t, err, bills.ErrNotFound)
	_, err = bills.OfProgram(p.App, other.ID, "", "t-1", now)
	refused(t, err, bills.ErrNotFound)
	p.sound(9_100, 900)
}

// What is over is marked so and hears no more of it; after a season it is forgotten, and what was paid never is.
func TestUnpaidBillsEnd(t *testing.T) {
	p := newPool(t)
	open, paid := p.ticket("open"), p.paid("paid")
	if n, err := bills.ExpireOpen(p.App, now.Add(bills.OpenFor-time.Second)); n != 0 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	later := now.Add(bills.OpenFor)
	if n, err := bills.ExpireOpen(p.App, later); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if got := p.again(open).GetString("status"); got != bills.Expired {
		t.Errorf("it is %s", got)
	}
	_, err := bills.Pay(p.App, p.ana, open.Id, payments.FromWallet, now)
	refused(t, err, bills.ErrExpired)
	if n, err := bills.ForgetUnpaid(p.App, later.Add(bills.KeptUnpaid)); n != 0 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if n, err := bills.ForgetUnpaid(p.App, later.Add(bills.KeptUnpaid+time.Second)); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if p.again(paid).GetString("status") != bills.Paid {
		t.Error("a paid bill is gone")
	}
}

// The database itself refuses what the verbs would never do.
func TestTheLastLineHolds(t *testing.T) {
	p := newPool(t)
	open, paid := p.ticket("open"), p.paid("paid")
	for _, statement := range []string{
		"UPDATE bills SET refunded = 901, status = 'refunded' WHERE id = {:paid}",
		"UPDATE bills SET refunded = 100 WHERE id = {:paid}",
		"UPDATE bills SET status = 'open', paid_at = '' WHERE id = {:paid}",
		"UPDATE bills SET paid_at = '2026-01-01 00:00:00.000Z' WHERE id = {:paid}",
		"UPDATE bills SET amount = 1 WHERE id = {:open}",
		"UPDATE bills SET payer = {:eve} WHERE id = {:open}",
		"UPDATE bills SET org = '' WHERE id = {:open}",
		"UPDATE bills SET status = 'paid' WHERE id = {:open}",
		"UPDATE bills SET refunded = 0.5 WHERE id = {:paid}",
		"UPDATE bills SET reference = 'paid' WHERE id = {:open}",
		"DELETE FROM bills WHERE id = {:paid}",
		"INSERT INTO bills_refunds VALUES ({:paid}, 'k', 100, 'r', 'payee', 'x', 'now')",
	} {
		if _, err := p.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"open": open.Id, "paid": paid.Id, "eve": p.eve.Id}).Execute(); err == nil {
			t.Errorf("the database let this happen: %s", statement)
		}
	}
	if err := p.refund(paid, "k", 100); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"UPDATE bills_refunds SET amount = 1", "DELETE FROM bills_refunds",
		"UPDATE bills SET refunded = 0, status = 'paid' WHERE paid_at != ''",
	} {
		if _, err := p.NonconcurrentDB().NewQuery(statement).Execute(); err == nil {
			t.Errorf("the database let this happen: %s", statement)
		}
	}
	p.sound(9_200, 800)
}

// What a trial version asks its testers can be paid before anybody else has the program, unless it is stopped.
func TestATrialIsPaidByItsTesters(t *testing.T) {
	p := newPool(t)
	trial := p.program
	trial.Trial, trial.Tier = true, programs.TierUnverified
	set := func(status string) {
		t.Helper()
		program, err := p.FindRecordById("programs", trial.ID)
		if err != nil {
			t.Fatal(err)
		}
		program.Set("status", status)
		if err := p.Save(program); err != nil {
			t.Fatal(err)
		}
	}
	bill, err := bills.Make(p.App, trial, p.ana, bills.Draft{Amount: 900, Title: "2 swims"}, now)
	if err != nil || !bill.GetBool("trial") {
		t.Fatalf("%v %v", bill, err)
	}
	set("taken_down")
	_, err = bills.Pay(p.App, p.ana, bill.Id, payments.FromWallet, now)
	refused(t, err, programs.ErrTakenDown)
	set("deleted")
	_, err = bills.Pay(p.App, p.ana, bill.Id, payments.FromWallet, now)
	refused(t, err, programs.ErrDeleted)
	set("draft")
	if _, err := bills.Pay(p.App, p.ana, bill.Id, payments.FromWallet, now); err != nil {
		t.Error(err)
	}
	p.sound(9_100, 900)
}
