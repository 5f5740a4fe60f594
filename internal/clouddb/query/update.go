package query

import (
	"math"
	"slices"
	"time"
)

// Update is a list of changes to a document.
type Update struct{ changes []change }

type change struct {
	at    path
	apply func(old any) (any, error) // gives the new value, or missing{} to take the field away
	to    path                       // of a renaming
}

// protected are the fields that an update cannot reach.
var protected = []string{"_id", "_openid"}

// ParseUpdate reads an update as the SDK sends it: operators over paths, {"$inc": {"a.b": 1}}.
func ParseUpdate(sent any, now time.Time) (Update, error) {
	object, ok := sent.(map[string]any)
	if !ok || len(object) == 0 {
		return Update{}, badData("an update is an object of operators")
	}
	var u Update
	for name, fields := range object {
		list, ok := fields.(map[string]any)
		if !ok {
			return Update{}, badData("%s takes an object of paths", clip(name))
		}
		for at, operand := range list {
			c, err := parseChange(name, at, operand, now)
			if err != nil {
				return Update{}, err
			}
			u.changes = append(u.changes, c)
		}
	}
	if len(u.changes) == 0 || len(u.changes) > MaxNodes {
		return Update{}, badData("an update changes 1 to %d fields", MaxNodes)
	}
	// In the order of the paths, so that what two of them do does not depend on chance.
	slices.SortFunc(u.changes, func(a, b change) int { return slices.Compare(a.at, b.at) })
	return u, u.conflict()
}

// conflict refuses two changes of one field, or of a field and of one inside it.
func (u Update) conflict() error {
	var all []path
	for _, c := range u.changes {
		all = append(all, c.at)
		if c.to != nil {
			all = append(all, c.to)
		}
	}
	slices.SortFunc(all, slices.Compare)
	for i := 1; i < len(all); i++ {
		if a, b := all[i-1], all[i]; len(b) >= len(a) && slices.Equal(a, b[:len(a)]) {
			return badData("the update changes %s twice", clip(a.String()))
		}
	}
	return nil
}

func parseChange(name, sent string, operand any, now time.Time) (change, error) {
	at, err := updatePath(sent)
	if err != nil {
		return change{}, err
	}
	c := change{at: at}
	switch name {
	case "$rename":
		to, _ := operand.(string)
		if c.to, err = updatePath(to); err != nil {
			return change{}, err
		}
		return c, nil
	case "$unset":
		c.apply = func(any) (any, error) { return missing{}, nil }
		return c, nil
	case "$push":
		c.apply, err = parsePush(operand, now)
		return c, err
	case "$pull":
		c.apply, err = parsePull(operand)
		return c, err
	}
	value, err := Decode(operand, now)
	if err != nil {
		return change{}, err
	}
	c.apply, err = operation(name, value)
	return c, err
}

func updatePath(sent string) (path, error) {
	at, err := parsePath(sent)
	if err != nil {
		return nil, badData("%q is not a path", clip(sent))
	}
	if slices.Contains(protected, at[0]) {
		return nil, badData("%s cannot be changed", at[0])
	}
	return at, nil
}

// operation is what an operator does with the old value.
func operation(name string, operand any) (func(any) (any, error), error) {
	switch name {
	case "$set":
		return func(any) (any, error) { return copied(operand), nil }, nil
	case "$inc", "$mul":
		return arithmetic(name, operand)
	case "$min", "$max":
		return func(old any) (any, error) {
			if order := Compare(operand, old); kindOf(old) == kindMissing || name == "$min" && order < 0 || name == "$max" && order > 0 {
				return copied(operand), nil
			}
			return old, nil
		}, nil
	case "$pop":
		return pop(operand)
	case "$pullAll", "$addToSet":
		list, ok := operand.([]any)
		if !ok || len(list) > MaxNodes {
			return nil, badData("%s takes a list of at most %d values", name, MaxNodes)
		}
		if name == "$pullAll" {
			return drop(func(v any) bool {
				return slices.ContainsFunc(list, func(other any) bool { return equal(v, other) })
			}), nil
		}
		return addToSet(list), nil
	}
	return nil, badData("%s is not an operator of updates", clip(name))
}

func arithmetic(name string, operand any) (func(any) (any, error), error) {
	by, ok := operand.(float64)
	if !ok {
		return nil, badData("%s takes a number", name)
	}
	return func(old any) (any, error) {
		if _, gone := old.(missing); gone {
			old = 0.0
		}
		number, ok := old.(float64)
		if !ok {
			return nil, badUpdate("%s of what is not a number", name)
		}
		if name == "$inc" {
			number += by
		} else {
			number *= by
		}
		if math.IsInf(number, 0) {
			return nil, badUpdate("%s leads to a number that is too large", name)
		}
		return number, nil
	}, nil
}

// elements are those of an array; a field that is not there has none.
func elements(old any) ([]any, error) {
	if _, gone := old.(missing); gone {
		return nil, nil
	}
	list, ok := old.([]any)
	if !ok {
		return nil, badUpdate("the field is not an array")
	}
	return list, nil
}

func pop(operand any) (func(any) (any, error), error) {
	end, ok := operand.(float64)
	if !ok || end != 1 && end != -1 {
		return nil, badData("$pop takes 1 or -1")
	}
	return func(old any) (any, error) {
		list, err := elements(old)
		if err != nil || len(list) == 0 {
			return old, err
		}
		if end == 1 {
			return list[:len(list)-1], nil
		}
		return list[1:], nil
	}, nil
}

// drop takes the elements away that pass.
func drop(pass func(any) bool) func(any) (any, error) {
	return func(old any) (any, error) {
		list, err := elements(old)
		if err != nil || len(list) == 0 {
			return old, err
		}
		return slices.DeleteFunc(list, pass), nil
	}
}

func addToSet(list []any) func(any) (any, error) {
	return func(old any) (any, error) {
		set, err := elements(old)
		if err != nil {
			return nil, err
		}
		set = append([]any{}, set...)
		for _, each := range list {
			if !slices.ContainsFunc(set, func(v any) bool { return equal(v, each) }) {
				set = append(set, copied(each))
			}
		}
		return set, nil
	}
}

// parsePull reads a condition on elements: a value, operators, or an object whose members must match.
func parsePull(sent any) (func(any) (any, error), error) {
	p := &filterParser{}
	object, ok := sent.(map[string]any)
	if !ok || operators(object) || len(object) == 0 || object["$date"] != nil {
		c, _, err := p.condition(sent, 0)
		if err != nil {
			return nil, err
		}
		return drop(func(element any) bool { return c([]any{element}) }), nil
	}
	f, err := p.object(object, 0)
	if err != nil {
		return nil, err
	}
	return drop(func(element any) bool {
		_, object := element.(map[string]any)
		return object && f.test(element)
	}), nil
}

// asTheyAre is the order of a push that does not sort.
func asTheyAre(any, any) int { return 0 }

// parsePush reads {each, position, slice, sort}; the SDK sends a plain list as each.
func parsePush(sent any, now time.Time) (func(any) (any, error), error) {
	object, _ := sent.(map[string]any)
	value, err := Decode(object["each"], now)
	if err != nil {
		return nil, err
	}
	each, ok := value.([]any)
	if !ok {
		return nil, badData("$push takes a list as each")
	}
	position, hasPosition := object["position"].(float64)
	keep, hasSlice := object["slice"].(float64)
	sorting, err := parsePushSort(object["sort"])
	if err != nil {
		return nil, err
	}
	return func(old any) (any, error) {
		list, err := elements(old)
		if err != nil {
			return nil, err
		}
		at := len(list)
		if hasPosition {
			at = place(position, len(list))
		}
		list = slices.Insert(append([]any{}, list...), at, copied(each).([]any)...)
		slices.SortStableFunc(list, sorting)
		if hasSlice {
			list = slice(list, keep)
		}
		return list, nil
	}, nil
}

// place is a position within a list of that length; negative ones count from the end.
func place(position float64, length int) int {
	if position < 0 {
		return int(max(0, float64(length)+position))
	}
	return int(min(position, float64(length)))
}

// slice keeps so many elements, the last ones when it is negative.
func slice(list []any, keep float64) []any {
	if keep < 0 {
		return list[int(max(0, float64(len(list))+keep)):]
	}
	return list[:int(min(keep, float64(len(list))))]
}

func parsePushSort(sent any) (func(a, b any) int, error) {
	switch v := sent.(type) {
	case nil:
		return asTheyAre, nil
	case float64:
		if v == 1 || v == -1 {
			return func(a, b any) int { return int(v) * Compare(a, b) }, nil
		}
	case map[string]any:
		var keys []any
		for name, direction := range v {
			keys = append(keys, []any{name, direction})
		}
		order, err := ParseOrder(keys)
		if err == nil {
			return order.compareValues, nil
		}
	}
	return nil, badData("sort takes 1, -1 or an object of fields")
}

// copied is a value that shares nothing with the operand, for one update changes many documents.
func copied(value any) any {
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = copied(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = copied(member)
		}
		return out
	}
	return value
}

// Apply changes the document in place. After an error it is in between, and must be thrown away.
func (u Update) Apply(doc Document) error {
	for _, c := range u.changes {
		apply := c.apply
		if c.to != nil {
			moved := one(doc, c.at)
			if _, gone := moved.(missing); gone {
				continue
			}
			apply = func(any) (any, error) { return missing{}, nil }
			if err := put(doc, c.to, func(any) (any, error) { return moved, nil }); err != nil {
				return err
			}
		}
		if err := put(doc, c.at, apply); err != nil {
			return err
		}
	}
	return nil
}

// put replaces the value at a path by what apply makes of it, and makes the objects on the way.
func put(doc Document, at path, apply func(any) (any, error)) error {
	_, err := putIn(doc, at, apply)
	return err
}

// putIn gives the container back, for an array may have grown.
func putIn(container any, at path, apply func(any) (any, error)) (any, error) {
	if list, ok := container.([]any); ok {
		return putElement(list, at, apply)
	}
	object, ok := container.(map[string]any)
	if !ok {
		return nil, badUpdate("there is no field %s in a value that is no object", clip(at.String()))
	}
	old, ok := object[at[0]]
	if !ok {
		old = missing{}
	}
	value, err := within(old, at, apply)
	if err != nil {
		return nil, err
	}
	if _, gone := value.(missing); gone {
		delete(object, at[0])
	} else {
		object[at[0]] = value
	}
	return object, nil
}

// within is the new value of a member on the way, or at the end of it.
func within(old any, at path, apply func(any) (any, error)) (any, error) {
	if len(at) == 1 {
		return apply(old)
	}
	if _, gone := old.(missing); !gone {
		return putIn(old, at[1:], apply)
	}
	made, err := putIn(map[string]any{}, at[1:], apply)
	if object, ok := made.(map[string]any); ok && len(object) == 0 {
		return missing{}, err // taking away what was not there makes nothing
	}
	return made, err
}

func putElement(list []any, at path, apply func(any) (any, error)) (any, error) {
	position, ok := index(at[0])
	if !ok {
		return nil, badUpdate("an array has no field %s", clip(at[0]))
	}
	if position >= len(list)+MaxArrayHole {
		return nil, badUpdate("position %d is too far beyond the end of the array", position)
	}
	var old any = missing{}
	if position < len(list) {
		old = list[position]
	}
	value, err := within(old, at, apply)
	if err != nil {
		return nil, err
	}
	if _, gone := value.(missing); gone {
		if position < len(list) {
			list[position] = nil
		}
		return list, nil
	}
	for len(list) <= position {
		list = append(list, nil)
	}
	list[position] = value
	return list, nil
}
