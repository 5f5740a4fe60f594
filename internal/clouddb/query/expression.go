package query

import (
	"maps"
	"slices"
	"strings"
)

// expression is a value made from a document, in a pipeline.
type expression func(s scope) any

// scope is what an expression may look at: a document, and what let, map, filter and reduce have named.
type scope struct {
	doc    Document
	named  map[string]any
	budget *budget
}

// with is the scope with more names.
func (s scope) with(names map[string]any) scope {
	inner := maps.Clone(s.named)
	if inner == nil {
		inner = map[string]any{}
	}
	maps.Copy(inner, names)
	s.named = inner
	return s
}

// budget is how much a pipeline may still do. What is over it gives null, and the stage is refused at its end.
type budget struct {
	left int
	over bool
}

// MaxWork is how many steps the expressions of one pipeline may take: elements that map, filter and reduce go through,
// documents that a lookup compares, values of what they make.
const MaxWork = 4_000_000

// naming is how many steps a new name for a value counts as.
const naming = 4

func newBudget() *budget { return &budget{left: MaxWork} }

// spend tells whether so much may still be done.
func (b *budget) spend(steps int) bool {
	if b.left -= steps; b.left < 0 {
		b.over = true
	}
	return !b.over
}

// weigh counts the values in a value, for one made of parts of itself may spell far more than it takes in memory.
func (b *budget) weigh(value any) bool {
	if !b.spend(1) {
		return false
	}
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			if !b.weigh(element) {
				return false
			}
		}
	case map[string]any:
		for _, member := range v {
			if !b.weigh(member) {
				return false
			}
		}
	}
	return true
}

func (b *budget) err() error {
	if b.over {
		return badQuery("the pipeline does more than %d steps", MaxWork)
	}
	return nil
}

// expression reads a literal, "$a.b", "$$name.b", an object or list of expressions, or an operator with its operands.
func (p *pipelineParser) expression(sent any, depth int) (expression, error) {
	if p.nodes++; p.nodes > MaxNodes || depth > MaxDepth {
		return nil, badQuery("more than %d expressions, or deeper than %d", MaxNodes, MaxDepth)
	}
	switch v := sent.(type) {
	case string:
		if name, ok := strings.CutPrefix(v, "$$"); ok {
			return p.variable(name)
		}
		if field, ok := strings.CutPrefix(v, "$"); ok {
			at, err := parsePath(field)
			return func(s scope) any { return one(s.doc, at) }, err
		}
	case []any:
		return p.listExpression(v, depth)
	case map[string]any:
		if operators(v) {
			return p.operation(v, depth)
		}
		if _, date := v["$date"]; !date {
			return p.objectExpression(v, depth)
		}
	}
	return p.literal(sent)
}

// variable is what let, map, filter, reduce or lookup have named, or the document as ROOT or CURRENT.
func (p *pipelineParser) variable(sent string) (expression, error) {
	name, rest, inside := strings.Cut(sent, ".")
	var at path
	if inside {
		var err error
		if at, err = parsePath(rest); err != nil {
			return nil, err
		}
	}
	switch {
	case name == "ROOT" || name == "CURRENT":
		return func(s scope) any { return one(s.doc, at) }, nil
	case name == "REMOVE":
		return func(scope) any { return missing{} }, nil
	case p.names[name] == 0:
		return nil, badQuery("$$%s is not a variable", clip(name))
	}
	return func(s scope) any { return one(s.named[name], at) }, nil
}

// naming reads what may use more names.
func (p *pipelineParser) naming(names []string, read func() error) error {
	for _, name := range names {
		if name == "" || strings.ContainsAny(name, ".$") {
			return badQuery("%q cannot be the name of a variable", clip(name))
		}
		if p.names == nil {
			p.names = map[string]int{}
		}
		p.names[name]++
	}
	err := read()
	for _, name := range names {
		p.names[name]--
	}
	return err
}

func (p *pipelineParser) literal(sent any) (expression, error) {
	value, err := Decode(sent, p.now)
	if err != nil {
		return nil, badQuery("an operand cannot be a value of the database")
	}
	return func(scope) any { return value }, nil
}

func (p *pipelineParser) listExpression(sent []any, depth int) (expression, error) {
	parts, err := p.expressions(sent, depth)
	return func(s scope) any {
		out := make([]any, len(parts))
		for i, part := range parts {
			if out[i] = part(s); kindOf(out[i]) == kindMissing {
				out[i] = nil
			}
		}
		return out
	}, err
}

func (p *pipelineParser) expressions(sent []any, depth int) ([]expression, error) {
	parts := make([]expression, len(sent))
	for i, each := range sent {
		var err error
		if parts[i], err = p.expression(each, depth+1); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func (p *pipelineParser) objectExpression(sent map[string]any, depth int) (expression, error) {
	parts := map[string]expression{}
	for name, each := range sent {
		if err := checkName(name); err != nil {
			return nil, badQuery("%q cannot be the name of a field", clip(name))
		}
		var err error
		if parts[name], err = p.expression(each, depth+1); err != nil {
			return nil, err
		}
	}
	return func(s scope) any {
		out := make(map[string]any, len(parts))
		for name, part := range parts {
			if value := part(s); kindOf(value) != kindMissing {
				out[name] = value
			}
		}
		return out
	}, nil
}

func (p *pipelineParser) operation(sent map[string]any, depth int) (expression, error) {
	if len(sent) != 1 {
		return nil, badQuery("an expression has one operator")
	}
	for name, operands := range sent {
		if name == "$literal" {
			return p.literal(operands)
		}
		if read, ok := p.forms()[name]; ok {
			return read(operands, depth)
		}
		list, ok := operands.([]any)
		if !ok {
			list = []any{operands}
		}
		apply, ok := functions[name]
		if !ok {
			return nil, badQuery("%s is not an operator of pipelines that the cloud database has", clip(name))
		}
		if len(list) < apply.least || len(list) > apply.most {
			return nil, badQuery("%s does not take %d operands", name, len(list))
		}
		parts, err := p.expressions(list, depth)
		return func(s scope) any {
			args := make([]any, len(parts))
			for i, part := range parts {
				args[i] = part(s)
				if list, ok := args[i].([]any); ok && !s.budget.spend(len(list)) {
					return nil
				}
			}
			return apply.run(args)
		}, err
	}
	return nil, badQuery("an expression has one operator")
}

// forms are the operators that read their operands themselves: by name, or with names of their own.
func (p *pipelineParser) forms() map[string]func(operands any, depth int) (expression, error) {
	return map[string]func(any, int) (expression, error){
		"$let": p.let, "$map": p.mapping, "$filter": p.filtering, "$reduce": p.reducing, "$switch": p.switching, "$cond": p.conditional,
		"$zip":            p.byName("$zip", zip, "inputs", "useLongestLength", "defaults"),
		"$trim":           p.byName("$trim", trimmed(strings.TrimLeft, strings.TrimRight), "input", "chars"),
		"$ltrim":          p.byName("$ltrim", trimmed(strings.TrimLeft), "input", "chars"),
		"$rtrim":          p.byName("$rtrim", trimmed(strings.TrimRight), "input", "chars"),
		"$convert":        p.byName("$convert", convert, "input", "to", "onError", "onNull"),
		"$dateToString":   p.byName("$dateToString", dateToString, "date", "format", "timezone", "onNull"),
		"$dateFromString": p.byName("$dateFromString", dateFromString, "dateString", "format", "timezone", "onError", "onNull"),
		"$dateToParts":    p.byName("$dateToParts", dateToParts, "date", "timezone", "iso8601"),
		"$dateFromParts": p.byName("$dateFromParts", dateFromParts,
			"year", "month", "day", "hour", "minute", "second", "millisecond", "timezone", "isoWeekYear", "isoWeek", "isoDayOfWeek"),
	}
}

// byName is an operator whose operands have names; one that is left out is missing{}.
func (p *pipelineParser) byName(name string, run func(args map[string]any) any, known ...string) func(any, int) (expression, error) {
	return func(operands any, depth int) (expression, error) {
		object, ok := operands.(map[string]any)
		if !ok {
			return nil, badQuery("%s takes an object", name)
		}
		parts := map[string]expression{}
		for key, sent := range object {
			if !slices.Contains(known, key) {
				return nil, badQuery("%s has no %s", name, clip(key))
			}
			var err error
			if parts[key], err = p.expression(sent, depth+1); err != nil {
				return nil, err
			}
		}
		return func(s scope) any {
			args := make(map[string]any, len(known))
			for _, key := range known {
				args[key] = missing{}
				if part := parts[key]; part != nil {
					args[key] = part(s)
				}
			}
			return run(args)
		}, nil
	}
}

// members reads the parts of an operator's object: those that must be there first.
func (p *pipelineParser) member(name string, object map[string]any, key string, depth int) (expression, error) {
	sent, ok := object[key]
	if !ok {
		return nil, badQuery("%s needs %s", name, key)
	}
	return p.expression(sent, depth+1)
}

func (p *pipelineParser) let(operands any, depth int) (expression, error) {
	object, _ := operands.(map[string]any)
	vars, ok := object["vars"].(map[string]any)
	if !ok {
		return nil, badQuery("$let needs vars and in")
	}
	parts := map[string]expression{}
	for name, sent := range vars {
		var err error
		if parts[name], err = p.expression(sent, depth+1); err != nil {
			return nil, err
		}
	}
	var in expression
	err := p.naming(slices.Collect(maps.Keys(vars)), func() (err error) {
		in, err = p.member("$let", object, "in", depth)
		return err
	})
	return func(s scope) any {
		names := make(map[string]any, len(parts))
		for name, part := range parts {
			names[name] = part(s)
		}
		return in(s.with(names))
	}, err
}

// over reads an operator that goes through a list, with a name for the element.
func (p *pipelineParser) over(name string, operands any, key string, depth int) (input, each expression, as string, err error) {
	object, ok := operands.(map[string]any)
	if !ok {
		return nil, nil, "", badQuery("%s takes an object", name)
	}
	if input, err = p.member(name, object, "input", depth); err != nil {
		return nil, nil, "", err
	}
	as, _ = object["as"].(string)
	if as == "" {
		as = "this"
	}
	err = p.naming([]string{as}, func() (err error) {
		each, err = p.member(name, object, key, depth)
		return err
	})
	return input, each, as, err
}

func (p *pipelineParser) mapping(operands any, depth int) (expression, error) {
	input, each, as, err := p.over("$map", operands, "in", depth)
	return func(s scope) any {
		list, ok := input(s).([]any)
		if !ok {
			return nil
		}
		out := make([]any, 0, len(list))
		for _, element := range list {
			if !s.budget.spend(naming) {
				return nil
			}
			value := each(s.with(map[string]any{as: element}))
			if !s.budget.weigh(value) {
				return nil
			}
			out = append(out, orNull(value))
		}
		return out
	}, err
}

func (p *pipelineParser) filtering(operands any, depth int) (expression, error) {
	input, each, as, err := p.over("$filter", operands, "cond", depth)
	return func(s scope) any {
		list, ok := input(s).([]any)
		if !ok {
			return nil
		}
		out := []any{}
		for _, element := range list {
			if !s.budget.spend(naming) {
				return nil
			}
			if truthy(each(s.with(map[string]any{as: element}))) {
				out = append(out, element)
			}
		}
		return out
	}, err
}

func (p *pipelineParser) reducing(operands any, depth int) (expression, error) {
	object, ok := operands.(map[string]any)
	if !ok {
		return nil, badQuery("$reduce takes an object")
	}
	input, err := p.member("$reduce", object, "input", depth)
	if err != nil {
		return nil, err
	}
	first, err := p.member("$reduce", object, "initialValue", depth)
	if err != nil {
		return nil, err
	}
	var each expression
	err = p.naming([]string{"value", "this"}, func() (err error) {
		each, err = p.member("$reduce", object, "in", depth)
		return err
	})
	return func(s scope) any {
		list, ok := input(s).([]any)
		if !ok {
			return nil
		}
		value := first(s)
		for _, element := range list {
			if !s.budget.spend(naming) {
				return nil
			}
			if value = each(s.with(map[string]any{"value": value, "this": element})); !s.budget.weigh(value) {
				return nil
			}
		}
		return value
	}, err
}

// conditional takes [if, then, else] or {if, then, else}.
func (p *pipelineParser) conditional(operands any, depth int) (expression, error) {
	if object, ok := operands.(map[string]any); ok {
		operands = []any{object["if"], object["then"], object["else"]}
	}
	list, ok := operands.([]any)
	if !ok || len(list) != 3 {
		return nil, badQuery("$cond takes if, then and else")
	}
	parts, err := p.expressions(list, depth)
	return func(s scope) any {
		if truthy(parts[0](s)) {
			return parts[1](s)
		}
		return parts[2](s)
	}, err
}

func (p *pipelineParser) switching(operands any, depth int) (expression, error) {
	object, _ := operands.(map[string]any)
	branches, ok := object["branches"].([]any)
	if !ok {
		return nil, badQuery("$switch needs branches")
	}
	var tests, values []expression
	for _, sent := range branches {
		branch, _ := sent.(map[string]any)
		test, err := p.member("a branch", branch, "case", depth)
		if err != nil {
			return nil, err
		}
		value, err := p.member("a branch", branch, "then", depth)
		if err != nil {
			return nil, err
		}
		tests, values = append(tests, test), append(values, value)
	}
	otherwise, err := p.expression(object["default"], depth+1)
	return func(s scope) any {
		for i, test := range tests {
			if truthy(test(s)) {
				return values[i](s)
			}
		}
		return otherwise(s)
	}, err
}

func orNull(value any) any {
	if kindOf(value) == kindMissing {
		return nil
	}
	return value
}
