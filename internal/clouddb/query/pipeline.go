package query

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Pipeline is an aggregation: stages through which documents go.
type Pipeline struct {
	// First is the leading condition, which a database may use to look at fewer documents.
	First  Filter
	stages []stage
}

// A stage takes all documents and gives others.
type stage func(docs []Document) ([]Document, error)

const (
	maxStages = 30
	// MaxProduced is how many documents a stage may give, for unwinding multiplies them.
	MaxProduced = 100_000
)

type pipelineParser struct {
	openid string
	now    time.Time
	nodes  int
}

// ParsePipeline reads [{"$match": …}, {"$group": …}].
func ParsePipeline(sent any, openid string, now time.Time) (Pipeline, error) {
	list, ok := sent.([]any)
	if !ok || len(list) == 0 || len(list) > maxStages {
		return Pipeline{}, badQuery("a pipeline is a list of 1 to %d stages", maxStages)
	}
	p := &pipelineParser{openid: openid, now: now}
	var out Pipeline
	for i, each := range list {
		object, _ := each.(map[string]any)
		if len(object) != 1 {
			return Pipeline{}, badQuery("a stage is an object with one member")
		}
		for name, args := range object {
			if name == "$match" && i == 0 {
				var err error
				if out.First, err = ParseFilter(args, openid); err != nil {
					return Pipeline{}, err
				}
				continue
			}
			made, err := p.stage(name, args)
			if err != nil {
				return Pipeline{}, err
			}
			out.stages = append(out.stages, made)
		}
	}
	return out, nil
}

// Run takes the documents that First let through.
func (p Pipeline) Run(docs []Document) ([]Document, error) {
	for _, each := range p.stages {
		var err error
		if docs, err = each(docs); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

func (p *pipelineParser) stage(name string, args any) (stage, error) {
	switch name {
	case "$match":
		filter, err := ParseFilter(args, p.openid)
		return func(docs []Document) ([]Document, error) {
			return slices.DeleteFunc(docs, func(doc Document) bool { return !filter.Match(doc) }), nil
		}, err
	case "$sort":
		return sortStage(args)
	case "$skip", "$limit":
		count, ok := args.(float64)
		if !ok || count < 0 {
			return nil, badQuery("%s takes a number", name)
		}
		if name == "$limit" {
			return func(docs []Document) ([]Document, error) { return docs[:int(min(count, float64(len(docs))))], nil }, nil
		}
		return func(docs []Document) ([]Document, error) { return docs[int(min(count, float64(len(docs)))):], nil }, nil
	case "$count":
		field, _ := args.(string)
		if err := checkName(field); err != nil {
			return nil, badQuery("$count takes the name of a field")
		}
		return func(docs []Document) ([]Document, error) {
			return []Document{{field: float64(len(docs))}}, nil
		}, nil
	case "$unwind":
		return unwindStage(args)
	case "$group":
		return p.groupStage(args)
	case "$project", "$addFields":
		return p.fieldsStage(name, args)
	}
	return nil, badQuery("%s is not a stage that the cloud database has", clip(name))
}

func sortStage(args any) (stage, error) {
	if object, ok := args.(map[string]any); ok { // without an order of its own, so by name
		var list []any
		for _, name := range slices.Sorted(maps.Keys(object)) {
			list = append(list, []any{name, object[name]})
		}
		args = list
	}
	order, err := ParseOrder(args)
	if err != nil {
		return nil, err
	}
	return func(docs []Document) ([]Document, error) {
		slices.SortStableFunc(docs, func(a, b Document) int { return order.compareValues(a, b) })
		return docs, nil
	}, nil
}

func unwindStage(args any) (stage, error) {
	field, _ := args.(string)
	keep := false
	if object, ok := args.(map[string]any); ok {
		field, _ = object["path"].(string)
		keep, _ = object["preserveNullAndEmptyArrays"].(bool)
	}
	at, err := parsePath(strings.TrimPrefix(field, "$"))
	if err != nil || !strings.HasPrefix(field, "$") {
		return nil, badQuery("unwind takes a path such as $tags")
	}
	return func(docs []Document) ([]Document, error) {
		var out []Document
		for _, doc := range docs {
			list, ok := one(doc, at).([]any)
			if !ok || len(list) == 0 {
				if value := one(doc, at); keep || !ok && kindOf(value) > kindNull {
					out = append(out, doc)
				}
				continue
			}
			if len(out)+len(list) > MaxProduced {
				return nil, badQuery("unwind makes more than %d documents", MaxProduced)
			}
			for _, element := range list {
				out = append(out, replaced(doc, at, element))
			}
		}
		return out, nil
	}, nil
}

// replaced is the object with another value at the path; only what is on the way is copied.
func replaced(object map[string]any, at path, value any) map[string]any {
	out := maps.Clone(object)
	if inner, ok := object[at[0]].(map[string]any); ok && len(at) > 1 {
		value = replaced(inner, at[1:], value)
	}
	out[at[0]] = value
	return out
}

// accumulate folds the values of a group.
type accumulate struct {
	name  string
	value expression
}

func (p *pipelineParser) groupStage(args any) (stage, error) {
	object, ok := args.(map[string]any)
	if !ok {
		return nil, badQuery("group takes an object")
	}
	sentID, ok := object["_id"]
	if !ok {
		return nil, badQuery("group needs an _id")
	}
	id, err := p.expression(sentID, 0)
	if err != nil {
		return nil, err
	}
	folds := map[string]accumulate{}
	for field, sent := range object {
		if field == "_id" {
			continue
		}
		if err := checkName(field); err != nil {
			return nil, badQuery("%q cannot be the name of a field", clip(field))
		}
		if folds[field], err = p.accumulator(sent); err != nil {
			return nil, err
		}
	}
	return func(docs []Document) ([]Document, error) { return group(docs, id, folds) }, nil
}

var accumulators = []string{"$sum", "$avg", "$min", "$max", "$first", "$last", "$push", "$addToSet"}

func (p *pipelineParser) accumulator(sent any) (accumulate, error) {
	object, _ := sent.(map[string]any)
	for name, value := range object {
		if len(object) == 1 && slices.Contains(accumulators, name) {
			inner, err := p.expression(value, 0)
			return accumulate{name: name, value: inner}, err
		}
	}
	return accumulate{}, badQuery("a field of a group is one of sum, avg, min, max, first, last, push, addToSet")
}

// groups keeps them in the order in which they came up.
type groups struct {
	order []string
	by    map[string]*bucket
}

type bucket struct {
	id     any
	values map[string][]any
}

func group(docs []Document, id expression, folds map[string]accumulate) ([]Document, error) {
	g := groups{by: map[string]*bucket{}}
	for _, doc := range docs {
		key := id(doc)
		if kindOf(key) == kindMissing {
			key = nil
		}
		spelled, err := json.Marshal(key) // members are in the order of their names
		if err != nil {
			return nil, badQuery("%v", err)
		}
		b := g.by[string(spelled)]
		if b == nil {
			b = &bucket{id: key, values: map[string][]any{}}
			g.by[string(spelled)] = b
			g.order = append(g.order, string(spelled))
		}
		for field, fold := range folds {
			b.values[field] = append(b.values[field], fold.value(doc))
		}
	}
	out := make([]Document, 0, len(g.order))
	for _, key := range g.order {
		b := g.by[key]
		doc := Document{"_id": b.id}
		for field, fold := range folds {
			doc[field] = fold.of(b.values[field])
		}
		out = append(out, doc)
	}
	return out, nil
}

func (a accumulate) of(list []any) any {
	there := slices.DeleteFunc(slices.Clone(list), func(v any) bool { return kindOf(v) == kindMissing })
	switch a.name {
	case "$sum", "$avg":
		return total(there, a.name == "$avg")
	case "$min", "$max":
		there = slices.DeleteFunc(there, func(v any) bool { return v == nil })
		if len(there) == 0 {
			return nil
		}
		if a.name == "$min" {
			return slices.MinFunc(there, Compare)
		}
		return slices.MaxFunc(there, Compare)
	case "$first", "$last":
		at := 0
		if a.name == "$last" {
			at = len(list) - 1
		}
		if kindOf(list[at]) == kindMissing {
			return nil
		}
		return list[at]
	case "$addToSet":
		slices.SortStableFunc(there, Compare)
		there = slices.CompactFunc(there, equal)
	}
	return append([]any{}, there...)
}

// total adds the numbers among the values.
func total(list []any, average bool) any {
	sum, count := 0.0, 0
	for _, value := range list {
		if number, ok := value.(float64); ok {
			sum += number
			count++
		}
	}
	if !average {
		return sum
	}
	if count == 0 {
		return nil
	}
	return sum / float64(count)
}

// fieldsStage is project, which shows or hides fields and makes new ones, and addFields, which only makes new ones.
func (p *pipelineParser) fieldsStage(name string, args any) (stage, error) {
	object, ok := args.(map[string]any)
	if !ok || len(object) == 0 {
		return nil, badQuery("%s takes an object", name)
	}
	flags, made := map[string]any{}, map[string]expression{}
	for field, sent := range object {
		if flag := sent == true || sent == false || sent == 1.0 || sent == 0.0; flag && name == "$project" {
			flags[field] = sent
			continue
		}
		if err := checkName(field); err != nil {
			return nil, badQuery("%q cannot be the name of a field", clip(field))
		}
		var err error
		if made[field], err = p.expression(sent, 0); err != nil {
			return nil, err
		}
	}
	projection, err := ParseProjection(flags)
	if err != nil {
		return nil, err
	}
	if len(made) > 0 && projection.hide && len(projection.fields) > 0 {
		return nil, badQuery("project cannot hide fields and make new ones")
	}
	projection.hide = projection.hide && (len(made) == 0 || name == "$addFields")
	return func(docs []Document) ([]Document, error) {
		out := make([]Document, len(docs))
		for i, doc := range docs {
			out[i] = maps.Clone(projection.Apply(doc))
			for field, of := range made {
				if value := of(doc); kindOf(value) != kindMissing {
					out[i][field] = value
				}
			}
		}
		return out, nil
	}, nil
}
