package campaigns

import (
	"cmp"
	"math/bits"
	"slices"

	"plaza.internal/plaza/internal/ledger"
)

// whole is 100 % in basis points.
const whole = 10_000

// Allocate splits an amount over weights in proportion, to the minor unit: by largest remainder, the earlier one
// if remainders are equal. The parts add up to the amount; with no weight at all they are zero. Neither the amount
// nor a weight may be negative. It does not cap: whoever must not give more than there is caps the amount first.
func Allocate(amount ledger.Amount, weights []ledger.Amount) []ledger.Amount {
	parts := make([]ledger.Amount, len(weights))
	var sum ledger.Amount
	for _, weight := range weights {
		sum += weight
	}
	if sum == 0 || amount == 0 {
		return parts
	}
	remainders := make([]uint64, len(weights))
	order := make([]int, len(weights))
	rest := amount
	for i, weight := range weights {
		part, remainder := mulDiv(amount, int64(weight), int64(sum))
		parts[i], remainders[i], order[i] = part, remainder, i
		rest -= part
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(remainders[y], remainders[x]) })
	for _, i := range order[:rest] {
		parts[i]++
	}
	return parts
}

// percentOf is amount × basisPoints / 10,000, half up.
func percentOf(amount ledger.Amount, basisPoints int64) ledger.Amount {
	return halfUp(amount, basisPoints, whole)
}

// TaxIn is the tax contained in a gross amount, half up.
func TaxIn(gross ledger.Amount, rateBasisPoints int64) ledger.Amount {
	return halfUp(gross, rateBasisPoints, whole+rateBasisPoints)
}

func halfUp(amount ledger.Amount, times, by int64) ledger.Amount {
	quotient, remainder := mulDiv(amount, times, by)
	if remainder >= uint64(by)-remainder {
		quotient++
	}
	return quotient
}

// mulDiv is amount × times / by through a 128-bit product; times must not exceed by.
func mulDiv(amount ledger.Amount, times, by int64) (quotient ledger.Amount, remainder uint64) {
	high, low := bits.Mul64(uint64(amount), uint64(times))
	q, r := bits.Div64(high, low, uint64(by))
	return ledger.Amount(q), r
}
