package bills_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
)

// Everybody who may see a bill sees it with what they may do; nobody sees who paid, and a stranger sees nothing.
func TestWhoSeesABill(t *testing.T) {
	p := newPool(t)
	bill := p.paid("t-1")
	operator := apptest.Operator(t, p.App, "Op")
	path := "/api/bills/" + bill.Id
	for name, test := range map[string]struct {
		user         *core.Record
		mine, refund bool
	}{
		"payer":    {p.ana, true, false},
		"owner":    {p.shop.Owner, false, true},
		"manager":  {p.shop.Manager, false, true},
		"cashier":  {p.shop.Cashier, false, false},
		"operator": {operator, false, true},
	} {
		token := apptest.Token(t, test.user)
		answer := p.client.Must(200, "GET", path, token, nil)
		seen := answer.JSON()
		if seen["mine"] != test.mine || seen["may_refund"] != test.refund {
			t.Errorf("%s: %s", name, answer.Body)
		}
		for _, what := range []string{path, "/api/collections/bills/records/" + bill.Id, "/api/collections/bills/records"} {
			body := string(p.client.Must(200, "GET", what, token, nil).Body)
			if !contains(body, "2 swims") || contains(body, p.ana.Id) && name != "payer" || contains(body, "Ana") {
				t.Errorf("%s at %s: %s", name, what, body)
			}
		}
		again := p.client.Do("POST", path+"/refund", token, map[string]any{"amount": 1, "reason": "sorry"})
		if (again.Status == 200) != test.refund {
			t.Errorf("%s refunds: %d %s", name, again.Status, again.Body)
		}
		if name == "cashier" && again.Code() != identity.ErrRoleRequired.Code || name == "payer" && again.Code() != bills.ErrNotFound.Code {
			t.Errorf("%s refunds: %s", name, again.Code())
		}
	}
	stranger := apptest.Token(t, p.eve)
	for _, ask := range [][2]string{{"GET", path}, {"POST", path + "/pay"}, {"POST", path + "/refund"}} {
		if answer := p.client.Do(ask[0], ask[1], stranger, map[string]any{"method": "wallet", "reason": "mine"}); answer.Code() != bills.ErrNotFound.Code {
			t.Errorf("a stranger's %s: %d %s", ask[1], answer.Status, answer.Body)
		}
	}
	list := p.client.Must(200, "GET", "/api/collections/bills/records", stranger, nil)
	if list.Number("totalItems") != 0 {
		t.Errorf("a stranger lists %s", list.Body)
	}
	if answer := p.client.Do("GET", "/api/collections/bills/records?filter=(payer='"+p.ana.Id+"')", apptest.Token(t, p.shop.Owner), nil); answer.Status == 200 {
		t.Errorf("the payee filters by payer: %s", answer.Body)
	}
	if answer := p.client.Do("GET", path, "", nil); answer.Status != 401 {
		t.Errorf("a guest: %d", answer.Status)
	}
	for _, method := range []string{"PATCH", "DELETE"} {
		if answer := p.client.Do(method, "/api/collections/bills/records/"+bill.Id, apptest.Token(t, p.shop.Owner), map[string]any{"amount": 1}); answer.Status < 400 {
			t.Errorf("%s by rule: %d", method, answer.Status)
		}
	}
	p.sound(9_103, 897)
}

func contains(body, what string) bool { return len(what) > 0 && slices.Contains(words(body), what) }

// words are all strings in a JSON text.
func words(body string) []string {
	var found []string
	var walk func(any)
	walk = func(value any) {
		switch value := value.(type) {
		case string:
			found = append(found, value)
		case []any:
			for _, each := range value {
				walk(each)
			}
		case map[string]any:
			for _, each := range value {
				walk(each)
			}
		}
	}
	var value any
	_ = json.Unmarshal([]byte(body), &value)
	walk(value)
	return found
}

// A refund that is sent twice under its key is one refund; the payer's wallet tells what came and went, and for what.
func TestStaffRefundAndTheWalletTells(t *testing.T) {
	p := newPool(t)
	bill := p.ticket("t-1")
	ana, manager := apptest.Token(t, p.ana), apptest.Token(t, p.shop.Manager)
	path := "/api/bills/" + bill.Id
	p.client.Must(200, "POST", path+"/pay", ana, map[string]any{"method": "wallet"}, map[string]string{"Idempotency-Key": "k"})
	for range 3 {
		p.client.Must(200, "POST", path+"/refund", manager, map[string]any{"amount": 300, "reason": "One did not come"},
			map[string]string{"Idempotency-Key": "r1"})
	}
	if answer := p.client.Do("POST", path+"/refund", manager, map[string]any{"amount": 400, "reason": "One did not come"},
		map[string]string{"Idempotency-Key": "r1"}); answer.Code() != ledger.ErrKeyMismatch.Code {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
	for _, bad := range []map[string]any{{"amount": 300}, {"amount": -1, "reason": "x"}, {"amount": 300, "reason": "  "}, {"amount": 300, "reason": "\u202eback"}} {
		if answer := p.client.Do("POST", path+"/refund", manager, bad); answer.Code() != bills.ErrBadRefund.Code {
			t.Errorf("%v: %d %s", bad, answer.Status, answer.Body)
		}
	}
	if answer := p.client.Do("POST", path+"/refund", manager, map[string]any{"amount": 601, "reason": "x"}); answer.Code() != bills.ErrRefundTooMuch.Code || answer.Data()["left"] != 600.0 {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
	seen := p.client.Must(200, "GET", path, ana, nil).JSON()
	refunds, _ := seen["refunds"].([]any)
	if len(refunds) != 1 || seen["status"] != "partly_refunded" || seen["refunded"] != 300.0 {
		t.Fatalf("%v", seen)
	}
	if first := refunds[0].(map[string]any); first["reason"] != "One did not come" || first["source"] != bills.ByPayee || first["amount"] != 300.0 {
		t.Errorf("%v", first)
	}
	statement, err := payments.Wallet(p.App, p.ana.Id, 0)
	if err != nil || len(statement.Activity) != 3 {
		t.Fatalf("%+v %v", statement, err)
	}
	back, spent := statement.Activity[0], statement.Activity[1]
	if back.Kind != bills.KindRefund || back.Amount != 300 || back.Title != "pool" || back.Purpose != "2 swims" || back.Ref != bill.Id {
		t.Errorf("%+v", back)
	}
	if spent.Kind != bills.KindBill || spent.Amount != -900 || spent.OrgName != "pool" || spent.Program != "Swim swim" {
		t.Errorf("%+v", spent)
	}
	p.sound(9_400, 600)
}

// A single person takes money for a program of their own, into their wallet, as far as the operator lets them.
func TestIndividualsWithinTheirCaps(t *testing.T) {
	p := newPool(t)
	iris := apptest.Person(t, p.App, "Iris")
	lessons := p.publish("lessons", programs.Owner{User: iris.Id}, iris)
	ask := func(amount ledger.Amount, at time.Time) (*core.Record, error) {
		return bills.Make(p.App, lessons, p.ana, bills.Draft{Amount: amount, Title: "A lesson"}, at)
	}
	policy := func(caps check.Individuals) {
		t.Helper()
		current, err := programs.CurrentPolicy(p.App)
		if err != nil {
			t.Fatal(err)
		}
		current.Individuals = caps
		source, err := json.Marshal(current)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := programs.SetPolicy(p.App, source, "", p.shop.Owner.Id, now); err != nil {
			t.Fatal(err)
		}
	}
	policy(check.Individuals{BillMax: 1_000, DayMax: 2_500, MonthMax: 4_000})
	capped := func(err error, which string, limit int64) {
		t.Helper()
		if no := refused(t, err, bills.ErrIndividualCap); no["cap"] != which || no["max"] != limit {
			t.Errorf("%v, want %s %d", no, which, limit)
		}
	}
	_, err := ask(1_001, now)
	capped(err, "bill", 1_000)

	// Four bills are made while there is room for each; the day holds two of them.
	var made []*core.Record
	for range 4 {
		bill, err := ask(1_000, now)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, bill)
	}
	outcomes := parallel(4, func(i int) error {
		_, err := bills.Pay(p.App, p.ana, made[i].Id, payments.FromWallet, now)
		return err
	})
	if outcomes[""] != 2 || outcomes["individual_cap"] != 2 {
		t.Fatalf("%v", outcomes)
	}
	_, err = ask(600, now)
	capped(err, "day", 2_500)
	if got := shop.Purse(t, p.App, iris); got != 2_000 {
		t.Errorf("Iris has %d", got)
	}
	tomorrow := now.Add(24 * time.Hour)
	next, err := ask(1_000, tomorrow)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bills.Pay(p.App, p.ana, next.Id, payments.FromWallet, tomorrow); err != nil {
		t.Fatal(err)
	}
	_, err = ask(1_000, tomorrow.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	// A refund makes no room.
	if _, err := bills.Refund(p.App, iris.Id, lessons.ID, next.Id, bills.Return{Key: "k", Reason: "ill", Source: bills.ByPayee}, tomorrow); err != nil {
		t.Fatal(err)
	}
	policy(check.Individuals{BillMax: 1_000, DayMax: 2_500, MonthMax: 3_500})
	_, err = ask(1_000, tomorrow.Add(24*time.Hour))
	capped(err, "month", 3_500)
	policy(check.Individuals{})
	_, err = ask(1, now.AddDate(1, 0, 0))
	capped(err, "bill", 0)

	_, err = bills.Make(p.App, lessons, iris, bills.Draft{Amount: 100, Title: "Me"}, now)
	refused(t, err, bills.ErrOwnBill)
	irisToken := apptest.Token(t, iris)
	seen := p.client.Must(200, "GET", "/api/bills/"+next.Id, irisToken, nil).JSON()
	if payee := seen["payee"].(map[string]any); payee["kind"] != "person" || payee["name"] != "Iris" || seen["may_refund"] != true {
		t.Errorf("%v", seen)
	}
	proof, err := ledger.Verify(p.App)
	if err != nil || !proof.Sound {
		t.Errorf("%v %v", proof, err)
	}
	statement, err := payments.Wallet(p.App, iris.Id, 0)
	if err != nil || len(statement.Activity) != 4 || statement.Activity[0].Title != "Swim lessons" || statement.Activity[0].Amount != -1_000 {
		t.Errorf("%+v %v", statement.Activity, err)
	}
}

// A maker's own server asks, looks, gives back and closes, with its server key and nothing else.
func TestABackendWithAServerKey(t *testing.T) {
	p := newPool(t)
	record, err := p.FindRecordById("programs", p.program.ID)
	if err != nil {
		t.Fatal(err)
	}
	key, err := programs.NewKey(p.App, record, programs.KeyServer, "shop server", p.shop.Owner.Id, now)
	if err != nil {
		t.Fatal(err)
	}
	upload, err := programs.NewKey(p.App, record, programs.KeyUpload, "builds", p.shop.Owner.Id, now)
	if err != nil {
		t.Fatal(err)
	}
	openID, err := identity.OpenID(p.App, p.ana.Id, "swim")
	if err != nil {
		t.Fatal(err)
	}
	ask := map[string]any{"openid": openID, "amount": 900, "title": "2 swims", "reference": "r-1", "attach": "seat 4"}
	with := map[string]string{programs.ServerKeyHeader: key.Secret}
	do := func(status int, method, path string, body any) apptest.Answer {
		t.Helper()
		return p.client.Must(status, method, "/api/mp/swim/bills"+path, "", body, with)
	}
	made := do(200, "POST", "", ask)
	if again := do(200, "POST", "", ask); again.Text("bill") != made.Text("bill") || again.Text("package") != "prepay_id="+made.Text("bill") {
		t.Errorf("%s", again.Body)
	}
	id := made.Text("bill")
	p.client.Must(200, "POST", "/api/bills/"+id+"/pay", apptest.Token(t, p.ana), map[string]any{"method": "wallet"})
	for range 2 {
		do(200, "POST", "/"+id+"/refund", map[string]any{"key": "k", "amount": 400, "reason": "rain"})
	}
	seen := do(200, "GET", "?reference=r-1", nil)
	if seen.Text("status") != bills.PartlyRefunded || seen.Number("refunded") != 400 || seen.Text("attach") != "seat 4" || seen.Text("openid") != openID {
		t.Errorf("%s", seen.Body)
	}
	if answer := do(409, "POST", "/"+id+"/close", nil); answer.Code() != bills.ErrNotOpen.Code {
		t.Errorf("%s", answer.Body)
	}
	ask["reference"] = "r-2"
	other := do(200, "POST", "", ask).Text("bill")
	do(200, "POST", "/"+other+"/close", nil)
	ask["reference"], ask["openid"] = "r-3", p.ana.Id // a user id is nobody's openid
	if answer := do(404, "POST", "", ask); answer.Code() != identity.ErrOpenIDUnknown.Code {
		t.Errorf("%s", answer.Body)
	}
	for _, wrong := range []map[string]string{
		nil, {programs.ServerKeyHeader: "sk_nonsense"}, {programs.ServerKeyHeader: upload.Secret}, {"X-Upload-Key": key.Secret},
	} {
		for _, call := range [][2]string{{"POST", ""}, {"GET", "/" + id}, {"POST", "/" + id + "/refund"}, {"POST", "/" + id + "/close"}} {
			answer := p.client.Do(call[0], "/api/mp/swim/bills"+call[1], apptest.Token(t, p.shop.Owner), ask, wrong)
			if answer.Status != 401 {
				t.Errorf("%v %v: %d %s", wrong, call, answer.Status, answer.Body)
			}
		}
	}
	p.publish("other", programs.Owner{Org: p.shop.Org.Id}, p.shop.Owner)
	if answer := p.client.Do("GET", "/api/mp/other/bills/"+id, "", nil, with); answer.Status != 401 {
		t.Errorf("another program's: %d %s", answer.Status, answer.Body)
	}
	// What was paid can be given back also while nobody may open the program; nothing new can be asked.
	if _, err := programs.TakeDown(p.App, programs.Takedown{Scope: programs.ScopeProgram, AppID: "swim", Reason: "x"}, p.shop.Owner.Id, now); err != nil {
		t.Fatal(err)
	}
	ask["openid"] = openID
	if answer := do(403, "POST", "", ask); answer.Code() != programs.ErrTakenDown.Code {
		t.Errorf("%s", answer.Body)
	}
	do(200, "POST", "/"+id+"/refund", map[string]any{"key": "rest", "reason": "closed"})
	p.sound(10_000, 0)
}

// The expiry that a maker sets is kept, and the clock decides.
func TestAMakerSetsTheEnd(t *testing.T) {
	p := newPool(t)
	args := bills.MakeArgs{Amount: 900, Title: "2 swims", ExpiresIn: 600}
	bill, err := bills.Make(p.App, p.program, p.ana, args.Draft(now), now)
	if err != nil {
		t.Fatal(err)
	}
	clock.Set(p.App, now.Add(11*time.Minute))
	answer := p.client.Do("POST", "/api/bills/"+bill.Id+"/pay", apptest.Token(t, p.ana), map[string]any{"method": "wallet"})
	if answer.Code() != bills.ErrExpired.Code {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
	for _, seconds := range []int64{-1, 59, int64(bills.OpenMax/time.Second) + 1, 1 << 62} {
		args.ExpiresIn = seconds
		_, err := bills.Make(p.App, p.program, p.ana, args.Draft(now), now)
		if no := refused(t, err, bills.ErrBadBill); no["field"] != "expires" {
			t.Errorf("%d: %v", seconds, no)
		}
	}
}
