package nearby

import "math"

const (
	earthRadius = 6_371_008.8 // metres, the mean radius
	// bandsPerDegree cuts the earth into strips of latitude, about 2.2 km wide: a search of 2 km touches two or three.
	bandsPerDegree = 50
	metresPerLat   = earthRadius * math.Pi / 180
)

// band is the strip of latitude in which lat lies.
func band(lat float64) int { return int(math.Floor((lat + 90) * bandsPerDegree)) }

// distance is metres along the sphere.
func distance(lat1, lon1, lat2, lon2 float64) float64 {
	a, b := radians(lat1), radians(lat2)
	x, y := math.Sin((b-a)/2), math.Sin(radians(lon2-lon1)/2)
	h := x*x + math.Cos(a)*math.Cos(b)*y*y
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

// box is the smallest stretch of latitude and longitude around a circle. Across the meridian of 180° its longitudes
// are two stretches, around a pole they are all.
type box struct {
	south, north float64
	lons         [][2]float64
}

// boxAround is the box of a circle. It is a hair too large, because what lies in it is measured exactly afterwards.
func boxAround(lat, lon, radius float64) box {
	const hair = 1e-9
	angle := radius/metresPerLat + hair
	b := box{south: max(lat-angle, -90), north: min(lat+angle, 90)}
	if lat-angle <= -90 || lat+angle >= 90 {
		b.lons = [][2]float64{{-180, 180}}
		return b
	}
	wide := math.Asin(math.Min(1, math.Sin(radians(angle))/math.Cos(radians(lat))))*180/math.Pi + hair
	west, east := lon-wide, lon+wide
	switch {
	case wide >= 180:
		b.lons = [][2]float64{{-180, 180}}
	case west < -180:
		b.lons = [][2]float64{{west + 360, 180}, {-180, east}}
	case east > 180:
		b.lons = [][2]float64{{west, 180}, {-180, east - 360}}
	default:
		b.lons = [][2]float64{{west, east}}
	}
	return b
}

// onEarth tells whether a position can be.
func onEarth(lat, lon float64) bool { return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 }

// fromGCJ02 turns a position of the Chinese datum, which is WGS-84 moved by a few hundred metres inside China, into
// WGS-84. The move is published for one direction only; it is undone by steps that end below a millimetre.
func fromGCJ02(lat, lon float64) (float64, float64) {
	toLat, toLon := lat, lon
	for range 10 {
		dLat, dLon := gcj02Move(toLat, toLon)
		toLat, toLon = lat-dLat, lon-dLon
	}
	return toLat, toLon
}

// gcj02Move is by how many degrees GCJ-02 moves a position of WGS-84; nothing outside China.
func gcj02Move(lat, lon float64) (dLat, dLon float64) {
	if lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271 {
		return 0, 0
	}
	const a, ee = 6378245.0, 0.00669342162296594323
	x, y := lon-105, lat-35
	wave := func(v, first, second float64) float64 {
		return (first*math.Sin(v*math.Pi) + second*math.Sin(v/3*math.Pi)) * 2 / 3
	}
	common := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	dLat = -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + common + wave(y, 20, 40) +
		(160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	dLon = 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + common + wave(x, 20, 40) +
		(150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	magic := 1 - ee*math.Sin(radians(lat))*math.Sin(radians(lat))
	dLat = dLat * 180 / (a * (1 - ee) / (magic * math.Sqrt(magic)) * math.Pi)
	dLon = dLon * 180 / (a / math.Sqrt(magic) * math.Cos(radians(lat)) * math.Pi)
	return dLat, dLon
}
