package query

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// counted is what a bucket holds when nothing is said.
var counted = map[string]any{"count": map[string]any{"$sum": 1.0}}

func (p *pipelineParser) output(object map[string]any) (map[string]accumulate, error) {
	fields, ok := object["output"].(map[string]any)
	if !ok {
		fields = counted
	}
	return p.accumulators(fields)
}

// bucketStage groups by boundaries: from one of them, up to the next.
func (p *pipelineParser) bucketStage(args any) (stage, error) {
	object, _ := args.(map[string]any)
	by, err := p.expression(object["groupBy"], 0)
	if err != nil {
		return nil, err
	}
	list, ok := object["boundaries"].([]any)
	if !ok || len(list) < 2 || len(list) > MaxNodes {
		return nil, badQuery("bucket needs boundaries, 2 to %d", MaxNodes)
	}
	bounds := make([]any, len(list))
	for i, sent := range list {
		if bounds[i], err = Decode(sent, p.now); err != nil {
			return nil, err
		}
		if i > 0 && Compare(bounds[i-1], bounds[i]) >= 0 {
			return nil, badQuery("the boundaries of a bucket rise")
		}
	}
	rest, hasRest := object["default"]
	if rest, err = Decode(rest, p.now); err != nil {
		return nil, err
	}
	folds, err := p.output(object)
	return func(docs []Document) ([]Document, error) {
		g := groups{by: map[string]*bucket{}}
		for _, doc := range docs {
			inside := p.state.scope(doc)
			value := orNull(by(inside))
			at, exact := slices.BinarySearchFunc(bounds, value, Compare)
			if !exact {
				at--
			}
			key := rest
			if at >= 0 && at < len(bounds)-1 {
				key = bounds[at]
			} else if !hasRest {
				return nil, badQuery("a document is outside of the boundaries, and there is no default")
			}
			if err := g.add(inside, key, folds); err != nil {
				return nil, err
			}
		}
		out := g.documents(folds)
		slices.SortStableFunc(out, func(a, b Document) int { return Compare(a["_id"], b["_id"]) })
		return out, nil
	}, err
}

// bucketAutoStage makes so many groups of about as many documents each.
func (p *pipelineParser) bucketAutoStage(args any) (stage, error) {
	object, _ := args.(map[string]any)
	by, err := p.expression(object["groupBy"], 0)
	if err != nil {
		return nil, err
	}
	wanted, ok := object["buckets"].(float64)
	if !ok || wanted < 1 || wanted > MaxNodes || object["granularity"] != nil {
		return nil, badQuery("bucketAuto needs buckets, 1 to %d, and has no granularity", MaxNodes)
	}
	folds, err := p.output(object)
	return func(docs []Document) ([]Document, error) {
		type keyed struct {
			key any
			doc Document
		}
		list := make([]keyed, len(docs))
		for i, doc := range docs {
			list[i] = keyed{orNull(by(p.state.scope(doc))), doc}
		}
		slices.SortStableFunc(list, func(a, b keyed) int { return Compare(a.key, b.key) })
		var out []Document
		for from, left := 0, int(wanted); from < len(list); left-- {
			to := min(len(list), from+max(1, (len(list)-from+left-1)/max(left, 1)))
			for to < len(list) && equal(list[to-1].key, list[to].key) {
				to++ // equal keys stay together
			}
			upper := list[len(list)-1].key
			if to < len(list) {
				upper = list[to].key
			}
			g := groups{by: map[string]*bucket{}}
			id := map[string]any{"min": list[from].key, "max": upper}
			for _, each := range list[from:to] {
				if err := g.add(p.state.scope(each.doc), id, folds); err != nil {
					return nil, err
				}
			}
			out = append(out, g.documents(folds)...)
			from = to
		}
		return out, nil
	}, err
}

// sampleStage takes so many documents by chance.
func sampleStage(args any) (stage, error) {
	if object, ok := args.(map[string]any); ok {
		args = object["size"]
	}
	size, ok := args.(float64)
	if !ok || size < 1 {
		return nil, badQuery("sample takes a size")
	}
	return func(docs []Document) ([]Document, error) {
		list := slices.Clone(docs)
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return list[:int(min(size, float64(len(list))))], nil
	}, nil
}

func (p *pipelineParser) replaceRootStage(args any) (stage, error) {
	object, _ := args.(map[string]any)
	root, err := p.member("replaceRoot", object, "newRoot", 0)
	return func(docs []Document) ([]Document, error) {
		out := make([]Document, len(docs))
		for i, doc := range docs {
			inside := p.state.scope(doc)
			made, ok := root(inside).(map[string]any)
			if !ok {
				return nil, badQuery("the new root of a document is no object")
			}
			if !inside.budget.weigh(made) {
				return nil, inside.budget.err()
			}
			out[i] = made
		}
		return out, nil
	}, err
}

// lookupStage adds to each document those of another collection that belong to it: by a field on each side, or by a
// pipeline that knows values of the document.
func (p *pipelineParser) lookupStage(args any) (stage, error) {
	object, _ := args.(map[string]any)
	from, ok1 := object["from"].(string)
	as, ok2 := object["as"].(string)
	at, err := parsePath(as)
	if !ok1 || !ok2 || err != nil || !IsCollection(from) {
		return nil, badQuery("lookup needs from and as")
	}
	if object["pipeline"] != nil {
		return p.lookupByPipeline(object, from, at)
	}
	local, _ := object["localField"].(string)
	foreign, _ := object["foreignField"].(string)
	near, err := parsePath(local)
	if err != nil {
		return nil, badQuery("lookup needs localField and foreignField, or a pipeline")
	}
	if _, err = parsePath(foreign); err != nil {
		return nil, badQuery("lookup needs localField and foreignField, or a pipeline")
	}
	return func(docs []Document) ([]Document, error) { return p.state.join(docs, from, near, foreign, at) }, nil
}

// scalarsAt are the values of a path by which documents are joined: of an array its elements; nothing is null.
func scalarsAt(doc Document, at path) []any {
	var out []any
	values(doc, at, func(value any) bool {
		if list, ok := value.([]any); ok {
			out = append(out, list...)
		} else {
			out = append(out, orNull(value))
		}
		return true
	})
	return out
}

func (s *state) join(docs []Document, from string, near path, foreign string, at path) ([]Document, error) {
	var wanted []any
	for _, doc := range docs {
		wanted = append(wanted, scalarsAt(doc, near)...)
	}
	slices.SortFunc(wanted, Compare)
	wanted = slices.CompactFunc(wanted, equal)
	far := path(splitPath(foreign))
	filter := Filter{test: func(value any) bool {
		doc, _ := value.(map[string]any)
		return slices.ContainsFunc(scalarsAt(doc, far), func(v any) bool { return has(wanted, v) })
	}}
	if needs := needIn(wanted); len(wanted) > 0 && len(wanted) <= MaxNodes {
		for i := range needs {
			needs[i].Path = foreign
		}
		filter.needs = needs
	}
	found, err := s.find(from, filter)
	if err != nil {
		return nil, err
	}
	type keyed struct {
		key any
		doc int
	}
	var index []keyed
	for i, doc := range found {
		for _, key := range scalarsAt(doc, far) {
			index = append(index, keyed{key, i})
		}
	}
	slices.SortStableFunc(index, func(a, b keyed) int { return Compare(a.key, b.key) })
	out := make([]Document, len(docs))
	for i, doc := range docs {
		var mine []int
		for _, key := range scalarsAt(doc, near) {
			first, _ := slices.BinarySearchFunc(index, key, func(e keyed, key any) int { return Compare(e.key, key) })
			for ; first < len(index) && equal(index[first].key, key); first++ {
				mine = append(mine, index[first].doc)
			}
		}
		slices.Sort(mine)
		mine = slices.Compact(mine)
		if !s.budget.spend(len(mine)) {
			return nil, s.budget.err()
		}
		list := make([]any, len(mine))
		for j, each := range mine {
			list[j] = found[each]
		}
		out[i] = placed(doc, at, list)
	}
	return out, nil
}

func (p *pipelineParser) lookupByPipeline(object map[string]any, from string, at path) (stage, error) {
	vars, _ := object["let"].(map[string]any)
	lets := map[string]expression{}
	for name, sent := range vars {
		var err error
		if lets[name], err = p.expression(sent, 0); err != nil {
			return nil, err
		}
	}
	var inner Pipeline
	err := p.naming(slices.Collect(maps.Keys(vars)), func() (err error) {
		inner, err = p.pipeline(object["pipeline"])
		return err
	})
	return func(docs []Document) ([]Document, error) {
		all, err := p.state.find(from, Filter{})
		if err != nil {
			return nil, err
		}
		out := make([]Document, len(docs))
		for i, doc := range docs {
			list, err := p.state.nested(doc, lets, inner, all)
			if err != nil {
				return nil, err
			}
			out[i] = placed(doc, at, list)
		}
		return out, nil
	}, err
}

// nested runs a lookup's own pipeline for one document.
func (s *state) nested(doc Document, lets map[string]expression, inner Pipeline, all []Document) ([]any, error) {
	if !s.budget.spend(len(all)) {
		return nil, s.budget.err()
	}
	names := map[string]any{}
	for name, value := range lets {
		names[name] = value(s.scope(doc))
	}
	before := s.named
	s.named = s.scope(doc).with(names).named
	defer func() { s.named = before }()
	var found []Document
	for _, each := range all {
		if inner.First.Match(each) {
			found = append(found, each)
		}
	}
	found, err := inner.run(found)
	list := make([]any, len(found))
	for i, each := range found {
		list[i] = each
	}
	return list, err
}

// geoNearStage sorts by the distance from a point, and writes it down.
func (p *pipelineParser) geoNearStage(args any) (Filter, stage, error) {
	object, _ := args.(map[string]any)
	key, _ := object["key"].(string)
	field, _ := object["distanceField"].(string)
	distance, err := parsePath(field)
	if err != nil || key == "" {
		return Filter{}, nil, badQuery("geoNear needs key, near and distanceField")
	}
	condition := map[string]any{key: map[string]any{"$geoNear": map[string]any{
		"geometry": object["near"], "maxDistance": object["maxDistance"], "minDistance": object["minDistance"],
	}}}
	if more, ok := object["query"].(map[string]any); ok && len(more) > 0 {
		condition = map[string]any{"$and": []any{condition, more}}
	}
	filter, err := p.filter(condition)
	if err != nil {
		return filter, nil, err
	}
	times, ok := object["distanceMultiplier"].(float64)
	if !ok {
		times = 1
	}
	limit, ok := object["limit"].(float64)
	if !ok || limit < 1 {
		limit = 100
	}
	place, _ := object["includeLocs"].(string)
	locs, err := parsePath(place)
	if place != "" && err != nil {
		return filter, nil, err
	}
	return filter, func(docs []Document) ([]Document, error) {
		sorted := slices.Clone(docs)
		slices.SortStableFunc(sorted, func(a, b Document) int { return compareFloats(filter.Near.Distance(a), filter.Near.Distance(b)) })
		sorted = sorted[:int(min(limit, float64(len(sorted))))]
		for i, doc := range sorted {
			sorted[i] = placed(doc, distance, filter.Near.Distance(doc)*times)
			if place != "" {
				sorted[i] = placed(sorted[i], locs, one(doc, filter.Near.at))
			}
		}
		return sorted, nil
	}, nil
}
