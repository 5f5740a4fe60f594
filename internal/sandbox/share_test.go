package sandbox

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// A person who calls a looping function over and over slows that program down, and no other.
func TestOneProgramCannotHoldEveryWorker(t *testing.T) {
	pool := newPool(t, Options{Workers: 2, Queue: 10, Timeout: 300 * time.Millisecond})
	loop, quick := function("loop", "exports.main = () => { for (;;) {} }"), function("quick", "exports.main = () => 2")
	var crowd sync.WaitGroup
	stop := make(chan struct{})
	for range 20 {
		crowd.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if _, err := pool.Call(t.Context(), loop, nil); err == nil {
						t.Error("the loop ended")
					}
				}
			}
		})
	}
	for !pool.shares.heavy(loop.App, time.Now()) {
		time.Sleep(10 * time.Millisecond)
	}
	for len(pool.lane) < cap(pool.lane) { // those who got in before are out when the lane is what they wait for
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(pool.opts.Timeout + interruption)
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
		s.charge("app", time.Second, at)
	}
	for after, heavy := range map[time.Duration]bool{0: true, time.Second: true, time.Second + time.Millisecond: false, time.Hour: false} {
		if got := s.heavy("app", at.Add(after)); got != heavy {
			t.Errorf("after %s: heavy %t", after, got)
		}
	}
	if s.heavy("other", at) {
		t.Error("an app that never ran is heavy")
	}
	for i := range 2 * sharesKept {
		s.charge(fmt.Sprint(i), time.Millisecond, at.Add(time.Duration(i)*time.Second))
	}
	if len(s.used) > sharesKept+1 {
		t.Errorf("%d shares are kept", len(s.used))
	}
}
