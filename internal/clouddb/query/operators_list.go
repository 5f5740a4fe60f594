package query

import (
	"maps"
	"slices"
)

// maxList is how many elements an operator's list may have.
const maxList = 20_000

func ofList(of func(list []any) any) func(args []any) any {
	return func(args []any) any {
		if list, ok := args[0].([]any); ok {
			return of(list)
		}
		return nil
	}
}

func contains(list, value any) bool {
	elements, _ := list.([]any)
	return slices.ContainsFunc(elements, func(element any) bool { return equal(element, value) })
}

func arrayElemAt(args []any) any {
	list, ok1 := args[0].([]any)
	place, ok2 := args[1].(float64)
	if !ok1 || !ok2 {
		return nil
	}
	if place < 0 {
		place += float64(len(list))
	}
	if place < 0 || place >= float64(len(list)) {
		return missing{}
	}
	return list[int(place)]
}

func concatArrays(args []any) any {
	out := []any{}
	for _, arg := range args {
		list, ok := arg.([]any)
		if !ok || len(out)+len(list) > maxList {
			return nil
		}
		out = append(out, list...)
	}
	return out
}

// sliced takes the first n, the last -n, or n from a place on.
func sliced(args []any) any {
	list, ok := args[0].([]any)
	count, isNumber := args[len(args)-1].(float64)
	if !ok || !isNumber {
		return nil
	}
	length := float64(len(list))
	from, to := 0.0, min(count, length)
	if count < 0 {
		from, to = max(0, length+count), length
	}
	if len(args) == 3 {
		place, isNumber := args[1].(float64)
		if !isNumber || count <= 0 {
			return nil
		}
		if from = place; place < 0 {
			from = max(0, length+place)
		}
		from = min(from, length)
		to = min(from+count, length)
	}
	return append([]any{}, list[int(from):int(to)]...)
}

func ranged(args []any) any {
	from, ok1 := args[0].(float64)
	to, ok2 := args[1].(float64)
	step, ok3 := 1.0, true
	if len(args) == 3 {
		step, ok3 = args[2].(float64)
	}
	if !ok1 || !ok2 || !ok3 || step == 0 || (to-from)/step > maxList {
		return nil
	}
	out := []any{}
	for at := from; (step > 0 && at < to || step < 0 && at > to) && len(out) <= maxList; at += step {
		out = append(out, at)
	}
	return out
}

func indexOfArray(args []any) any {
	list, ok := args[0].([]any)
	from, to, inside := bounded(args, len(list))
	if !ok || !inside {
		return nil
	}
	for at := from; at < to; at++ {
		if equal(list[at], args[1]) {
			return float64(at)
		}
	}
	return -1.0
}

// arrayToObject reads [[name, value], …] or [{k, v}, …].
func arrayToObject(args []any) any {
	list, ok := args[0].([]any)
	if !ok {
		return nil
	}
	out := map[string]any{}
	for _, element := range list {
		var name, value any
		switch pair := element.(type) {
		case []any:
			if len(pair) != 2 {
				return nil
			}
			name, value = pair[0], pair[1]
		case map[string]any:
			name, value = pair["k"], pair["v"]
		}
		if !isText(name) || checkName(plainText(name)) != nil {
			return nil
		}
		out[plainText(name)] = value
	}
	return out
}

func objectToArray(args []any) any {
	object, ok := args[0].(map[string]any)
	if !ok {
		return nil
	}
	out := []any{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		out = append(out, map[string]any{"k": storedText(name), "v": object[name]})
	}
	return out
}

func mergeObjects(args []any) any {
	if len(args) == 1 {
		if list, ok := args[0].([]any); ok {
			args = list
		}
	}
	out := map[string]any{}
	for _, arg := range args {
		object, ok := arg.(map[string]any)
		if !ok && kindOf(arg) > kindNull {
			return nil
		}
		maps.Copy(out, object)
	}
	return out
}

// set is a list sorted and with each value once.
func set(value any) ([]any, bool) {
	list, ok := value.([]any)
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, Compare)
	return slices.CompactFunc(sorted, equal), ok
}

func has(sorted []any, value any) bool {
	_, found := slices.BinarySearchFunc(sorted, value, Compare)
	return found
}

func setUnion(args []any) any {
	all := concatArrays(args)
	if all == nil {
		return nil
	}
	union, _ := set(all)
	return append([]any{}, union...)
}

func setIntersection(args []any) any {
	left, ok := set(args[0])
	for _, arg := range args[1:] {
		right, isList := set(arg)
		ok = ok && isList
		left = slices.DeleteFunc(left, func(v any) bool { return !has(right, v) })
	}
	if !ok {
		return nil
	}
	return append([]any{}, left...)
}

func setDifference(args []any) any {
	left, ok1 := set(args[0])
	right, ok2 := set(args[1])
	if !ok1 || !ok2 {
		return nil
	}
	return append([]any{}, slices.DeleteFunc(left, func(v any) bool { return has(right, v) })...)
}

func setEquals(args []any) any {
	first, ok := set(args[0])
	for _, arg := range args[1:] {
		other, isList := set(arg)
		if !ok || !isList {
			return nil
		}
		if !slices.EqualFunc(first, other, equal) {
			return false
		}
	}
	return true
}

func setIsSubset(args []any) any {
	left, ok1 := set(args[0])
	right, ok2 := set(args[1])
	if !ok1 || !ok2 {
		return nil
	}
	return !slices.ContainsFunc(left, func(v any) bool { return !has(right, v) })
}

// zip puts the first elements of lists together, then the second ones, and so on.
func zip(args map[string]any) any {
	inputs, ok := args["inputs"].([]any)
	defaults, _ := args["defaults"].([]any)
	if !ok || len(inputs) == 0 {
		return nil
	}
	shortest, longest := maxList, 0
	lists := make([][]any, len(inputs))
	for i, input := range inputs {
		if lists[i], ok = input.([]any); !ok {
			return nil
		}
		shortest, longest = min(shortest, len(lists[i])), max(longest, len(lists[i]))
	}
	length := shortest
	if truthy(args["useLongestLength"]) {
		length = longest
	}
	if length*len(inputs) > maxList {
		return nil
	}
	out := make([]any, length)
	for at := range out {
		row := make([]any, len(lists))
		for i, list := range lists {
			switch {
			case at < len(list):
				row[i] = list[at]
			case i < len(defaults):
				row[i] = defaults[i]
			}
		}
		out[at] = row
	}
	return out
}
