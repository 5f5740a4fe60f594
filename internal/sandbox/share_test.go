package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"plaza.internal/plaza/internal/confined"
)

// A person who calls a looping function over and over slows that program down, and no other.
func TestOneProgramCannotHoldEveryWorker(t *testing.T) {
	timeout := 300 * time.Millisecond
	if confined.RaceDetector {
		timeout = 2 * time.Second // to start a worker takes that much longer then
	}
	pool := newPool(t, Options{Workers: 2, Queue: 10, Timeout: timeout})
	loop := function("loop", `exports.main = () => {
		require('wx-server-sdk').plaza.call('begun')
		for (;;) {}
	}`)
	quick := function("quick", "exports.main = () => 2")
	pool.shares.charge(loop.App, time.Hour, time.Now(), true) // it has looped for long
	begun := make(chan struct{}, 1)
	host := func(ctx context.Context, _ string, _ json.RawMessage) (json.RawMessage, error) {
		select {
		case begun <- struct{}{}:
		default: // one is enough to know
		}
		return json.RawMessage("1"), ctx.Err()
	}
	var crowd sync.WaitGroup
	stop := make(chan struct{})
	for range 20 {
		crowd.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if _, err := pool.Call(t.Context(), loop, host); err == nil {
						t.Error("the loop ended")
					}
				}
			}
		})
	}
	<-begun
	for i := range 10 {
		if _, err := pool.Call(t.Context(), quick, nil); err != nil {
			t.Errorf("call %d of another program: %v", i, err)
		}
	}
	close(stop)
	crowd.Wait()
}

func TestAShareIsForgotten(t *testing.T) {
	s := newShares(Options{Workers: 4, Timeout: time.Second}) // forgets a second in a second
	at := time.Now()
	for range 3 {
		s.charge("app", time.Second, at, false)
	}
	for after, heavy := range map[time.Duration]bool{0: true, time.Second: true, time.Second + time.Millisecond: false, time.Hour: false} {
		if _, got := s.standing("app", at.Add(after)); got != heavy {
			t.Errorf("after %s: heavy %t", after, got)
		}
	}
	if slow, heavy := s.standing("other", at); slow || heavy {
		t.Error("an app that never ran is slow")
	}
	s.charge("slow", time.Millisecond, at, true)
	for after, want := range map[time.Duration]bool{0: true, slowFor - 1: true, slowFor: false} {
		if slow, heavy := s.standing("slow", at.Add(after)); slow != want || heavy {
			t.Errorf("after %s: slow %t", after, slow)
		}
	}
	for i := range 2 * sharesKept {
		s.charge(fmt.Sprint(i), time.Millisecond, at.Add(time.Duration(i)*time.Second), false)
	}
	if len(s.used) > sharesKept+1 {
		t.Errorf("%d shares are kept", len(s.used))
	}
}

// A worker takes more of a processor to start than a prompt call may use; the program that starts it is not slow for
// that, or every program would wait behind slow ones after each restart.
func TestTheStartOfAWorkerIsNobodysFault(t *testing.T) {
	pool := newPool(t, Options{})
	for name, test := range map[string]struct {
		source string
		slow   bool
	}{
		"prompt":   {`exports.main = () => 1`, false},
		"computes": {`exports.main = () => { const until = Date.now() + 1000; while (Date.now() < until); return 1 }`, true},
	} {
		if _, err := pool.Call(t.Context(), function(name, test.source), echo); err != nil {
			t.Fatal(err)
		}
		if slow, _ := pool.shares.standing("app-"+name, time.Now()); slow != test.slow {
			t.Errorf("%s: its program is slow: %v", name, slow)
		}
	}
}
