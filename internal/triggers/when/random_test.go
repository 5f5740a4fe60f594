package when_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// anySpec is seven random fields, of which many make no sense together.
func anySpec(random *rand.Rand) string {
	bounds := [][2]int{{0, 59}, {0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}, {2026, 2045}}
	out := make([]string, len(bounds))
	for i, b := range bounds {
		out[i] = anyField(random, b[0], b[1], i == 0)
	}
	return strings.Join(out, " ")
}

func anyField(random *rand.Rand, low, high int, seconds bool) string {
	number := func() int { return low + random.IntN(high-low+1) }
	switch roll := random.IntN(10); {
	case roll < 5 && !seconds:
		return "*"
	case roll < 7:
		return strconv.Itoa(number())
	case roll < 8:
		a, b := number(), number()
		return fmt.Sprintf("%d-%d", min(a, b), max(a, b))
	case roll < 9:
		return fmt.Sprintf("%d,%d", number(), number())
	default:
		return fmt.Sprintf("%d/%d", number(), 1+random.IntN(30))
	}
}

// in tells whether the value is among what a field of numbers says.
func in(field string, value, low, high int) bool {
	for piece := range strings.SplitSeq(field, ",") {
		span, by, stepped := strings.Cut(piece, "/")
		a, b := low, high
		if span != "*" {
			from, to, ranged := strings.Cut(span, "-")
			a, _ = strconv.Atoi(from)
			switch {
			case ranged:
				b, _ = strconv.Atoi(to)
			case !stepped:
				b = a
			}
		}
		step := 1
		if stepped {
			step, _ = strconv.Atoi(by)
		}
		if value >= a && value <= b && (value-a)%step == 0 {
			return true
		}
	}
	return false
}
