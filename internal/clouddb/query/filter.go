package query

import (
	"slices"
	"strings"
	"time"
)

// Filter is a condition on documents. The zero Filter lets every document through.
type Filter struct {
	Near  *Near // from where the documents are sorted when nothing else says in which order; nil is nowhere
	test  test
	needs []Need
}

type test func(value any) bool

// Need is something that every matching document has: one of the values at a path, or one between two. A database
// may use it to look at fewer documents; what matches is decided by Match alone.
type Need struct {
	Path     string
	In       []any        // scalars; nil when it is a range
	From, To any          // scalars of one kind, or nil; inclusive
	Cells    [][2]float64 // of a geo index; nil when it is not about places
}

// Match tells whether the document is one.
func (f Filter) Match(doc Document) bool { return f.test == nil || f.test(doc) }

// Empty tells whether every document is one.
func (f Filter) Empty() bool { return f.test == nil }

// Needs are the needs of all conditions that must hold.
func (f Filter) Needs() []Need { return f.needs }

// filterParser counts what it has made.
type filterParser struct {
	openid   string
	nodes    int
	path     string          // that the condition being read is about
	near     *Near           // of the first geoNear that must hold
	either   bool            // what is being read need not hold
	pipeline *pipelineParser // whose expressions a condition may hold; nil outside of pipelines
}

// ParseFilter reads a condition as the SDK sends it: paths with operators, {"a.b": {"$gt": 1}}, and $and, $or and
// $nor over lists. The text {openid} stands for the caller.
func ParseFilter(sent any, openid string) (Filter, error) {
	return parseFilter(&filterParser{openid: openid}, sent)
}

func parseFilter(p *filterParser, sent any) (Filter, error) {
	if sent == nil {
		return Filter{}, nil
	}
	object, ok := sent.(map[string]any)
	if !ok {
		return Filter{}, badQuery("a condition is an object")
	}
	if len(object) == 0 {
		return Filter{}, nil
	}
	f, err := p.object(object, 0)
	f.Near = p.near
	return f, err
}

func (p *filterParser) count(depth int) error {
	if p.nodes++; p.nodes > MaxNodes || depth > MaxDepth {
		return badQuery("more than %d conditions, or deeper than %d", MaxNodes, MaxDepth)
	}
	return nil
}

// object is a condition on the members of an object; all must hold.
func (p *filterParser) object(sent map[string]any, depth int) (Filter, error) {
	var all []test
	var needs []Need
	for name, member := range sent {
		if err := p.count(depth); err != nil {
			return Filter{}, err
		}
		if name == "$expr" {
			made, err := p.expression(member)
			if err != nil {
				return Filter{}, err
			}
			all = append(all, made)
			continue
		}
		if strings.HasPrefix(name, "$") {
			f, err := p.logic(name, member, depth)
			if err != nil {
				return Filter{}, err
			}
			all, needs = append(all, f.test), append(needs, f.needs...)
			continue
		}
		at, err := parsePath(name)
		if err != nil {
			return Filter{}, err
		}
		p.path = name
		condition, need, err := p.condition(member, depth+1)
		if err != nil {
			return Filter{}, err
		}
		for i := range need {
			need[i].Path = name
		}
		all, needs = append(all, func(value any) bool { return condition(branches(value, at)) }), append(needs, need...)
	}
	return Filter{test: every(all), needs: needs}, nil
}

// branches are the values at a path.
func branches(value any, at path) []any {
	if len(at) == 1 { // the common case, without a closure
		if object, ok := value.(map[string]any); ok {
			if child, ok := object[at[0]]; ok {
				return []any{child}
			}
			return []any{missing{}}
		}
	}
	var out []any
	values(value, at, func(v any) bool { out = append(out, v); return true })
	return out
}

func every(all []test) test {
	if len(all) == 1 {
		return all[0]
	}
	return func(value any) bool {
		for _, each := range all {
			if !each(value) {
				return false
			}
		}
		return true
	}
}

// expression is a condition that a pipeline's expression makes of the document.
func (p *filterParser) expression(sent any) (test, error) {
	if p.pipeline == nil {
		return nil, badQuery("expr is for the match of a pipeline")
	}
	holds, err := p.pipeline.expression(sent, 0)
	return func(value any) bool {
		doc, _ := value.(map[string]any)
		return truthy(holds(p.pipeline.state.scope(doc)))
	}, err
}

// alternatives reads what need not hold.
func (p *filterParser) alternatives(name string) (end func()) {
	before := p.either
	p.either = p.either || name != "$and"
	return func() { p.either = before }
}

func (p *filterParser) logic(name string, sent any, depth int) (Filter, error) {
	defer p.alternatives(name)()
	list, ok := sent.([]any)
	if !ok || len(list) == 0 {
		return Filter{}, badQuery("%s takes a list of conditions", name)
	}
	var parts []test
	var needs []Need
	for _, each := range list {
		object, ok := each.(map[string]any)
		if !ok {
			return Filter{}, badQuery("%s takes a list of conditions", name)
		}
		f, err := p.object(object, depth+1)
		if err != nil {
			return Filter{}, err
		}
		parts, needs = append(parts, f.test), append(needs, f.needs...)
	}
	either := func(value any) bool {
		return slices.ContainsFunc(parts, func(each test) bool { return each(value) })
	}
	switch name {
	case "$and":
		return Filter{test: every(parts), needs: needs}, nil
	case "$or":
		return Filter{test: either}, nil
	case "$nor":
		return Filter{test: func(value any) bool { return !either(value) }}, nil
	}
	return Filter{}, badQuery("%s is not a condition", clip(name))
}

// condition is what must hold of the values at one path.
type condition func(branches []any) bool

func (p *filterParser) condition(sent any, depth int) (condition, []Need, error) {
	object, ok := sent.(map[string]any)
	if !ok || len(object) > 0 && !operators(object) {
		object = map[string]any{"$eq": sent}
	}
	if len(object) == 0 {
		object = map[string]any{"$eq": map[string]any{}}
	}
	var all []condition
	var needs []Need
	for name, operand := range object {
		if err := p.count(depth); err != nil {
			return nil, nil, err
		}
		if name == "$options" {
			continue // of $regex
		}
		c, need, err := p.operator(name, operand, object, depth)
		if err != nil {
			return nil, nil, err
		}
		all, needs = append(all, c), append(needs, need...)
	}
	return func(branches []any) bool {
		for _, each := range all {
			if !each(branches) {
				return false
			}
		}
		return true
	}, needs, nil
}

// operators tells whether an object is made of operators; a date is a value.
func operators(object map[string]any) bool {
	if _, date := object["$date"]; date {
		return false
	}
	for name := range object {
		if strings.HasPrefix(name, "$") {
			return true
		}
	}
	return false
}

func (p *filterParser) operand(sent any) (any, error) {
	if sent == "{openid}" {
		return p.openid, nil
	}
	value, err := decode(sent, time.Time{}, 0)
	if err != nil {
		return nil, badQuery("an operand cannot be a value of the database")
	}
	return value, nil
}

func (p *filterParser) list(name string, sent any) ([]any, error) {
	list, ok := sent.([]any)
	if !ok {
		return nil, badQuery("%s takes a list", name)
	}
	if p.nodes += len(list); p.nodes > MaxNodes {
		return nil, badQuery("more than %d conditions", MaxNodes)
	}
	out := make([]any, len(list))
	for i := range list {
		var err error
		if out[i], err = p.operand(list[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *filterParser) operator(name string, sent any, beside map[string]any, depth int) (condition, []Need, error) {
	switch name {
	case "$eq", "$ne", "$gt", "$gte", "$lt", "$lte":
		operand, err := p.operand(sent)
		if err != nil {
			return nil, nil, err
		}
		return comparison(name, operand)
	case "$in", "$nin", "$all":
		list, err := p.list(name, sent)
		if err != nil {
			return nil, nil, err
		}
		return membership(name, list)
	case "$and", "$or", "$nor":
		return p.fieldLogic(name, sent, depth)
	case "$not":
		defer p.alternatives(name)()
		inner, _, err := p.condition(sent, depth+1)
		if err != nil {
			return nil, nil, err
		}
		return func(branches []any) bool { return !inner(branches) }, nil, nil
	case "$geoNear", "$geoWithin", "$geoIntersects":
		return p.geo(name, sent)
	case "$elemMatch":
		defer p.alternatives(name)()
		c, err := p.elemMatch(sent, depth)
		return c, nil, err
	case "$regex":
		c, err := pattern(sent, beside["$options"])
		return c, nil, err
	}
	c, err := shape(name, sent)
	return c, nil, err
}

// comparison holds when one of the values, or an element of one, compares so with an operand of its own kind.
func comparison(name string, operand any) (condition, []Need, error) {
	switch name {
	case "$eq":
		return some(func(v any) bool { return is(v, operand) }), needIn([]any{operand}), nil
	case "$ne":
		same := some(func(v any) bool { return is(v, operand) })
		return func(branches []any) bool { return !same(branches) }, nil, nil
	}
	kind := kindOf(operand)
	if kind != kindNumber && kind != kindString && kind != kindDate && kind != kindBool {
		return nil, nil, badQuery("%s takes a number, a text, a date or a boolean", name)
	}
	holds := map[string]func(int) bool{
		"$gt": func(order int) bool { return order > 0 }, "$gte": func(order int) bool { return order >= 0 },
		"$lt": func(order int) bool { return order < 0 }, "$lte": func(order int) bool { return order <= 0 },
	}[name]
	need := Need{From: operand}
	if name == "$lt" || name == "$lte" {
		need = Need{To: operand}
	}
	return some(func(v any) bool { return kindOf(v) == kind && holds(Compare(v, operand)) }), []Need{need}, nil
}

// is compares for equality; a field that is not there equals null.
func is(value, operand any) bool {
	if _, gone := value.(missing); gone {
		return operand == nil
	}
	return equal(value, operand)
}

// some holds when a value or an element of a value passes.
func some(pass func(any) bool) condition {
	return func(branches []any) bool {
		for _, value := range branches {
			if pass(value) {
				return true
			}
			if list, ok := value.([]any); ok && slices.ContainsFunc(list, pass) {
				return true
			}
		}
		return false
	}
}

// Scalar tells whether a value may stand in an index.
func Scalar(value any) bool {
	kind := kindOf(value)
	return kind == kindNumber || kind == kindString || kind == kindDate || kind == kindBool
}

// needIn is the need of one of the operands, unless one of them may be matched by what is not indexed.
func needIn(operands []any) []Need {
	for _, operand := range operands {
		if !Scalar(operand) {
			return nil
		}
	}
	return []Need{{In: operands}}
}

func membership(name string, list []any) (condition, []Need, error) {
	if name == "$all" {
		if len(list) == 0 {
			return func([]any) bool { return false }, nil, nil
		}
		return func(branches []any) bool {
			for _, operand := range list {
				if !some(func(v any) bool { return is(v, operand) })(branches) {
					return false
				}
			}
			return true
		}, needIn(list[:1]), nil
	}
	in := some(func(v any) bool {
		return slices.ContainsFunc(list, func(operand any) bool { return is(v, operand) })
	})
	if name == "$in" {
		return in, needIn(list), nil
	}
	return func(branches []any) bool { return !in(branches) }, nil, nil
}

func (p *filterParser) fieldLogic(name string, sent any, depth int) (condition, []Need, error) {
	defer p.alternatives(name)()
	list, ok := sent.([]any)
	if !ok || len(list) == 0 {
		return nil, nil, badQuery("%s takes a list of conditions", name)
	}
	var parts []condition
	var needs []Need
	for _, each := range list {
		c, need, err := p.condition(each, depth+1)
		if err != nil {
			return nil, nil, err
		}
		parts, needs = append(parts, c), append(needs, need...)
	}
	if name == "$and" {
		return func(branches []any) bool {
			return !slices.ContainsFunc(parts, func(c condition) bool { return !c(branches) })
		}, needs, nil
	}
	return func(branches []any) bool {
		return slices.ContainsFunc(parts, func(c condition) bool { return c(branches) }) == (name == "$or")
	}, nil, nil
}

// elemMatch holds when one element of an array meets every part of the condition.
func (p *filterParser) elemMatch(sent any, depth int) (condition, error) {
	object, ok := sent.(map[string]any)
	if !ok {
		return nil, badQuery("$elemMatch takes a condition")
	}
	var pass test
	if operators(object) {
		c, _, err := p.condition(object, depth+1)
		if err != nil {
			return nil, err
		}
		pass = func(element any) bool { return c([]any{element}) }
	} else {
		f, err := p.object(object, depth+1)
		if err != nil {
			return nil, err
		}
		pass = func(element any) bool {
			_, object := element.(map[string]any)
			return object && f.test(element)
		}
	}
	return func(branches []any) bool {
		for _, value := range branches {
			if list, ok := value.([]any); ok && slices.ContainsFunc(list, pass) {
				return true
			}
		}
		return false
	}, nil
}
