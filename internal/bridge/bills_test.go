package bridge

import (
	"encoding/json"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
)

// asked is what a function of the program gets from a method of bills.
func (town *town) asked(t *testing.T, name string, args any) bills.Asked {
	t.Helper()
	answer := town.function(t, name, args)
	if answer.Status != 200 {
		t.Fatalf("%s: %d %s", name, answer.Status, answer.Body)
	}
	var found struct{ Result bills.Asked }
	if err := json.Unmarshal(answer.Body, &found); err != nil {
		t.Fatal(err)
	}
	return found.Result
}

// A function makes the bill, its caller pays it in the host's own sheet, and the function sees it and gives it back.
// No page can do any of that, and what the function is told names nobody.
func TestAFunctionSellsByBill(t *testing.T) {
	town := newTown(t)
	shop.Fund(t, town.App, town.customer, 1_000)
	draft := map[string]any{"amount": 450, "title": "A swim", "reference": "s-1", "attach": "lane 3", "expires_in": 900}
	for _, name := range []string{"bills.make", "bills.get", "bills.refund", "bills.close"} {
		if answer := town.page(t, name, draft); answer.Code() != ErrFunctionOnly.Code {
			t.Errorf("a page's %s: %d %s", name, answer.Status, answer.Body)
		}
	}
	made := town.asked(t, "bills.make", draft)
	openID, err := identity.OpenID(town.App, town.customer.Id, "hello")
	if err != nil {
		t.Fatal(err)
	}
	if made.Status != bills.Open || made.OpenID != openID || made.Package != "prepay_id="+made.Bill || made.Currency != "EUR" || made.Attach != "lane 3" {
		t.Errorf("%+v", made)
	}
	if again := town.asked(t, "bills.make", draft); again.Bill != made.Bill {
		t.Errorf("the same reference made %s and %s", made.Bill, again.Bill)
	}
	if _, err := bills.Pay(town.App, town.customer, made.Bill, payments.FromWallet, now); err != nil {
		t.Fatal(err)
	}
	if paid := town.asked(t, "bills.get", map[string]any{"reference": "s-1"}); paid.Status != bills.Paid || paid.Method != payments.FromWallet {
		t.Errorf("%+v", paid)
	}
	for range 2 {
		town.asked(t, "bills.refund", map[string]any{"bill": made.Bill, "key": "k", "amount": 50, "reason": "cold water"})
	}
	rest := town.asked(t, "bills.refund", map[string]any{"reference": "s-1", "key": "rest"})
	if rest.Status != bills.Refunded || len(rest.Refunds) != 2 || rest.Refunds[0].Source != bills.ByProgram {
		t.Errorf("%+v", rest)
	}
	for _, bad := range []struct {
		method, code string
		args         map[string]any
	}{
		{"bills.get", bills.ErrNotFound.Code, map[string]any{"reference": "none"}},
		{"bills.get", ErrBadArgs.Code, map[string]any{}},
		{"bills.close", bills.ErrNotOpen.Code, map[string]any{"reference": "s-1"}},
		{"bills.refund", bills.ErrRefundTooMuch.Code, map[string]any{"reference": "s-1", "key": "more", "amount": 1}},
		{"bills.make", bills.ErrBadBill.Code, map[string]any{"amount": 1.0, "title": ""}},
		{"bills.make", identity.ErrOpenIDUnknown.Code, map[string]any{"amount": 1, "title": "x", "openid": town.stranger.Id}},
	} {
		if answer := town.function(t, bad.method, bad.args); answer.Code() != bad.code {
			t.Errorf("%s %v: %d %s, want %s", bad.method, bad.args, answer.Status, answer.Body, bad.code)
		}
	}
	if proof, err := ledger.Verify(town.App); err != nil || !proof.Sound {
		t.Errorf("%v %v", proof, err)
	}
}

// A function may ask another person of the program, by the openid that it knows them by; they alone can pay.
func TestAFunctionAsksAnotherPerson(t *testing.T) {
	town := newTown(t)
	bea := shop.Customer(t, town.App, "Bea", 1_000)
	if _, err := programs.Launch(town.App, bea, "hello", programs.Opening{}, now); err != nil {
		t.Fatal(err)
	}
	openID, err := identity.OpenID(town.App, bea.Id, "hello")
	if err != nil {
		t.Fatal(err)
	}
	made := town.asked(t, "bills.make", map[string]any{"openid": openID, "amount": 300, "title": "Your share"})
	if _, err := bills.Pay(town.App, town.customer, made.Bill, payments.FromWallet, now); err == nil {
		t.Error("somebody else paid it")
	}
	if _, err := bills.Pay(town.App, bea, made.Bill, payments.FromWallet, now.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if got := shop.Purse(t, town.App, bea); got != 700 {
		t.Errorf("Bea has %d", got)
	}
}

// The words that programs for WeChat use make the same bills.
func TestCloudPayIsBills(t *testing.T) {
	town := newTown(t)
	shop.Fund(t, town.App, town.customer, 1_000)
	town.publish(t, map[string]string{"cloudfunctions/echo/index.js": `
		const cloud = require("wx-server-sdk")
		cloud.init()
		const trade = { outTradeNo: "wx-1" }
		exports.main = async ({ step }) => {
			if (step === "order") return cloud.cloudPay.unifiedOrder({ body: "A swim", ...trade, totalFee: 450, spbillCreateIp: "127.0.0.1", subMchId: "1" })
			if (step === "refund") return cloud.cloudPay.refund({ ...trade, outRefundNo: "r-1", totalFee: 450, refundFee: 450 })
			return cloud.cloudPay.queryOrder(trade)
		}
	`})
	town.open(t)
	step := func(name string) map[string]any {
		t.Helper()
		answer := town.send(t, town.customer, "/api/mp/hello/call/echo", town.launch.Token, map[string]any{"event": map[string]any{"step": name}})
		if answer.Status != 200 {
			t.Fatalf("%s: %d %s", name, answer.Status, answer.Body)
		}
		result, _ := answer.JSON()["result"].(map[string]any)
		return result
	}
	payment, _ := step("order")["payment"].(map[string]any)
	pack, _ := payment["package"].(string)
	if len(pack) < len(bills.PackagePrefix) {
		t.Fatalf("%v", payment)
	}
	if state := step("query")["tradeState"]; state != "NOTPAY" {
		t.Errorf("before paying it is %v", state)
	}
	if _, err := bills.Pay(town.App, town.customer, pack[len(bills.PackagePrefix):], payments.FromWallet, now); err != nil {
		t.Fatal(err)
	}
	if state := step("query")["tradeState"]; state != "SUCCESS" {
		t.Errorf("after paying it is %v", state)
	}
	if state := step("refund")["tradeState"]; state != "REFUND" {
		t.Errorf("after the refund it is %v", state)
	}
	if got := shop.Purse(t, town.App, town.customer); got != 1_000 {
		t.Errorf("the customer has %d", got)
	}
}
