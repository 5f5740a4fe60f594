package ledger_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/ledger"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, app core.App, owner, kind string) string {
	t.Helper()
	var id string
	write(t, app, func(tx core.App) (err error) {
		id, err = ledger.Open(tx, owner, kind, "EUR", noon)
		return err
	})
	return id
}

func write(t testing.TB, app core.App, verb func(tx core.App) error) {
	t.Helper()
	if err := ledger.Write(app, verb); err != nil {
		t.Fatal(err)
	}
}

func transfer(key, debit, credit string, amount ledger.Amount) ledger.Transfer {
	return ledger.Transfer{Key: key, Debit: debit, Credit: credit, Amount: amount, Currency: "EUR", Kind: "test", Ref: "ref"}
}

func post(app core.App, t ledger.Transfer) error {
	return ledger.Write(app, func(tx core.App) error { return ledger.Post(tx, t, noon) })
}

// wallet opens the wallet of that person with money in it.
func wallet(t testing.TB, app core.App, person string, amount ledger.Amount) string {
	t.Helper()
	id := open(t, app, "user:"+person, ledger.KindWallet)
	if amount > 0 {
		if err := post(app, transfer("topup:"+person, open(t, app, "plaza", ledger.KindWorld), id, amount)); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

func wantBalance(t testing.TB, app core.App, owner, kind string, balance, held ledger.Amount) {
	t.Helper()
	account, err := ledger.Find(app, owner, kind, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	if account.Balance != balance || account.Held != held {
		t.Errorf("%s %s has %d with %d held, want %d with %d", owner, kind, account.Balance, account.Held, balance, held)
	}
}

func wantSound(t testing.TB, app core.App) ledger.Proof {
	t.Helper()
	proof, err := ledger.Verify(app)
	if err != nil {
		t.Fatal(err)
	}
	if !proof.Sound {
		t.Fatalf("the books are not sound: %+v", proof.Findings)
	}
	return proof
}

func wantRefusal(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// An account is one per owner, kind and currency, however often it is opened.
func TestAnAccountIsOpenedOnce(t *testing.T) {
	app := apptest.New(t)
	ann := open(t, app, "user:ann", ledger.KindWallet)
	if again := open(t, app, "user:ann", ledger.KindWallet); again != ann {
		t.Errorf("opening twice made two accounts, %s and %s", ann, again)
	}
	for _, other := range []string{"user:bob", "org:ann"} {
		if open(t, app, other, ledger.KindWallet) == ann {
			t.Errorf("%s shares an account", other)
		}
	}
	missing, err := ledger.Find(app, "user:carl", ledger.KindWallet, "EUR")
	if err != nil || missing.ID != "" || missing.Balance != 0 || missing.Owner != "user:carl" {
		t.Errorf("an account nobody opened is %+v, %v", missing, err)
	}
}

// Only the world may owe: an account that could go below zero is not opened for anybody else.
func TestNobodyElseOpensAnOverdraft(t *testing.T) {
	app := apptest.New(t)
	for _, bad := range [][3]string{
		{"user:ann", ledger.KindWorld, "EUR"},
		{"org:shop", ledger.KindWorld, "EUR"},
		{"ann", ledger.KindWallet, "EUR"},
		{"user:", ledger.KindWallet, "EUR"},
		{"user:ann", "savings", "EUR"},
		{"user:ann", ledger.KindWallet, "EURO"},
	} {
		if _, err := ledger.Open(app, bad[0], bad[1], bad[2], noon); err == nil {
			t.Errorf("%v was opened", bad)
		}
	}
}

// A payment one cent over the balance moves nothing, the exact balance pays.
func TestOneCentShortMovesNothing(t *testing.T) {
	app := apptest.New(t)
	ann, shop := wallet(t, app, "ann", 1000), open(t, app, "org:shop", ledger.KindSales)
	wantRefusal(t, post(app, transfer("a", ann, shop, 1001)), ledger.ErrInsufficientFunds)
	wantBalance(t, app, "user:ann", ledger.KindWallet, 1000, 0)
	wantBalance(t, app, "org:shop", ledger.KindSales, 0, 0)
	if err := post(app, transfer("a", ann, shop, 1000)); err != nil {
		t.Fatal(err)
	}
	wantBalance(t, app, "user:ann", ledger.KindWallet, 0, 0)
	wantBalance(t, app, "org:shop", ledger.KindSales, 1000, 0)
	if proof := wantSound(t, app); proof.Transfers != 2 {
		t.Errorf("%d transfers, want 2", proof.Transfers)
	}
}

// A key is one transfer: the same again is nothing, anything else under it is refused.
func TestATransferKeyIsUsedOnce(t *testing.T) {
	app := apptest.New(t)
	ann, bob := wallet(t, app, "ann", 1000), wallet(t, app, "bob", 0)
	first := transfer("k", ann, bob, 400)
	for range 3 {
		if err := post(app, first); err != nil {
			t.Fatal(err)
		}
	}
	wantBalance(t, app, "user:bob", ledger.KindWallet, 400, 0)
	for name, change := range map[string]func(*ledger.Transfer){
		"amount": func(t *ledger.Transfer) { t.Amount++ },
		"ref":    func(t *ledger.Transfer) { t.Ref = "other" },
		"kind":   func(t *ledger.Transfer) { t.Kind = "other" },
		"sides":  func(t *ledger.Transfer) { t.Debit, t.Credit = t.Credit, t.Debit },
	} {
		other := first
		change(&other)
		if err := post(app, other); !errors.Is(err, ledger.ErrTransferMismatch) {
			t.Errorf("another %s under the same key: %v", name, err)
		}
	}
	// The answer to a repeated transfer does not depend on what the account has by now.
	if err := post(app, transfer("all", ann, bob, 600)); err != nil {
		t.Fatal(err)
	}
	if err := post(app, first); err != nil {
		t.Errorf("repeated on an empty account: %v", err)
	}
	wantSound(t, app)
}

// Amounts are positive and stay in what JSON can carry, and so do balances.
func TestAmountsStayExact(t *testing.T) {
	app := apptest.New(t)
	world, ann := open(t, app, "plaza", ledger.KindWorld), wallet(t, app, "ann", 0)
	for i, amount := range []ledger.Amount{0, -1, ledger.MaxAmount + 1, -1 << 63, 1<<63 - 1} {
		wantRefusal(t, post(app, transfer(fmt.Sprint("bad", i), world, ann, amount)), ledger.ErrBadAmount)
	}
	if err := post(app, transfer("max", world, ann, ledger.MaxAmount)); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, post(app, transfer("more", world, ann, 1)), ledger.ErrAccountFull)
	wantBalance(t, app, "user:ann", ledger.KindWallet, ledger.MaxAmount, 0)
	wantSound(t, app)
}

// What cannot be a transfer is a mistake of the caller and moves nothing.
func TestATransferNeedsTwoAccountsOfOneCurrency(t *testing.T) {
	app := apptest.New(t)
	ann, bob := wallet(t, app, "ann", 1000), wallet(t, app, "bob", 0)
	foreign := transfer("currency", ann, bob, 1)
	foreign.Currency = "CNY"
	for _, bad := range []ledger.Transfer{
		transfer("self", ann, ann, 1), transfer("", ann, bob, 1), transfer("from", "nobody", bob, 1),
		transfer("to", ann, "nobody", 1), foreign,
	} {
		if err := post(app, bad); err == nil {
			t.Errorf("%+v was posted", bad)
		}
	}
	wantBalance(t, app, "user:ann", ledger.KindWallet, 1000, 0)
	wantSound(t, app)
}

// A refused Post leaves nothing behind, so a verb may catch it and pay in another way.
func TestAVerbMayGoOnAfterARefusedPost(t *testing.T) {
	app := apptest.New(t)
	ann, bob, shop := wallet(t, app, "ann", 10), wallet(t, app, "bob", 100), open(t, app, "org:shop", ledger.KindSales)
	write(t, app, func(tx core.App) error {
		wantRefusal(t, ledger.Post(tx, transfer("ann", ann, shop, 50), noon), ledger.ErrInsufficientFunds)
		return ledger.Post(tx, transfer("bob", bob, shop, 50), noon)
	})
	wantBalance(t, app, "user:ann", ledger.KindWallet, 10, 0)
	wantBalance(t, app, "org:shop", ledger.KindSales, 50, 0)
	wantSound(t, app)
}

// Whatever many people do at once, no money appears or goes, nobody is below zero, and the history replays to
// the balances.
func TestRandomTransfersOnManyGoroutines(t *testing.T) {
	app := apptest.New(t)
	const people, workers, each = 6, 16, 40
	var wallets []string
	for i := range people {
		wallets = append(wallets, wallet(t, app, fmt.Sprint(i), 1000))
	}
	var wait sync.WaitGroup
	for worker := range workers {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 7))
			for i := range each {
				from, to := random.IntN(people), random.IntN(people)
				if from == to {
					continue
				}
				// Keys are drawn from a small range, so that some are repeated with the same or other contents.
				key := fmt.Sprint("r", random.IntN(workers*each))
				err := post(app, transfer(key, wallets[from], wallets[to], ledger.Amount(1+random.IntN(700))))
				if err != nil && !errors.Is(err, ledger.ErrInsufficientFunds) && !errors.Is(err, ledger.ErrTransferMismatch) {
					t.Errorf("worker %d transfer %d: %v", worker, i, err)
				}
			}
		})
	}
	wait.Wait()
	wantSound(t, app)
	var total ledger.Amount
	for i := range people {
		account, err := ledger.Find(app, fmt.Sprint("user:", i), ledger.KindWallet, "EUR")
		if err != nil || account.Balance < 0 {
			t.Fatalf("wallet %d: %+v, %v", i, account, err)
		}
		total += account.Balance
	}
	if total != people*1000 {
		t.Errorf("the wallets hold %d, want %d", total, people*1000)
	}
}

// A transfer under any key and amount either moves exactly that, or nothing.
func FuzzPost(f *testing.F) {
	app := apptest.New(f)
	ann, bob := wallet(f, app, "ann", 1_000_000), wallet(f, app, "bob", 1_000_000)
	f.Add("key", int64(5), "sale", "ref", true)
	f.Add("", int64(0), "", "", false)
	f.Add("k'; DROP TABLE ledger_keys; --", int64(1)<<53, "\x00", "{:amount}", true)
	f.Fuzz(func(t *testing.T, key string, amount int64, kind, ref string, back bool) {
		before, err := ledger.Find(app, "user:ann", ledger.KindWallet, "EUR")
		if err != nil {
			t.Fatal(err)
		}
		from, to, want := ann, bob, before.Balance-ledger.Amount(amount)
		if back {
			from, to, want = bob, ann, before.Balance+ledger.Amount(amount)
		}
		moved := ledger.Transfer{Key: key, Debit: from, Credit: to, Amount: ledger.Amount(amount), Currency: "EUR", Kind: kind, Ref: ref}
		known := true
		err = ledger.Write(app, func(tx core.App) error {
			var count int
			if err := tx.DB().NewQuery("SELECT COUNT(*) FROM ledger_transfer_rows WHERE key = {:key}").
				Bind(map[string]any{"key": key}).Row(&count); err != nil {
				return err
			}
			known = count > 0
			return ledger.Post(tx, moved, noon)
		})
		if err != nil || known {
			want = before.Balance
		}
		wantBalance(t, app, "user:ann", ledger.KindWallet, want, 0)
		wantSound(t, app)
	})
}
