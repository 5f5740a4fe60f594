package loyalty_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/refusal"
)

// play lets a member do what the bytes say, step by step in growing time, in two towns: in one the expiry job
// comes after every step, in the other never. After each step the books are sound and both tell the same.
func play(t *testing.T, swept, lazy town, story []byte) {
	var earns, spends []string
	at := noon
	for i := 0; i+2 < len(story); i += 3 {
		what, many, when := story[i], int64(story[i+1]), time.Duration(story[i+2])
		at = at.Add(when * time.Hour)
		op := fmt.Sprint(swept.user, "/", i)
		pick := func(from []string) string {
			if len(from) == 0 {
				return "none"
			}
			return from[int(what/8)%len(from)]
		}
		step := func(w town) error {
			switch what % 8 {
			case 0, 1:
				active, expires := at.Add(time.Duration(many%3)*20*time.Hour), time.Time{}
				if many%4 != 0 {
					expires = at.Add(time.Duration(many) * time.Hour)
				}
				return w.grant(op, many, active, expires, at)
			case 2:
				w.earn(op, 100, at)
				return nil
			case 3, 4:
				return w.spend(op, many, at)
			case 5:
				return w.refund(op, pick(spends), many, at)
			case 6:
				return w.revoke(op, pick(earns), many, at)
			}
			_, err := w.returnGoods(op, pick(earns), ledger.Amount(min(many, 100)), 100, at)
			return err
		}
		first, second := step(swept), step(lazy)
		var refused *refusal.Refusal
		if first != nil && !errors.As(first, &refused) {
			t.Fatalf("step %d: %v", i, first)
		}
		if !errors.Is(second, first) {
			t.Fatalf("step %d: with the job %v, without it %v", i, first, second)
		}
		if first == nil {
			switch what % 8 {
			case 0, 1, 2:
				earns = append(earns, op)
			case 3, 4:
				spends = append(spends, op)
			}
		}
		if _, err := loyalty.Expire(swept.app, at); err != nil {
			t.Fatal(err)
		}
		swept.sound()
		lazy.sound()
		// As they stand, and as they will stand if nothing more is done.
		for _, later := range []time.Duration{0, 30 * time.Hour, 300 * time.Hour} {
			a, b := swept.balance(at.Add(later)), lazy.balance(at.Add(later))
			if a.Spendable != b.Spendable || a.Pending != b.Pending || a.Debt != b.Debt {
				t.Fatalf("step %d, %s later: with the job %d/%d/%d, without it %d/%d/%d", i, later,
					a.Spendable, a.Pending, a.Debt, b.Spendable, b.Pending, b.Debt)
			}
		}
	}
}

// Whatever a member does in whatever order, the books stay sound and the expiry job changes nothing that
// anybody can see.
func TestAnyStoryKeepsTheBooksSound(t *testing.T) {
	for _, grace := range []int{0, 2} {
		rules := map[string]any{"spend_per_point": 5, "expiry_kind": "rolling", "expiry_months": 1, "pending_days": 1, "grace_days": grace}
		swept, lazy := newTown(t, rules), newTown(t, rules)
		for seed := range 12 {
			random := rand.New(rand.NewPCG(uint64(seed), uint64(grace)))
			story := make([]byte, 3*16)
			for i := range story {
				story[i] = byte(random.UintN(256))
			}
			swept.user, lazy.user = fmt.Sprint("member", seed), fmt.Sprint("member", seed)
			play(t, swept, lazy, story)
		}
	}
}

func FuzzStory(f *testing.F) {
	rules := map[string]any{"spend_per_point": 5, "expiry_kind": "rolling", "expiry_months": 1, "pending_days": 1, "grace_days": 1}
	swept, lazy := newTown(f, rules), newTown(f, rules)
	member := 0
	f.Add([]byte{0, 100, 0, 3, 60, 1, 6, 100, 2, 5, 30, 100, 2, 0, 1, 7, 0, 1})
	f.Add([]byte{1, 200, 0, 1, 6, 1, 3, 150, 30, 5, 90, 200, 5, 60, 40, 14, 1, 1})
	f.Fuzz(func(t *testing.T, story []byte) {
		if len(story) > 3*20 {
			return
		}
		member++
		swept.TB, lazy.TB = t, t
		swept.user, lazy.user = fmt.Sprint("member", member), fmt.Sprint("member", member)
		play(t, swept, lazy, story)
	})
}
