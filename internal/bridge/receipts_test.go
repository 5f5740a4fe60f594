package bridge

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/receipts"
)

// receipt is what a function of the program gets from a method of receipts.
func (town *town) receipt(t *testing.T, name string, args any) receipts.Receipt {
	t.Helper()
	answer := town.function(t, name, args)
	if answer.Status != 200 {
		t.Fatalf("%s: %d %s", name, answer.Status, answer.Body)
	}
	var found struct{ Result receipts.Receipt }
	if err := json.Unmarshal(answer.Body, &found); err != nil {
		t.Fatal(err)
	}
	return found.Result
}

// paid is a bill of the program that the customer has paid.
func (town *town) paid(t *testing.T, reference string) *core.Record {
	t.Helper()
	bill, err := bills.Make(town.App, town.program(t), town.customer, bills.Draft{Amount: 450, Title: "A fine", Reference: reference}, now)
	if err == nil {
		_, err = bills.Pay(town.App, town.customer, bill.Id, payments.FromWallet, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	return bill
}

func newOffice(t *testing.T) *town {
	t.Helper()
	town := newTown(t, cloudfiles.Register, receipts.Register, bills.Register)
	shop.Fund(t, town.App, town.customer, 10_000)
	return town
}

// A receipt takes amount, payer and time from the bill whatever the program says, is the same for the same reference,
// has a paper that is the person's, and tells anybody who asks for its number what became of the money.
func TestAReceiptOfABill(t *testing.T) {
	town := newOffice(t)
	bill := town.paid(t, "fine-1")
	draft := map[string]any{
		"bill": bill.Id, "reference": "r-1", "title": "Parking – 停车", "language": "zh", "amount": 1, "currency": "USD",
		"lines": []any{map[string]any{"label": "车牌", "value": "AB-123-CD"}},
	}
	if answer := town.page(t, "receipts.issue", draft); answer.Code() != ErrFunctionOnly.Code {
		t.Errorf("a page issues: %d %s", answer.Status, answer.Body)
	}
	made := town.receipt(t, "receipts.issue", draft)
	claims := claimsOf(t, made.Token)
	if claims.Amount != 450 || claims.Currency != "EUR" || claims.Paid != now.Unix() || claims.Title != "Parking – 停车" || claims.Number != made.Number || claims.Demo {
		t.Errorf("%+v", claims)
	}
	if strings.Contains(made.Token, town.customer.Id) || made.OpenID != town.launch.OpenID || made.Status != receipts.Valid {
		t.Errorf("%+v", made)
	}
	draft["title"], draft["language"] = "Other words", "en"
	again := town.receipt(t, "receipts.issue", draft)
	got := town.receipt(t, "receipts.get", map[string]any{"number": made.Number})
	if again.Token != made.Token || got.Token != made.Token || again.File != made.File || !strings.HasPrefix(made.QR, "data:image/png;base64,") {
		t.Errorf("again: %+v", again)
	}
	paper := town.client.Do("GET", made.PDF, "", nil)
	if paper.Status != 200 || !strings.HasPrefix(string(paper.Body), "%PDF-") || paper.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("the paper: %d %s", paper.Status, paper.Header.Get("Content-Type"))
	}
	if files, err := cloudfiles.Owned(town.App, "hello", town.launch.OpenID); err != nil || len(files) != 1 {
		t.Errorf("the person's files: %+v %v", files, err)
	}
	for _, step := range []struct {
		amount int64
		want   string
	}{{0, receipts.Valid}, {50, receipts.PartlyRefunded}, {400, receipts.Refunded}} {
		if step.amount > 0 {
			town.asked(t, "bills.refund", map[string]any{"bill": bill.Id, "key": step.want, "amount": step.amount})
		}
		answer := town.client.Do("GET", "/api/receipts/"+made.Number, "", nil)
		if answer.Status != 200 || answer.Text("status") != step.want || strings.Contains(string(answer.Body), "AB-123") || strings.Contains(string(answer.Body), made.OpenID) {
			t.Errorf("after %d: %s", step.amount, answer.Body)
		}
	}
	if late := town.receipt(t, "receipts.issue", draft); late.Token != made.Token || late.Status != receipts.Refunded {
		t.Errorf("issued again after the refund: %+v", late)
	}
	if answer := town.client.Do("GET", "/api/receipts/0000-0000-0000", "", nil); answer.Code() != receipts.ErrNotFound.Code {
		t.Errorf("a guessed number: %s", answer.Body)
	}
}

func claimsOf(t *testing.T, token string) receipts.Claims {
	t.Helper()
	claims, err := receipts.Unverified(token)
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// What cannot be a receipt is refused with its reason: bills that are not paid, are given back or are another
// program's; references and bills that are used; words that hide; more than fits a code.
func TestWhatIsNoReceipt(t *testing.T) {
	town := newOffice(t)
	first, second, back := town.paid(t, "a"), town.paid(t, "b"), town.paid(t, "c")
	town.asked(t, "bills.refund", map[string]any{"bill": back.Id, "key": "all"})
	open, err := bills.Make(town.App, town.program(t), town.customer, bills.Draft{Amount: 1, Title: "Open", Reference: "open"}, now)
	if err != nil {
		t.Fatal(err)
	}
	with := func(more map[string]any) map[string]any {
		draft := map[string]any{"reference": "x", "title": "T", "language": "en"}
		for key, value := range more {
			draft[key] = value
		}
		return draft
	}
	town.receipt(t, "receipts.issue", with(map[string]any{"bill": first.Id, "reference": "first"}))
	line := func(label, value string) []any { return []any{map[string]any{"label": label, "value": value}} }
	var many, long []any
	for range receipts.MaxLines + 1 {
		many = append(many, line("a", "b")...)
	}
	for range receipts.MaxLines {
		long = append(long, line(strings.Repeat("长", receipts.LabelLimit), strings.Repeat("长", receipts.ValueLimit))...)
	}
	for name, c := range map[string]struct {
		code string
		args map[string]any
	}{
		"an unpaid bill":      {bills.ErrNotPaid.Code, with(map[string]any{"bill": open.Id})},
		"a bill given back":   {bills.ErrNotPaid.Code, with(map[string]any{"bill": back.Id})},
		"no such bill":        {bills.ErrNotFound.Code, with(map[string]any{"bill": "nothing"})},
		"another's reference": {receipts.ErrReferenceUsed.Code, with(map[string]any{"bill": second.Id, "reference": "first"})},
		"a reference twice":   {receipts.ErrReferenceUsed.Code, with(map[string]any{"reference": "first"})},
		"a bill twice":        {receipts.ErrBillUsed.Code, with(map[string]any{"bill": first.Id, "reference": "more"})},
		"another payer":       {receipts.ErrBad.Code, with(map[string]any{"bill": second.Id, "openid": "somebody"})},
		"an unknown person":   {"openid_unknown", with(map[string]any{"openid": "somebody"})},
		"no title":            {receipts.ErrBad.Code, with(map[string]any{"title": " "})},
		"a turned title":      {receipts.ErrBad.Code, with(map[string]any{"title": "a\u202eb"})},
		"a broken line":       {receipts.ErrBad.Code, with(map[string]any{"lines": line("a\nb", "c")})},
		"many lines":          {receipts.ErrBad.Code, with(map[string]any{"lines": many})},
		"too much for a code": {receipts.ErrTooLong.Code, with(map[string]any{"lines": long})},
		"no language":         {receipts.ErrBad.Code, with(map[string]any{"language": "de"})},
		"a bad reference":     {receipts.ErrBad.Code, with(map[string]any{"reference": "a b"})},
		"a negative amount":   {receipts.ErrBad.Code, with(map[string]any{"amount": -1})},
		"no currency":         {receipts.ErrBad.Code, with(map[string]any{"amount": 1})},
	} {
		if answer := town.function(t, "receipts.issue", c.args); answer.Code() != c.code {
			t.Errorf("%s: %d %s, want %s", name, answer.Status, answer.Body, c.code)
		}
	}
	for _, args := range []map[string]any{{"reference": "none"}, {"number": "0000-0000-0000"}} {
		if answer := town.function(t, "receipts.get", args); answer.Code() != receipts.ErrNotFound.Code {
			t.Errorf("%v: %s", args, answer.Body)
		}
	}
	if answer := town.function(t, "receipts.get", map[string]any{}); answer.Code() != ErrBadArgs.Code {
		t.Errorf("%s", answer.Body)
	}
}

// A key that is taken away is followed by another, and what the old one signed stays known. The file is nobody else's
// to read.
func TestKeysAreNeverForgotten(t *testing.T) {
	town := newOffice(t)
	issue := func(reference string) string {
		return town.receipt(t, "receipts.issue", map[string]any{"reference": reference, "title": "T", "language": "en"}).Token
	}
	keys := func() (ids []string) {
		answer := town.client.Do("GET", "/api/receipts/keys", "", nil)
		list, _ := answer.JSON()["keys"].([]any)
		for _, key := range list {
			one, _ := key.(map[string]any)
			id, _ := one["kid"].(string)
			ids = append(ids, id)
			if one["kty"] != "OKP" || one["crv"] != "Ed25519" || one["d"] != nil || answer.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("the key %v", one)
			}
		}
		return ids
	}
	if before := keys(); len(before) != 1 {
		t.Errorf("before the first receipt: %v", before)
	}
	first := issue("a")
	file := filepath.Join(town.DataDir(), "receipts.key")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key's file: %v %v", info, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	second := issue("b")
	if known := keys(); len(known) != 2 || known[0] == known[1] || strings.Split(first, ".")[0] == strings.Split(second, ".")[0] {
		t.Errorf("keys are %v", known)
	}
	if again := issue("a"); again != first {
		t.Error("the first receipt was signed anew")
	}
}

// Another program sees neither the receipt nor the bill, and its own reference of the same name is another receipt.
func TestAProgramHasItsOwnReceiptsOnly(t *testing.T) {
	town := newOffice(t)
	bill := town.paid(t, "a")
	made := town.receipt(t, "receipts.issue", map[string]any{"bill": bill.Id, "reference": "r", "title": "T", "language": "en"})
	other := town.program(t)
	other.ID, other.AppID = "anotherprogram1", "other"
	if _, err := receipts.OfProgram(town.App, other.ID, made.Number, "", now); err == nil {
		t.Error("another program sees it")
	}
	if _, err := receipts.Issue(t.Context(), town.App, other, receipts.Draft{Bill: bill.Id, Reference: "r", Title: "T", Language: "en"}, now); err == nil {
		t.Error("another program signs for the bill")
	}
}

// However many ask at once for one reference there is one receipt, and one bill has one.
func TestParallelIssuesAreOneReceipt(t *testing.T) {
	town := newOffice(t)
	bill, program := town.paid(t, "a"), town.program(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	tokens, refused := map[string]int{}, map[string]int{}
	for i := range 24 {
		group.Go(func() {
			reference := []string{"one", "one", "two"}[i%3]
			made, err := receipts.Issue(t.Context(), town.App, program, receipts.Draft{Bill: bill.Id, Reference: reference, Title: "T", Language: "en"}, now)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				refused[err.Error()]++
				return
			}
			tokens[made.Token]++
		})
	}
	group.Wait()
	var rows int
	if err := town.DB().NewQuery("SELECT count(*) FROM receipts").Row(&rows); err != nil || rows != 1 || len(tokens) != 1 || len(refused) != 1 {
		t.Errorf("%d rows, %v, %v, %v", rows, tokens, refused, err)
	}
	if files, err := cloudfiles.Owned(town.App, "hello", town.launch.OpenID); err != nil || len(files) != 1 {
		t.Errorf("%d papers (%v)", len(files), err)
	}
}

// A hook, which nobody asked, signs for the payer; without a bill it must say for whom.
func TestAHookSigns(t *testing.T) {
	town := newOffice(t)
	bill := town.paid(t, "a")
	alone := call{ctx: t.Context(), app: town.App, program: town.program(t), now: now, function: true, source: "payment.paid"}
	answer, err := receiptsIssue(alone, receipts.Draft{Bill: bill.Id, Reference: "r", Title: "T", Language: "fr", Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	made, _ := answer.(receipts.Receipt)
	if made.OpenID != town.launch.OpenID || !made.Demo || !claimsOf(t, made.Token).Demo {
		t.Errorf("%+v", made)
	}
	if _, err := receiptsIssue(alone, receipts.Draft{Reference: "s", Title: "T", Language: "fr"}); err == nil {
		t.Error("signed for nobody")
	}
}

// The receipts of a trial say so, whatever the program says.
func TestATrialsReceiptsAreDemonstrations(t *testing.T) {
	town := newOffice(t)
	program := town.program(t)
	program.Trial = true
	made, err := receipts.Issue(t.Context(), town.App, program, receipts.Draft{OpenID: town.launch.OpenID, Reference: "r", Title: "T", Language: "en"}, now)
	if err != nil || !made.Demo || !claimsOf(t, made.Token).Demo {
		t.Errorf("%+v %v", made, err)
	}
}

// A program without room for files has its receipts all the same, and their papers once there is room.
func TestAReceiptHoldsWithoutItsPaper(t *testing.T) {
	town := newOffice(t)
	fill := func(files int) {
		t.Helper()
		if _, err := town.NonconcurrentDB().NewQuery("INSERT INTO cloudfiles_usage (appid, bytes, files) VALUES ('hello', 0, {:n}) ON CONFLICT (appid) DO UPDATE SET files = {:n}").
			Bind(map[string]any{"n": files}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	fill(cloudfiles.FilesEach)
	draft := map[string]any{"reference": "r", "title": "T", "language": "en"}
	made := town.receipt(t, "receipts.issue", draft)
	if made.Token == "" || made.File != "" || made.PDF != "" || made.Missing != cloudfiles.ErrQuota.Code {
		t.Errorf("%+v", made)
	}
	fill(0)
	if again := town.receipt(t, "receipts.issue", draft); again.Token != made.Token || again.File == "" || again.Missing != "" {
		t.Errorf("%+v", again)
	}
}

// Statements that no payment stands behind are counted, those of bills are not.
func TestStatedReceiptsAreFew(t *testing.T) {
	town := newOffice(t)
	program := town.program(t)
	if _, err := town.NonconcurrentDB().NewQuery(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {:most})
		INSERT INTO receipts SELECT printf('S%013d', i), {:program}, 'hello', 's-' || i, '', 'o', '', 't', '', 0, {:now} FROM n`).
		Bind(map[string]any{"most": receipts.StatedPerDay, "program": program.ID, "now": now.UTC().Format("2006-01-02 15:04:05.000Z")}).Execute(); err != nil {
		t.Fatal(err)
	}
	draft := receipts.Draft{OpenID: town.launch.OpenID, Reference: "r", Title: "T", Language: "en"}
	if _, err := receipts.Issue(t.Context(), town.App, program, draft, now.Add(time.Hour)); err == nil || !strings.Contains(err.Error(), receipts.ErrTooMany.Code) {
		t.Errorf("one more: %v", err)
	}
	if _, err := receipts.Issue(t.Context(), town.App, program, draft, now.Add(25*time.Hour)); err != nil {
		t.Errorf("a day later: %v", err)
	}
	bill := town.paid(t, "a")
	if _, err := receipts.Issue(t.Context(), town.App, program, receipts.Draft{Bill: bill.Id, Reference: "b", Title: "T", Language: "en"}, now.Add(time.Hour)); err != nil {
		t.Errorf("of a bill: %v", err)
	}
}

// At a desk functions know the role, and a page that lost its person's job loses it in the middle of its work. In an
// ordinary launch nobody has a role.
func TestDeskRolesInFunctions(t *testing.T) {
	town := newTown(t)
	town.publish(t, map[string]string{
		"manifest.json":                `{"app_id":"hello","name":"Hello","x_plaza":{"functions":["echo"],"desk":"pages/index/index"}}`,
		"cloudfunctions/echo/index.js": `exports.main = async () => require("wx-server-sdk").getWXContext().DESK`,
	})
	role := func(user *core.Record, launch programs.Launched) apptest.Answer {
		t.Helper()
		return town.send(t, user, "/api/mp/hello/call/echo", launch.Token, map[string]any{"event": map[string]any{}})
	}
	open := func(user *core.Record, desk bool) programs.Launched {
		t.Helper()
		launch, err := programs.Launch(town.App, user, "hello", programs.Opening{Desk: desk}, now)
		if err != nil {
			t.Fatal(err)
		}
		return launch
	}
	till, boss := apptest.Person(t, town, "till"), apptest.Person(t, town, "boss")
	job := apptest.Staff(t, town, town.shop, till, "cashier")
	apptest.Staff(t, town, town.shop, boss, "owner")
	atDesk := open(till, true)
	for _, c := range []struct {
		name   string
		user   *core.Record
		launch programs.Launched
		want   string
	}{
		{"a cashier", till, atDesk, "cashier"},
		{"an owner", boss, open(boss, true), "owner"},
		{"an owner who shops", boss, open(boss, false), ""},
		{"a customer", town.customer, open(town.customer, false), ""},
	} {
		if got, ok := role(c.user, c.launch).JSON()["result"].(string); !ok || got != c.want {
			t.Errorf("%s is %q, want %q", c.name, got, c.want)
		}
	}
	if got := role(boss, atDesk); got.Code() != programs.ErrLaunchInvalid.Code {
		t.Errorf("somebody else's desk: %d %s", got.Status, got.Body)
	}
	if err := town.Delete(job); err != nil {
		t.Fatal(err)
	}
	if got := role(till, atDesk); got.Code() != programs.ErrDeskStaff.Code {
		t.Errorf("after the job: %d %s", got.Status, got.Body)
	}
	if got := town.send(t, till, "/api/mp/hello/bridge/clouddb.get", atDesk.Token, map[string]any{"args": map[string]any{"collection": "notes"}}); got.Code() != programs.ErrDeskStaff.Code {
		t.Errorf("a page after the job: %d %s", got.Status, got.Body)
	}
}
