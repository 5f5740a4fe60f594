package leaderboards

import (
	"encoding/json"
	"testing"
	"time"

	"plaza.internal/plaza/internal/check"
)

// Whatever is sent as a score or a log is judged without a panic, and a score that is taken is one that can be counted.
func FuzzSubmission(f *testing.F) {
	for _, seed := range [][2]string{{"5", "[[1]]"}, {"1e308", `[{"t":1}]`}, {"-0", "null"}, {"9007199254740993", "[null]"}, {`"x"`, "[[null,1]]"}, {"5.0", "[[1e999,2]]"}} {
		f.Add(seed[0], seed[1], 5.0, int64(3))
	}
	f.Fuzz(func(t *testing.T, score, log string, at float64, standing int64) {
		value, err := scoreOf(json.RawMessage(score))
		if err == nil && (value > check.MaxScore || value < -check.MaxScore) {
			t.Errorf("%q is %d", score, value)
		}
		took, err := played(10*time.Second, &at)
		if err == nil && (took < 0 || took > 10*time.Second) {
			t.Errorf("%g ms are %s", at, took)
		}
		_ = steady(json.RawMessage(log), took)
		standing = max(-check.MaxScore, min(check.MaxScore, standing))
		for _, operator := range []string{check.OperatorBest, check.OperatorSet, check.OperatorIncr, check.OperatorDecr} {
			for _, sort := range []string{check.SortAsc, check.SortDesc} {
				next, over := combined(operator, sort, &standing, value)
				if !over && (next > check.MaxScore || next < -check.MaxScore) {
					t.Errorf("%s of %d and %d is %d", operator, standing, value, next)
				}
				if operator == check.OperatorBest && better(sort, standing, next) {
					t.Errorf("the best of %d and %d is %d", standing, value, next)
				}
			}
		}
	})
}
