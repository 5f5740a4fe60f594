package query

import (
	"math"
	"slices"
	"strings"
)

// expression is a value made from a document, in a pipeline.
type expression func(doc Document) any

// expression reads a literal, "$a.b", an object or list of expressions, or an operator with its operands.
func (p *pipelineParser) expression(sent any, depth int) (expression, error) {
	if p.nodes++; p.nodes > MaxNodes || depth > MaxDepth {
		return nil, badQuery("more than %d expressions, or deeper than %d", MaxNodes, MaxDepth)
	}
	switch v := sent.(type) {
	case string:
		if field, ok := strings.CutPrefix(v, "$"); ok {
			at, err := parsePath(field)
			return func(doc Document) any { return one(doc, at) }, err
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

func (p *pipelineParser) literal(sent any) (expression, error) {
	value, err := Decode(sent, p.now)
	if err != nil {
		return nil, badQuery("an operand cannot be a value of the database")
	}
	return func(Document) any { return value }, nil
}

func (p *pipelineParser) listExpression(sent []any, depth int) (expression, error) {
	parts, err := p.expressions(sent, depth)
	return func(doc Document) any {
		out := make([]any, len(parts))
		for i, part := range parts {
			if out[i] = part(doc); kindOf(out[i]) == kindMissing {
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
	return func(doc Document) any {
		out := make(map[string]any, len(parts))
		for name, part := range parts {
			if value := part(doc); kindOf(value) != kindMissing {
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
		list, ok := operands.([]any)
		if !ok {
			list = []any{operands}
		}
		parts, err := p.expressions(list, depth)
		if err != nil {
			return nil, err
		}
		apply, ok := functions[name]
		if !ok {
			return nil, badQuery("%s is not an operator of pipelines that the cloud database has", clip(name))
		}
		if apply.operands > 0 && len(parts) != apply.operands {
			return nil, badQuery("%s takes %d operands", name, apply.operands)
		}
		return func(doc Document) any {
			args := make([]any, len(parts))
			for i, part := range parts {
				args[i] = part(doc)
			}
			return apply.run(args)
		}, nil
	}
	return nil, badQuery("an expression has one operator")
}

// function is an operator of expressions; 0 operands are any number. What it cannot do gives null.
type function struct {
	operands int
	run      func(args []any) any
}

var functions = map[string]function{
	"$add":      {0, numeric(func(a, b float64) float64 { return a + b })},
	"$multiply": {0, numeric(func(a, b float64) float64 { return a * b })},
	"$subtract": {2, numeric(func(a, b float64) float64 { return a - b })},
	"$divide":   {2, numeric(func(a, b float64) float64 { return a / b })},
	"$mod":      {2, numeric(math.Mod)},
	"$concat":   {0, concat},
	"$size": {1, func(args []any) any {
		if list, ok := args[0].([]any); ok {
			return float64(len(list))
		}
		return nil
	}},
	"$ifNull": {2, func(args []any) any {
		if kindOf(args[0]) <= kindNull {
			return args[1]
		}
		return args[0]
	}},
	"$cond": {3, func(args []any) any {
		if truthy(args[0]) {
			return args[1]
		}
		return args[2]
	}},
	"$eq":  compared(func(order int) bool { return order == 0 }),
	"$ne":  compared(func(order int) bool { return order != 0 }),
	"$gt":  compared(func(order int) bool { return order > 0 }),
	"$gte": compared(func(order int) bool { return order >= 0 }),
	"$lt":  compared(func(order int) bool { return order < 0 }),
	"$lte": compared(func(order int) bool { return order <= 0 }),
	"$and": {0, func(args []any) any { return !slices.ContainsFunc(args, func(v any) bool { return !truthy(v) }) }},
	"$or":  {0, func(args []any) any { return slices.ContainsFunc(args, truthy) }},
	"$not": {1, func(args []any) any { return !truthy(args[0]) }},
}

func compared(holds func(int) bool) function {
	return function{2, func(args []any) any { return holds(Compare(args[0], args[1])) }}
}

func truthy(value any) bool { return kindOf(value) > kindNull && value != false && value != 0.0 }

// numeric folds numbers; one that is not there, infinity and what is not a number give null.
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
		if math.IsInf(result, 0) || math.IsNaN(result) {
			return nil
		}
		return result
	}
}

// maxConcat keeps a pipeline from making texts that no document could hold.
const maxConcat = 256 << 10

func concat(args []any) any {
	var out strings.Builder
	for _, arg := range args {
		stored, ok := arg.(string)
		if !ok || isDate(stored) || out.Len()+len(stored) > maxConcat {
			return nil
		}
		out.WriteString(text(stored))
	}
	if strings.HasPrefix(out.String(), escape) {
		return escape + out.String()
	}
	return out.String()
}
