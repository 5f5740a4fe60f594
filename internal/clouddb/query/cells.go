package query

import (
	"math"
	"slices"
)

// A geo index keeps a point under the number of its cell: the bits of its longitude and latitude by turns, so that
// every square of the map is one range of numbers. A shape that is no point stands under elsewhere, which every search
// looks at.
const (
	cellBits  = 26
	elsewhere = -1.0
	maxCells  = 48 // that one search looks into
)

// box is a piece of the map.
type box struct{ west, south, east, north float64 }

func boxOf(points []point) box {
	b := box{180, 90, -180, -90}
	for _, p := range points {
		b = box{min(b.west, p[0]), min(b.south, p[1]), max(b.east, p[0]), max(b.north, p[1])}
	}
	return b
}

// around is the box of a circle; one that reaches a pole or the 180th meridian goes all around.
func around(centre point, metres float64) box {
	const degree = math.Pi / 180
	up := metres/earth/degree + 1e-9
	b := box{-180, max(-90, centre[1]-up), 180, min(90, centre[1]+up)}
	if b.south == -90 || b.north == 90 {
		return b
	}
	// The widest place of a circle is nearer to the pole than its centre.
	sine := math.Sin(metres/earth) / math.Cos(centre[1]*degree)
	if metres/earth >= math.Pi/2 || sine >= 1 {
		return b
	}
	wide := math.Asin(sine)/degree + 1e-9
	if centre[0]-wide < -180 || centre[0]+wide > 180 {
		return b
	}
	b.west, b.east = centre[0]-wide, centre[0]+wide
	return b
}

// column and row of a place among 2^bits.
func gridOf(p point, bits int) (x, y uint64) {
	most := uint64(1)<<bits - 1
	x = min(most, uint64((p[0]+180)/360*float64(most+1)))
	y = min(most, uint64((p[1]+90)/180*float64(most+1)))
	return x, y
}

func interleave(x, y uint64) uint64 {
	var out uint64
	for i := range cellBits {
		out |= x>>i&1<<(2*i) | y>>i&1<<(2*i+1)
	}
	return out
}

// cells are the ranges of numbers that the box may hold, elsewhere included.
func (b box) cells() [][2]float64 {
	bits := cellBits
	var x0, y0, x1, y1 uint64
	for ; bits > 0; bits-- {
		x0, y0 = gridOf(point{b.west, b.south}, bits)
		x1, y1 = gridOf(point{b.east, b.north}, bits)
		if x1-x0 < maxCells && y1-y0 < maxCells && (x1-x0+1)*(y1-y0+1) <= maxCells {
			break
		}
	}
	var list []uint64
	for x := x0; x <= x1; x++ {
		for y := y0; y <= y1; y++ {
			list = append(list, interleave(x, y))
		}
	}
	slices.Sort(list)
	width := uint64(1) << (2 * (cellBits - bits))
	out := [][2]float64{{elsewhere, elsewhere}}
	for _, cell := range list {
		from, to := float64(cell*width), float64(cell*width+width-1)
		if last := &out[len(out)-1]; last[1] == from-1 && last[1] >= 0 {
			last[1] = to
			continue
		}
		out = append(out, [2]float64{from, to})
	}
	return out
}

// GeoEntries are the cells under which a geo index on the path keeps the document, each once.
func GeoEntries(doc Document, field string) []any {
	var out []any
	some(func(value any) bool {
		g, ok := asGeometry(value)
		switch {
		case !ok:
		case len(g.lines) > 0 || len(g.polygons) > 0:
			out = append(out, elsewhere)
		default:
			for _, p := range g.points {
				out = append(out, float64(interleave(gridOf(p, cellBits))))
			}
		}
		return false
	})(branches(doc, splitPath(field)))
	slices.SortFunc(out, Compare)
	return slices.CompactFunc(out, equal)
}
