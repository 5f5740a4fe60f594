package query

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// function is an operator of expressions that takes so many operands by their places. What it cannot do gives null.
type function struct {
	least, most int
	run         func(args []any) any
}

const any0 = MaxNodes // as many operands as a pipeline may have

var functions = map[string]function{
	"$add": {0, any0, add}, "$subtract": {2, 2, subtract},
	"$multiply": {0, any0, numeric(func(a, b float64) float64 { return a * b })},
	"$divide":   {2, 2, numeric(func(a, b float64) float64 { return a / b })},
	"$mod":      {2, 2, numeric(math.Mod)},
	"$pow":      {2, 2, numeric(math.Pow)},
	"$log":      {2, 2, numeric(func(a, b float64) float64 { return math.Log(a) / math.Log(b) })},
	"$abs":      {1, 1, single(math.Abs)}, "$ceil": {1, 1, single(math.Ceil)}, "$floor": {1, 1, single(math.Floor)},
	"$sqrt": {1, 1, single(math.Sqrt)}, "$exp": {1, 1, single(math.Exp)}, "$ln": {1, 1, single(math.Log)}, "$log10": {1, 1, single(math.Log10)},
	"$trunc": {1, 2, rounded(math.Trunc)}, "$round": {1, 2, rounded(math.RoundToEven)},

	"$eq":  compared(func(order int) bool { return order == 0 }),
	"$ne":  compared(func(order int) bool { return order != 0 }),
	"$gt":  compared(func(order int) bool { return order > 0 }),
	"$gte": compared(func(order int) bool { return order >= 0 }),
	"$lt":  compared(func(order int) bool { return order < 0 }),
	"$lte": compared(func(order int) bool { return order <= 0 }),
	"$cmp": {2, 2, func(args []any) any { return float64(Compare(args[0], args[1])) }},
	"$and": {0, any0, func(args []any) any { return !slices.ContainsFunc(args, func(v any) bool { return !truthy(v) }) }},
	"$or":  {0, any0, func(args []any) any { return slices.ContainsFunc(args, truthy) }},
	"$not": {1, 1, func(args []any) any { return !truthy(args[0]) }},
	"$ifNull": {2, 2, func(args []any) any {
		if kindOf(args[0]) <= kindNull {
			return args[1]
		}
		return args[0]
	}},

	"$sum": {0, any0, folded("$sum")}, "$avg": {0, any0, folded("$avg")}, "$min": {0, any0, folded("$min")}, "$max": {0, any0, folded("$max")},
	"$stdDevPop": {0, any0, folded("$stdDevPop")}, "$stdDevSamp": {0, any0, folded("$stdDevSamp")},

	"$concat": {0, any0, concat}, "$toLower": {1, 1, spelled(strings.ToLower)}, "$toUpper": {1, 1, spelled(strings.ToUpper)},
	"$strLenBytes": {1, 1, measured(func(s string) int { return len(s) })}, "$strLenCP": {1, 1, measured(utf8.RuneCountInString)},
	"$substr": {3, 3, substrBytes}, "$substrBytes": {3, 3, substrBytes}, "$substrCP": {3, 3, substrCP},
	"$split": {2, 2, split}, "$indexOfBytes": {2, 4, indexOfBytes}, "$indexOfCP": {2, 4, indexOfCP},
	"$strcasecmp": {2, 2, func(args []any) any {
		return float64(strings.Compare(strings.ToUpper(plainText(args[0])), strings.ToUpper(plainText(args[1]))))
	}},

	"$size": {1, 1, ofList(func(list []any) any { return float64(len(list)) })}, "$isArray": {1, 1, func(args []any) any { return kindOf(args[0]) == kindArray }},
	"$arrayElemAt": {2, 2, arrayElemAt}, "$concatArrays": {0, any0, concatArrays}, "$slice": {2, 3, sliced}, "$range": {2, 3, ranged},
	"$reverseArray": {1, 1, ofList(func(list []any) any {
		out := slices.Clone(list)
		slices.Reverse(out)
		return out
	})},
	"$in": {2, 2, func(args []any) any { return contains(args[1], args[0]) }}, "$indexOfArray": {2, 4, indexOfArray},
	"$arrayToObject": {1, 1, arrayToObject}, "$objectToArray": {1, 1, objectToArray}, "$mergeObjects": {0, any0, mergeObjects},
	"$setUnion": {0, any0, setUnion}, "$setIntersection": {1, any0, setIntersection}, "$setDifference": {2, 2, setDifference},
	"$setEquals": {2, any0, setEquals}, "$setIsSubset": {2, 2, setIsSubset},
	"$allElementsTrue": {1, 1, ofList(func(list []any) any { return !slices.ContainsFunc(list, func(v any) bool { return !truthy(v) }) })},
	"$anyElementTrue":  {1, 1, ofList(func(list []any) any { return slices.ContainsFunc(list, truthy) })},

	"$type":  {1, 1, func(args []any) any { return typeName(args[0]) }},
	"$toInt": {1, 1, to("int")}, "$toLong": {1, 1, to("long")}, "$toDouble": {1, 1, to("double")}, "$toDecimal": {1, 1, to("decimal")},
	"$toString": {1, 1, to("string")}, "$toBool": {1, 1, to("bool")}, "$toDate": {1, 1, to("date")},

	"$year": partOf(time.Time.Year), "$month": partOf(func(t time.Time) int { return int(t.Month()) }), "$dayOfMonth": partOf(time.Time.Day),
	"$dayOfWeek": partOf(func(t time.Time) int { return int(t.Weekday()) + 1 }), "$dayOfYear": partOf(time.Time.YearDay),
	"$hour": partOf(time.Time.Hour), "$minute": partOf(time.Time.Minute), "$second": partOf(time.Time.Second),
	"$millisecond": partOf(func(t time.Time) int { return t.Nanosecond() / 1e6 }), "$week": partOf(weekOfYear),
	"$isoWeek":      partOf(func(t time.Time) int { _, week := t.ISOWeek(); return week }),
	"$isoWeekYear":  partOf(func(t time.Time) int { year, _ := t.ISOWeek(); return year }),
	"$isoDayOfWeek": partOf(func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }),
}

func compared(holds func(int) bool) function {
	return function{2, 2, func(args []any) any { return holds(Compare(args[0], args[1])) }}
}

func truthy(value any) bool { return kindOf(value) > kindNull && value != false && value != 0.0 }

// finite is a number, unless it is infinite or none.
func finite(number float64) any {
	if math.IsInf(number, 0) || math.IsNaN(number) {
		return nil
	}
	return number
}

// numeric folds numbers; one that is not there gives null.
func numeric(fold func(a, b float64) float64) func(args []any) any {
	return func(args []any) any {
		result := 0.0
		for i, arg := range args {
			number, ok := arg.(float64)
			if !ok {
				return nil
			}
			if i == 0 {
				result = number
			} else {
				result = fold(result, number)
			}
		}
		return finite(result)
	}
}

// add adds numbers, or numbers of milliseconds to one date.
func add(args []any) any {
	sum, dates := 0.0, 0
	for _, arg := range args {
		if stored, ok := arg.(string); ok && isDate(stored) {
			sum += float64(millisOf(stored))
			dates++
			continue
		}
		number, ok := arg.(float64)
		if !ok {
			return nil
		}
		sum += number
	}
	switch dates {
	case 0:
		return finite(sum)
	case 1:
		return dateOf(sum)
	}
	return nil
}

// subtract takes a number from a number or a date, or a date from a date, which gives milliseconds.
func subtract(args []any) any {
	from, isText := args[0].(string)
	if !isText || !isDate(from) {
		return numeric(func(a, b float64) float64 { return a - b })(args)
	}
	switch less := args[1].(type) {
	case float64:
		return dateOf(float64(millisOf(from)) - less)
	case string:
		if isDate(less) {
			return float64(millisOf(from) - millisOf(less))
		}
	}
	return nil
}

func dateOf(millis float64) any {
	if !(millis >= -maxMillis && millis <= maxMillis) {
		return nil
	}
	return Date(int64(millis))
}

func single(of func(float64) float64) func(args []any) any {
	return func(args []any) any {
		if number, ok := args[0].(float64); ok {
			return finite(of(number))
		}
		return nil
	}
}

// rounded rounds to so many places after the point.
func rounded(round func(float64) float64) func(args []any) any {
	return func(args []any) any {
		number, ok := args[0].(float64)
		places := 0.0
		if len(args) == 2 {
			places, _ = args[1].(float64)
		}
		if !ok || math.Abs(places) > 100 {
			return nil
		}
		scale := math.Pow(10, math.Trunc(places))
		return finite(round(number*scale) / scale)
	}
}

// folded is an accumulator over operands, or over the elements of one list.
func folded(name string) func(args []any) any {
	return func(args []any) any {
		if list, ok := args, len(args) == 1; ok {
			if inner, ok := list[0].([]any); ok {
				args = inner
			}
		}
		return accumulate{name: name}.of(args)
	}
}

func typeName(value any) any {
	return map[kind]string{
		kindMissing: "missing", kindNull: "null", kindNumber: "double", kindString: "string", kindObject: "object",
		kindArray: "array", kindBool: "bool", kindDate: "date",
	}[kindOf(value)]
}

func to(kind string) func(args []any) any {
	return func(args []any) any {
		return convert(map[string]any{"input": args[0], "to": kind, "onError": nil, "onNull": nil})
	}
}

// convert makes a value of another kind; what cannot be is onError.
func convert(args map[string]any) any {
	input := args["input"]
	if kindOf(input) <= kindNull {
		return orNull(args["onNull"])
	}
	name, _ := args["to"].(string)
	if value, ok := converted(input, name); ok {
		return value
	}
	return orNull(args["onError"])
}

func converted(input any, to string) (any, bool) {
	switch to {
	case "bool":
		return truthy(input), true
	case "string":
		return asText(input)
	case "date":
		return asDate(input)
	case "double", "decimal", "int", "long":
		number, ok := asNumber(input)
		if ok && (to == "int" || to == "long") {
			number = math.Trunc(number)
		}
		return number, ok
	}
	return nil, false
}

func asNumber(input any) (float64, bool) {
	switch v := input.(type) {
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		if isDate(v) {
			return float64(millisOf(v)), true
		}
		number, err := strconv.ParseFloat(text(v), 64)
		return number, err == nil && finite(number) != nil
	}
	return 0, false
}

func asText(input any) (any, bool) {
	switch v := input.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	case string:
		if isDate(v) {
			return time.UnixMilli(millisOf(v)).UTC().Format("2006-01-02T15:04:05.000Z"), true
		}
		return v, true
	}
	return nil, false
}

func asDate(input any) (any, bool) {
	switch v := input.(type) {
	case float64:
		date := dateOf(v)
		return date, date != nil
	case string:
		if isDate(v) {
			return v, true
		}
		date := dateFromString(map[string]any{"dateString": v, "onError": missing{}})
		return date, date != nil
	}
	return nil, false
}
