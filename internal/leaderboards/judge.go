package leaderboards

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"plaza.internal/plaza/internal/check"
)

// Submission is a score as somebody sends it.
type Submission struct {
	Board string          `json:"board"`
	Play  string          `json:"play"`
	Score json.RawMessage `json:"score"`
	Log   json.RawMessage `json:"log"` // a list of what the player did; each step may begin with its time, or have it as t
	At    *float64        `json:"at"`  // how long the play took by the device, in milliseconds
}

// scoreOf is the whole number that was sent, or ErrScoreInvalid. 5.0 and 5e0 are 5, as they are in JavaScript.
func scoreOf(raw json.RawMessage) (int64, error) {
	text := string(bytes.TrimSpace(raw))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n < -check.MaxScore || n > check.MaxScore {
			return 0, ErrScoreInvalid
		}
		return n, nil
	}
	var float float64
	if json.Unmarshal(raw, &float) != nil || text == "null" || float != math.Trunc(float) || math.Abs(float) > check.MaxScore {
		return 0, ErrScoreInvalid
	}
	return int64(float), nil
}

// inBounds refuses a score beyond what the board allows. What is counted up or down is not negative unless the board
// says so, for else anybody could count the other way.
func inBounds(spec check.ManifestBoard, score int64) error {
	low, high := int64(-check.MaxScore), int64(check.MaxScore)
	if spec.Operator == check.OperatorIncr || spec.Operator == check.OperatorDecr {
		low = 0
	}
	if spec.Min != nil {
		low = *spec.Min
	}
	if spec.Max != nil {
		high = *spec.Max
	}
	if score < low || score > high {
		return ErrOutOfBounds.With("min", low).With("max", high)
	}
	return nil
}

// played is how long a play took: by the house's clock, or by the device's when that says less. A device may not claim
// more than has passed.
func played(passed time.Duration, at *float64) (time.Duration, error) {
	passed = max(passed, 0) // the clock of the house may have been put back
	if at == nil {
		return passed, nil
	}
	if math.IsNaN(*at) || *at < 0 || *at > float64((passed+Skew)/time.Millisecond) {
		return 0, ErrClock
	}
	return min(passed, time.Duration(*at*float64(time.Millisecond))), nil
}

// fastEnough refuses what nobody does in that time.
func fastEnough(spec check.ManifestBoard, score int64, took time.Duration) error {
	if took.Seconds() < spec.MinSeconds {
		return ErrTooFast.With("min_seconds", spec.MinSeconds)
	}
	if spec.MaxPerSecond > 0 && float64(score) > spec.MaxPerSecond*took.Seconds() {
		return ErrTooFast.With("max_per_second", spec.MaxPerSecond)
	}
	return nil
}

// steady refuses a log whose times run backwards or beyond the play. Steps without a time say nothing about it.
func steady(log json.RawMessage, took time.Duration) error {
	if log = bytes.TrimSpace(log); len(log) == 0 || string(log) == "null" {
		return nil
	}
	var steps []json.RawMessage
	if len(log) > LogLimit || json.Unmarshal(log, &steps) != nil {
		return ErrBadLog
	}
	last, end := 0.0, float64((took+Skew)/time.Millisecond)
	for _, step := range steps {
		at, timed := timeOf(step)
		if !timed {
			continue
		}
		if at < last || at > end {
			return ErrClock
		}
		last = at
	}
	return nil
}

// timeOf is the time of one step: [ms, …] or {"t": ms, …}.
func timeOf(step json.RawMessage) (float64, bool) {
	var listed []json.RawMessage
	if json.Unmarshal(step, &listed) == nil && len(listed) > 1 {
		var at *float64
		if json.Unmarshal(listed[0], &at) != nil || at == nil {
			return 0, false
		}
		return *at, true
	}
	var named struct {
		T *float64 `json:"t"`
	}
	if json.Unmarshal(step, &named) == nil && named.T != nil {
		return *named.T, true
	}
	return 0, false
}

// combined is the score that stands after another has come, by the board's operator; over is true when it would be more
// than can be counted.
func combined(operator, sort string, standing *int64, score int64) (next int64, over bool) {
	before := int64(0)
	if standing != nil {
		before = *standing
	}
	switch operator {
	case check.OperatorSet:
		return score, false
	case check.OperatorIncr:
		next = before + score // both are within 53 bits
	case check.OperatorDecr:
		next = before - score
	default:
		if standing != nil && !better(sort, score, before) {
			return before, false
		}
		return score, false
	}
	return next, next > check.MaxScore || next < -check.MaxScore
}

// better tells whether one score ranks before another.
func better(sort string, score, than int64) bool {
	if sort == check.SortAsc {
		return score < than
	}
	return score > than
}
