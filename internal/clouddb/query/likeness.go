package query

import (
	"math"
	"regexp"
	"slices"
	"strings"
)

// pattern is a regular expression of RE2, whose time is linear in the text whatever it says.
func pattern(sent, options any) (condition, error) {
	source, ok := sent.(string)
	if !ok || len(source) > MaxPattern {
		return nil, badQuery("$regex takes a pattern of at most %d bytes", MaxPattern)
	}
	flags, _ := options.(string)
	for _, flag := range flags {
		if !strings.ContainsRune("ims", flag) {
			return nil, badQuery("a regular expression has the options i, m and s")
		}
	}
	if flags != "" {
		source = "(?" + flags + ")" + source
	}
	compiled, err := regexp.Compile(source)
	if err != nil {
		return nil, badQuery("%v", err)
	}
	return some(func(v any) bool {
		stored, ok := v.(string)
		return ok && !isDate(stored) && compiled.MatchString(text(stored))
	}), nil
}

// shape are the conditions on what a value is like.
func shape(name string, sent any) (condition, error) {
	switch name {
	case "$exists":
		want, ok := sent.(bool)
		if !ok {
			return nil, badQuery("$exists takes true or false")
		}
		return func(branches []any) bool {
			there := slices.ContainsFunc(branches, func(v any) bool { return kindOf(v) != kindMissing })
			return there == want
		}, nil
	case "$size":
		size, ok := sent.(float64)
		if !ok {
			return nil, badQuery("$size takes a number")
		}
		return func(branches []any) bool {
			return slices.ContainsFunc(branches, func(v any) bool {
				list, ok := v.([]any)
				return ok && float64(len(list)) == size
			})
		}, nil
	case "$mod":
		return modulo(sent)
	}
	return nil, badQuery("%s is not an operator", clip(name))
}

func modulo(sent any) (condition, error) {
	list, ok := sent.([]any)
	if !ok || len(list) != 2 {
		return nil, badQuery("$mod takes a divisor and a remainder")
	}
	divisor, ok1 := list[0].(float64)
	remainder, ok2 := list[1].(float64)
	if divisor = math.Trunc(divisor); !ok1 || !ok2 || divisor == 0 {
		return nil, badQuery("$mod takes a divisor other than 0 and a remainder")
	}
	return some(func(v any) bool {
		number, ok := v.(float64)
		return ok && math.Mod(math.Trunc(number), divisor) == math.Trunc(remainder)
	}), nil
}
