package query

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Geometries are GeoJSON objects, as WeChat keeps them: longitude first, in degrees. Distances are along the globe;
// edges of lines and polygons are straight in degrees, and cross neither the poles nor the 180th meridian.

// earth is the radius by which distances are reckoned, in metres.
const earth = 6_378_100

type point [2]float64 // longitude, latitude

// geometry is a shape taken apart: single points, lines, and polygons of which the first ring is the outside.
type geometry struct {
	points   []point
	lines    [][]point
	polygons [][][]point
}

func compareFloats(a, b float64) int { return cmp.Compare(a, b) }

// asPoint reads [longitude, latitude].
func asPoint(value any) (point, bool) {
	list, _ := value.([]any)
	if len(list) != 2 {
		return point{}, false
	}
	lng, ok1 := list[0].(float64)
	lat, ok2 := list[1].(float64)
	return point{lng, lat}, ok1 && ok2 && math.Abs(lng) <= 180 && math.Abs(lat) <= 90
}

// asPoints reads a list of at least so many points.
func asPoints(value any, least int) ([]point, bool) {
	list, _ := value.([]any)
	out := make([]point, len(list))
	for i, each := range list {
		var ok bool
		if out[i], ok = asPoint(each); !ok {
			return nil, false
		}
	}
	return out, len(out) >= least
}

// asRings reads the rings of a polygon; each ends where it begins.
func asRings(value any) ([][]point, bool) {
	list, _ := value.([]any)
	out := make([][]point, len(list))
	for i, each := range list {
		ring, ok := asPoints(each, 4)
		if !ok || ring[0] != ring[len(ring)-1] {
			return nil, false
		}
		out[i] = ring
	}
	return out, len(out) > 0
}

// asGeometry reads a GeoJSON object.
func asGeometry(value any) (g geometry, ok bool) {
	object, _ := value.(map[string]any)
	coordinates := object["coordinates"]
	list, _ := coordinates.([]any)
	switch object["type"] {
	case "Point":
		p, ok := asPoint(coordinates)
		return geometry{points: []point{p}}, ok
	case "MultiPoint":
		points, ok := asPoints(coordinates, 1)
		return geometry{points: points}, ok
	case "LineString":
		line, ok := asPoints(coordinates, 2)
		return geometry{lines: [][]point{line}}, ok
	case "MultiLineString":
		for _, each := range list {
			line, ok := asPoints(each, 2)
			if !ok {
				return g, false
			}
			g.lines = append(g.lines, line)
		}
		return g, len(list) > 0
	case "Polygon":
		rings, ok := asRings(coordinates)
		return geometry{polygons: [][][]point{rings}}, ok
	case "MultiPolygon":
		for _, each := range list {
			rings, ok := asRings(each)
			if !ok {
				return g, false
			}
			g.polygons = append(g.polygons, rings)
		}
		return g, len(list) > 0
	}
	return g, false
}

// vertices are all points that the shape is made of.
func (g geometry) vertices() []point {
	out := slices.Clone(g.points)
	for _, line := range g.lines {
		out = append(out, line...)
	}
	for _, rings := range g.polygons {
		for _, ring := range rings {
			out = append(out, ring...)
		}
	}
	return out
}

// edges calls for each piece of a line or a ring, until one says no.
func (g geometry) edges(each func(a, b point) bool) bool {
	along := func(line []point) bool {
		for i := 1; i < len(line); i++ {
			if !each(line[i-1], line[i]) {
				return false
			}
		}
		return true
	}
	for _, line := range g.lines {
		if !along(line) {
			return false
		}
	}
	for _, rings := range g.polygons {
		for _, ring := range rings {
			if !along(ring) {
				return false
			}
		}
	}
	return true
}

// turn tells on which side of a→b the point is.
func turn(a, b, c point) float64 { return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]) }

// onEdge tells whether a point lies on a piece of a line.
func onEdge(a, b, p point) bool {
	return math.Abs(turn(a, b, p)) < 1e-12 && p[0] >= min(a[0], b[0])-1e-12 && p[0] <= max(a[0], b[0])+1e-12 &&
		p[1] >= min(a[1], b[1])-1e-12 && p[1] <= max(a[1], b[1])+1e-12
}

// crosses tells whether two pieces have a point in common.
func crosses(a, b, c, d point) bool {
	if onEdge(a, b, c) || onEdge(a, b, d) || onEdge(c, d, a) || onEdge(c, d, b) {
		return true
	}
	return turn(a, b, c)*turn(a, b, d) < 0 && turn(c, d, a)*turn(c, d, b) < 0
}

// inRing tells whether a point is inside a ring or on it.
func inRing(ring []point, p point) (inside, edge bool) {
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if onEdge(a, b, p) {
			return true, true
		}
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1])+a[0] {
			inside = !inside
		}
	}
	return inside, false
}

// covers tells whether the point is one of the shape's.
func (g geometry) covers(p point) bool {
	if slices.Contains(g.points, p) {
		return true
	}
	for _, rings := range g.polygons {
		inside, _ := inRing(rings[0], p)
		for _, hole := range rings[1:] {
			if in, edge := inRing(hole, p); in && !edge {
				inside = false
			}
		}
		if inside {
			return true
		}
	}
	for _, line := range g.lines {
		for i := 1; i < len(line); i++ {
			if onEdge(line[i-1], line[i], p) {
				return true
			}
		}
	}
	return false
}

// meets tells whether two shapes have a point in common.
func (g geometry) meets(other geometry) bool {
	if slices.ContainsFunc(other.vertices(), g.covers) || slices.ContainsFunc(g.vertices(), other.covers) {
		return true
	}
	return !g.edges(func(a, b point) bool {
		return other.edges(func(c, d point) bool { return !crosses(a, b, c, d) })
	})
}

// within tells whether the whole shape is in the other one: its points are, and so are the middles of its edges, which
// cross nothing on the way.
func (g geometry) within(other geometry) bool {
	area := geometry{polygons: other.polygons}
	if slices.ContainsFunc(g.vertices(), func(p point) bool { return !area.covers(p) }) {
		return false
	}
	return g.edges(func(a, b point) bool {
		return area.covers(point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}) && area.edges(func(c, d point) bool {
			return turn(a, b, c)*turn(a, b, d) >= 0 || turn(c, d, a)*turn(c, d, b) >= 0
		})
	})
}

// distance between two points in metres.
func distance(a, b point) float64 {
	const degree = math.Pi / 180
	dLat, dLng := (b[1]-a[1])*degree, (b[0]-a[0])*degree
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(a[1]*degree)*math.Cos(b[1]*degree)*math.Pow(math.Sin(dLng/2), 2)
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Near is a point from which the documents at a path are sorted.
type Near struct {
	at   path
	from point
}

// Distance is how far the document's nearest point is, in metres.
func (n *Near) Distance(doc Document) float64 {
	best := math.Inf(1)
	some(func(value any) bool {
		if g, ok := asGeometry(value); ok {
			for _, p := range g.points {
				best = min(best, distance(n.from, p))
			}
		}
		return false
	})(branches(doc, n.at))
	return best
}

// geo reads the three conditions on shapes.
func (p *filterParser) geo(name string, sent any) (condition, []Need, error) {
	object, _ := sent.(map[string]any)
	switch name {
	case "$geoNear":
		return p.geoNear(object)
	case "$geoWithin":
		if circle, ok := object["centerSphere"].([]any); ok && len(circle) == 2 {
			centre, ok1 := asPoint(circle[0])
			radians, ok2 := circle[1].(float64)
			if !ok1 || !ok2 || radians < 0 {
				return nil, nil, badQuery("centerSphere takes [[longitude, latitude], radians]")
			}
			return apart(centre, 0, radians*earth)
		}
	}
	shape, ok := asGeometry(object["geometry"])
	if !ok || name == "$geoWithin" && len(shape.polygons) == 0 {
		return nil, nil, badQuery("%s needs a geometry", strings.TrimPrefix(name, "$"))
	}
	box := boxOf(shape.vertices())
	return some(func(value any) bool {
		g, ok := asGeometry(value)
		if !ok {
			return false
		}
		if name == "$geoWithin" {
			return g.within(shape)
		}
		return shape.meets(g)
	}), []Need{{Cells: box.cells()}}, nil
}

func (p *filterParser) geoNear(object map[string]any) (condition, []Need, error) {
	g, ok := asGeometry(object["geometry"])
	if !ok || len(g.points) != 1 {
		return nil, nil, badQuery("geoNear needs a point as its geometry")
	}
	least, most := 0.0, math.Inf(1)
	for key, into := range map[string]*float64{"minDistance": &least, "maxDistance": &most} {
		if object[key] == nil {
			continue
		}
		metres, ok := object[key].(float64)
		if !ok || metres < 0 {
			return nil, nil, badQuery("%s of geoNear is a number of metres", key)
		}
		*into = metres
	}
	if p.near == nil && !p.either {
		at, err := parsePath(p.path)
		if err != nil {
			return nil, nil, err
		}
		p.near = &Near{at: at, from: g.points[0]}
	}
	return apart(g.points[0], least, most)
}

// apart holds for points whose distance is between two.
func apart(from point, least, most float64) (condition, []Need, error) {
	var needs []Need
	if !math.IsInf(most, 1) {
		needs = []Need{{Cells: around(from, most).cells()}}
	}
	return some(func(value any) bool {
		g, ok := asGeometry(value)
		return ok && slices.ContainsFunc(g.points, func(p point) bool {
			metres := distance(from, p)
			return metres >= least && metres <= most
		})
	}), needs, nil
}
