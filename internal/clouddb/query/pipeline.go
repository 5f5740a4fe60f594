package query

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Pipeline is an aggregation: stages through which documents go. It runs once.
type Pipeline struct {
	// First is the leading condition, which a database may use to look at fewer documents.
	First  Filter
	stages []stage
	state  *state
}

// A stage takes all documents and gives others.
type stage func(docs []Document) ([]Document, error)

// Find gives the documents of another collection that match, as the caller of the pipeline may see them.
type Find func(collection string, filter Filter) ([]Document, error)

// state is what the stages of one run share.
type state struct {
	budget *budget
	find   Find
	named  map[string]any // what a lookup has named for its own pipeline
}

func (s *state) scope(doc Document) scope {
	return scope{doc: doc, named: s.named, budget: s.budget}
}

const (
	maxStages = 30
	// MaxProduced is how many documents a stage may give, for unwinding multiplies them.
	MaxProduced = 100_000
)

type pipelineParser struct {
	openid string
	now    time.Time
	nodes  int
	stages int
	names  map[string]int // variables that expressions may use here, with how often they are named
	state  *state
}

// ParsePipeline reads [{"$match": …}, {"$group": …}].
func ParsePipeline(sent any, openid string, now time.Time) (Pipeline, error) {
	p := &pipelineParser{openid: openid, now: now, state: &state{budget: newBudget()}}
	return p.pipeline(sent)
}

func (p *pipelineParser) pipeline(sent any) (Pipeline, error) {
	list, ok := sent.([]any)
	if p.stages += len(list); !ok || len(list) == 0 || p.stages > maxStages {
		return Pipeline{}, badQuery("a pipeline is a list of 1 to %d stages", maxStages)
	}
	out := Pipeline{state: p.state}
	for i, each := range list {
		object, _ := each.(map[string]any)
		if len(object) != 1 {
			return Pipeline{}, badQuery("a stage is an object with one member")
		}
		for name, args := range object {
			var made stage
			var err error
			switch {
			case name == "$match" && i == 0:
				if out.First, err = p.filter(args); err != nil {
					return Pipeline{}, err
				}
				continue
			case name == "$geoNear":
				if i > 0 {
					return Pipeline{}, badQuery("geoNear is the first stage")
				}
				out.First, made, err = p.geoNearStage(args)
			default:
				made, err = p.stage(name, args)
			}
			if err != nil {
				return Pipeline{}, err
			}
			out.stages = append(out.stages, made)
		}
	}
	return out, nil
}

// Run takes the documents that First let through; find is for lookups.
func (p Pipeline) Run(docs []Document, find Find) ([]Document, error) {
	if p.state.find = find; find == nil {
		p.state.find = func(string, Filter) ([]Document, error) { return nil, nil }
	}
	return p.run(docs)
}

func (p Pipeline) run(docs []Document) ([]Document, error) {
	for _, each := range p.stages {
		var err error
		if docs, err = each(docs); err != nil {
			return nil, err
		}
		if err := p.state.budget.err(); err != nil {
			return nil, err
		}
	}
	return docs, p.state.budget.err()
}

// filter is a condition that may hold expressions.
func (p *pipelineParser) filter(sent any) (Filter, error) {
	return parseFilter(&filterParser{openid: p.openid, pipeline: p}, sent)
}

func (p *pipelineParser) stage(name string, args any) (stage, error) {
	switch name {
	case "$match":
		filter, err := p.filter(args)
		return func(docs []Document) ([]Document, error) {
			return slices.DeleteFunc(slices.Clone(docs), func(doc Document) bool { return !filter.Match(doc) }), nil
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
	case "$bucket":
		return p.bucketStage(args)
	case "$bucketAuto":
		return p.bucketAutoStage(args)
	case "$sample":
		return sampleStage(args)
	case "$replaceRoot":
		return p.replaceRootStage(args)
	case "$lookup":
		return p.lookupStage(args)
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
		sorted := slices.Clone(docs)
		slices.SortStableFunc(sorted, func(a, b Document) int { return order.compareValues(a, b) })
		return sorted, nil
	}, nil
}

func unwindStage(args any) (stage, error) {
	field, _ := args.(string)
	keep, place := false, ""
	if object, ok := args.(map[string]any); ok {
		field, _ = object["path"].(string)
		keep, _ = object["preserveNullAndEmptyArrays"].(bool)
		place, _ = object["includeArrayIndex"].(string)
	}
	at, err := parsePath(strings.TrimPrefix(field, "$"))
	if err != nil || !strings.HasPrefix(field, "$") || place != "" && checkName(place) != nil {
		return nil, badQuery("unwind takes a path such as $tags")
	}
	numbered := func(doc Document, number any) Document {
		if place != "" {
			doc = maps.Clone(doc)
			doc[place] = number
		}
		return doc
	}
	return func(docs []Document) ([]Document, error) {
		var out []Document
		for _, doc := range docs {
			list, ok := one(doc, at).([]any)
			if !ok || len(list) == 0 {
				if value := one(doc, at); keep || !ok && kindOf(value) > kindNull {
					out = append(out, numbered(doc, nil))
				}
				continue
			}
			if len(out)+len(list) > MaxProduced {
				return nil, badQuery("unwind makes more than %d documents", MaxProduced)
			}
			for i, element := range list {
				out = append(out, numbered(replaced(doc, at, element), float64(i)))
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
	fields := maps.Clone(object)
	delete(fields, "_id")
	folds, err := p.accumulators(fields)
	if err != nil {
		return nil, err
	}
	return func(docs []Document) ([]Document, error) { return p.state.group(docs, id, folds) }, nil
}

var accumulators = []string{"$sum", "$avg", "$min", "$max", "$first", "$last", "$push", "$addToSet", "$stdDevPop", "$stdDevSamp", "$mergeObjects"}

func (p *pipelineParser) accumulators(fields map[string]any) (map[string]accumulate, error) {
	folds := map[string]accumulate{}
	for field, sent := range fields {
		if err := checkName(field); err != nil {
			return nil, badQuery("%q cannot be the name of a field", clip(field))
		}
		var err error
		if folds[field], err = p.accumulator(sent); err != nil {
			return nil, err
		}
	}
	return folds, nil
}

func (p *pipelineParser) accumulator(sent any) (accumulate, error) {
	object, _ := sent.(map[string]any)
	for name, value := range object {
		if len(object) == 1 && slices.Contains(accumulators, name) {
			inner, err := p.expression(value, 0)
			return accumulate{name: name, value: inner}, err
		}
	}
	return accumulate{}, badQuery("a field of a group is one of sum, avg, min, max, first, last, push, addToSet, stdDevPop, stdDevSamp, mergeObjects")
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

// add puts the document into the group of that key.
func (g *groups) add(s scope, key any, folds map[string]accumulate) error {
	if !s.budget.weigh(key) {
		return s.budget.err()
	}
	spelled, err := json.Marshal(key) // members are in the order of their names
	if err != nil {
		return badQuery("%v", err)
	}
	b := g.by[string(spelled)]
	if b == nil {
		b = &bucket{id: key, values: map[string][]any{}}
		g.by[string(spelled)] = b
		g.order = append(g.order, string(spelled))
	}
	for field, fold := range folds {
		value := fold.value(s)
		if !s.budget.weigh(value) {
			return s.budget.err()
		}
		b.values[field] = append(b.values[field], value)
	}
	return nil
}

// documents are the groups, folded.
func (g *groups) documents(folds map[string]accumulate) []Document {
	out := make([]Document, 0, len(g.order))
	for _, key := range g.order {
		b := g.by[key]
		doc := Document{"_id": b.id}
		for field, fold := range folds {
			doc[field] = fold.of(b.values[field])
		}
		out = append(out, doc)
	}
	return out
}

func (s *state) group(docs []Document, id expression, folds map[string]accumulate) ([]Document, error) {
	g := groups{by: map[string]*bucket{}}
	for _, doc := range docs {
		inside := s.scope(doc)
		if err := g.add(inside, orNull(id(inside)), folds); err != nil {
			return nil, err
		}
	}
	return g.documents(folds), nil
}

func (a accumulate) of(list []any) any {
	there := slices.DeleteFunc(slices.Clone(list), func(v any) bool { return kindOf(v) == kindMissing })
	switch a.name {
	case "$sum", "$avg":
		return total(there, a.name == "$avg")
	case "$stdDevPop", "$stdDevSamp":
		return deviation(there, a.name == "$stdDevSamp")
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
		if len(list) == 0 {
			return nil
		}
		at := 0
		if a.name == "$last" {
			at = len(list) - 1
		}
		return orNull(list[at])
	case "$addToSet":
		slices.SortStableFunc(there, Compare)
		there = slices.CompactFunc(there, equal)
	case "$mergeObjects":
		return mergeObjects([]any{there})
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

// deviation is how far the numbers among the values are from their average, in one way of the two.
func deviation(list []any, sample bool) any {
	average, ok := total(list, true).(float64)
	sum, count := 0.0, 0.0
	for _, value := range list {
		if number, ok := value.(float64); ok {
			sum += (number - average) * (number - average)
			count++
		}
	}
	if sample {
		count--
	}
	if !ok || count <= 0 {
		return nil
	}
	return finite(math.Sqrt(sum / count))
}

// fieldsStage is project, which shows or hides fields and makes new ones, and addFields, which only makes new ones.
func (p *pipelineParser) fieldsStage(name string, args any) (stage, error) {
	object, ok := args.(map[string]any)
	if !ok || len(object) == 0 {
		return nil, badQuery("%s takes an object", name)
	}
	flags, made := map[string]any{}, map[string]made{}
	for field, sent := range object {
		if flag := sent == true || sent == false || sent == 1.0 || sent == 0.0; flag && name == "$project" {
			flags[field] = sent
			continue
		}
		at, err := parsePath(field)
		if err != nil {
			return nil, badQuery("%q cannot be the name of a field", clip(field))
		}
		value, err := p.expression(sent, 0)
		if err != nil {
			return nil, err
		}
		made[field] = newField(at, value)
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
			inside := p.state.scope(doc)
			out[i] = maps.Clone(projection.Apply(doc))
			for _, field := range made {
				value := field.value(inside)
				if !inside.budget.weigh(value) {
					return nil, inside.budget.err()
				}
				if kindOf(value) != kindMissing {
					out[i] = placed(out[i], field.at, value)
				}
			}
		}
		return out, nil
	}, nil
}

// made is a field that a stage makes.
type made struct {
	at    path
	value expression
}

func newField(at path, value expression) made { return made{at: at, value: value} }

// placed is the object with a value at the path; objects on the way are made, and nothing of others is changed.
func placed(object map[string]any, at path, value any) map[string]any {
	out := maps.Clone(object)
	if out == nil {
		out = map[string]any{}
	}
	if len(at) > 1 {
		inner, _ := out[at[0]].(map[string]any)
		value = placed(inner, at[1:], value)
	}
	out[at[0]] = value
	return out
}
