package ledger_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/ledger"
)

func reserve(app core.App, key, account string, amount ledger.Amount) error {
	return ledger.Write(app, func(tx core.App) error {
		return ledger.Reserve(tx, ledger.Hold{Key: key, Account: account, Amount: amount, ExpiresAt: noon.Add(time.Hour)}, noon)
	})
}

func capture(app core.App, key, credit string, amount ledger.Amount, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error { return ledger.Capture(tx, key, credit, amount, now) })
}

func release(app core.App, key string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error { return ledger.Release(tx, key, now) })
}

// What is reserved cannot be spent, what is captured is paid, and the rest is free again.
func TestAHoldIsReservedCapturedAndTheRestReleased(t *testing.T) {
	app := apptest.New(t)
	ann, shop := wallet(t, app, "ann", 1000), open(t, app, "org:shop", ledger.KindSales)
	if err := reserve(app, "h", ann, 700); err != nil {
		t.Fatal(err)
	}
	wantBalance(t, app, "user:ann", ledger.KindWallet, 1000, 700)
	wantRefusal(t, post(app, transfer("p", ann, shop, 301)), ledger.ErrInsufficientFunds)
	wantRefusal(t, reserve(app, "h2", ann, 301), ledger.ErrInsufficientFunds)
	wantRefusal(t, capture(app, "h", shop, 701, noon), ledger.ErrExceedsHold)
	wantRefusal(t, capture(app, "h", shop, 0, noon), ledger.ErrBadAmount)
	for range 2 { // the same capture again is the same capture
		if err := capture(app, "h", shop, 450, noon); err != nil {
			t.Fatal(err)
		}
	}
	wantBalance(t, app, "user:ann", ledger.KindWallet, 550, 0)
	wantBalance(t, app, "org:shop", ledger.KindSales, 450, 0)
	wantRefusal(t, capture(app, "h", shop, 451, noon), ledger.ErrHoldClosed)
	wantRefusal(t, release(app, "h", noon), ledger.ErrHoldClosed)
	wantSound(t, app)
}

// The whole balance can be reserved and captured, though none of it is free.
func TestAHoldOfEverythingCanBeCaptured(t *testing.T) {
	app := apptest.New(t)
	ann, shop := wallet(t, app, "ann", 1000), open(t, app, "org:shop", ledger.KindSales)
	if err := reserve(app, "h", ann, 1000); err != nil {
		t.Fatal(err)
	}
	if err := capture(app, "h", shop, 1000, noon); err != nil {
		t.Fatal(err)
	}
	wantBalance(t, app, "user:ann", ledger.KindWallet, 0, 0)
	wantSound(t, app)
}

// A released hold gives everything back and cannot be captured any more.
func TestAReleasedHoldIsFree(t *testing.T) {
	app := apptest.New(t)
	ann, shop := wallet(t, app, "ann", 1000), open(t, app, "org:shop", ledger.KindSales)
	if err := reserve(app, "h", ann, 1000); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := release(app, "h", noon); err != nil {
			t.Fatal(err)
		}
	}
	wantBalance(t, app, "user:ann", ledger.KindWallet, 1000, 0)
	wantRefusal(t, capture(app, "h", shop, 1, noon), ledger.ErrHoldClosed)
	wantRefusal(t, release(app, "never made", noon), ledger.ErrUnknownHold)
	wantSound(t, app)
}

// The end of a hold is a date: from that instant it cannot be captured, whether or not the sweep has come.
func TestAHoldExpiresByItsDate(t *testing.T) {
	app := apptest.New(t)
	ann, shop := wallet(t, app, "ann", 1000), open(t, app, "org:shop", ledger.KindSales)
	for i := range 3 {
		if err := reserve(app, fmt.Sprint("h", i), ann, 100); err != nil {
			t.Fatal(err)
		}
	}
	end := noon.Add(time.Hour)
	if err := capture(app, "h0", shop, 100, end.Add(-time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, capture(app, "h1", shop, 100, end), ledger.ErrHoldClosed)
	for _, sweep := range []struct {
		at   time.Time
		want int
	}{{end.Add(-time.Second), 0}, {end, 2}, {end, 0}} {
		if closed, err := ledger.ExpireHolds(app, sweep.at); err != nil || closed != sweep.want {
			t.Errorf("the sweep at %s closed %d, %v; want %d", sweep.at, closed, err, sweep.want)
		}
	}
	wantBalance(t, app, "user:ann", ledger.KindWallet, 900, 0)
	wantSound(t, app)
}

// A key is one hold.
func TestAHoldKeyIsUsedOnce(t *testing.T) {
	app := apptest.New(t)
	ann := wallet(t, app, "ann", 1000)
	for range 2 {
		if err := reserve(app, "h", ann, 400); err != nil {
			t.Fatal(err)
		}
	}
	wantBalance(t, app, "user:ann", ledger.KindWallet, 1000, 400)
	wantRefusal(t, reserve(app, "h", ann, 401), ledger.ErrHoldMismatch)
	wantRefusal(t, reserve(app, "bad", ann, 0), ledger.ErrBadAmount)
	wantSound(t, app)
}

// Whoever captures, releases and expires the same hold at once, it is closed in exactly one way.
func TestAHoldIsClosedOnceHoweverManyTry(t *testing.T) {
	app := apptest.New(t)
	ann, shop := wallet(t, app, "ann", 1000), open(t, app, "org:shop", ledger.KindSales)
	if err := reserve(app, "h", ann, 500); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	var captured atomic.Int64
	for i := range 30 {
		wait.Go(func() {
			if i%3 == 0 {
				_ = release(app, "h", noon) // either this or a capture is refused, and the sums tell which
			} else if capture(app, "h", shop, ledger.Amount(100+i), noon) == nil {
				captured.Add(1)
			}
		})
	}
	wait.Wait()
	if captured.Load() > 1 {
		t.Errorf("%d captures", captured.Load())
	}
	account, err := ledger.Find(app, "user:ann", ledger.KindWallet, "EUR")
	if err != nil || account.Held != 0 {
		t.Errorf("%+v, %v", account, err)
	}
	wantSound(t, app)
}
