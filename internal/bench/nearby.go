package bench

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/demo"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/nearby"
	"plaza.internal/plaza/internal/nearby/hours"
)

const (
	nearbyPlaces  = 1_000_000
	nearbyQueries = 3_000
	nearbyWarm    = 500
	nearbyLimit   = 2 * time.Millisecond
	nearbyFaster  = 50
	peerQueries   = 40
	hoursLimit    = 20 * time.Microsecond
	hoursEach     = 500
	// The places lie in a square of this many degrees, which is 45 km: so that about 90 of a category are open
	// within 2 km.
	nearbySouth, nearbyWest   = 48.65, 2.05
	nearbyHeight, nearbyWidth = 0.40, 0.61
)

// nearbyKinds are the thirty categories among which the places are spread.
var nearbyKinds = []string{
	"amenity/restaurant", "amenity/cafe", "amenity/bar", "amenity/pub", "amenity/fast_food", "amenity/pharmacy", "amenity/bank", "amenity/cinema",
	"amenity/library", "amenity/dentist", "shop/supermarket", "shop/bakery", "shop/butcher", "shop/florist", "shop/books", "shop/clothes",
	"shop/shoes", "shop/hairdresser", "shop/jewelry", "shop/kiosk", "shop/convenience", "shop/bicycle", "shop/optician", "shop/toys",
	"shop/hardware", "shop/wine", "tourism/hotel", "tourism/museum", "leisure/fitness_centre", "leisure/park",
}

// around measures the search for what is open nearby, and what one look at opening hours costs.
func around(register Register) (rows []Row, err error) {
	values, err := demo.OpeningHours()
	if err != nil {
		return nil, err
	}
	slowest, name, err := slowestHours(values)
	if err != nil {
		return nil, err
	}
	rows = append(rows, atMost("opening hours of 439 real places, one evaluation of the slowest", float64(slowest.Nanoseconds())/1000, "µs",
		fmt.Sprintf("limit of 20 µs (%.40s)", name), float64(slowest)/float64(hoursLimit), 1))
	s, err := start(plazaStore, register, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if _, err := jobs.RunDue(s.app, clock.Now(s.app)); err != nil {
		return nil, err
	}
	if err := fillNearby(s.app, values); err != nil {
		return nil, err
	}
	found, err := nearestOpen(s.app)
	if err != nil {
		return nil, err
	}
	peer, err := peerNearest(s.app)
	if err != nil {
		return nil, err
	}
	var wall, work []time.Duration
	for _, each := range found {
		wall, work = append(wall, each.wait), append(work, each.work)
	}
	p99, busy := p99Of(wall), p99Of(work)
	ratio := float64(peer) / float64(wall[len(wall)/2])
	return append(rows,
		atMost("20 nearest open places of a category among 1,000,000, p99", milliseconds(p99), "ms",
			fmt.Sprintf("limit of 2 ms (median %.2f ms; processor time p99 %.2f ms)", milliseconds(wall[len(wall)/2]), milliseconds(busy)),
			float64(p99)/float64(nearbyLimit), 1),
		atLeast("20 nearest open places, median against PocketBase's geoDistance()", ratio, "×",
			fmt.Sprintf("geoDistance() with an index on the category, median %.0f ms", milliseconds(peer)), ratio, nearbyFaster)), nil
}

// slowestHours is what an evaluation of the slowest value takes, on average over instants of a year.
func slowestHours(values []string) (slowest time.Duration, name string, err error) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return 0, "", err
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, paris)
	for _, value := range values {
		schedule, err := hours.Parse(value)
		if err != nil {
			continue // three of them nobody can read
		}
		work, err := worked(func() error {
			for i := range hoursEach {
				schedule.At(at.Add(time.Duration(i) * 1051 * time.Minute))
			}
			return nil
		})
		if err != nil {
			return 0, "", err
		}
		if mean := work / hoursEach; mean > slowest {
			slowest, name = mean, value
		}
	}
	return slowest, name, nil
}

// fillNearby lists a million places by SQL, and the same for the peer with PocketBase's own field for positions. A
// boolean stands in for opening hours there, of which it knows nothing.
func fillNearby(app core.App, values []string) error {
	peer := core.NewBaseCollection("bench_places")
	peer.Fields.Add(&core.TextField{Name: "name"}, &core.TextField{Name: "category"}, &core.GeoPointField{Name: "at"}, &core.BoolField{Name: "open"})
	peer.AddIndex("idx_bench_places", false, "category", "")
	if err := app.Save(peer); err != nil {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		for _, value := range values {
			if _, err := tx.NonconcurrentDB().Insert("nearby_hours", dbx.Params{"value": value, "timezone": "Europe/Paris", "exceptions": ""}).Execute(); err != nil {
				return err
			}
		}
		if _, err := tx.NonconcurrentDB().NewQuery("CREATE TEMP TABLE bench_kinds (i INTEGER PRIMARY KEY, category TEXT)").Execute(); err != nil {
			return err
		}
		for i, kind := range nearbyKinds {
			if _, err := tx.NonconcurrentDB().Insert("bench_kinds", dbx.Params{"i": i, "category": kind}).Execute(); err != nil {
				return err
			}
		}
		for _, statement := range []string{
			`INSERT INTO nearby_listings (id, name, category, lat, lon, band, datum, hours, timezone, schedule, source, source_id, seq, folded, names, exceptions, hidden, merged_into)
				WITH RECURSIVE c(i, a, b) AS (SELECT 0, 0.5, 0.5 UNION ALL
					SELECT i + 1, (i * 2654435761 % 4294967296) / 4294967296.0, (i * 40503 * 69069 % 2147483647) / 2147483647.0 FROM c WHERE i + 1 < {:places})
				SELECT printf('p%014d', i), printf('Place %d', i), (SELECT category FROM bench_kinds k WHERE k.i = c.i % {:kinds}),
					{:south} + a * {:height}, {:west} + b * {:width}, CAST(({:south} + a * {:height} + 90) * 50 AS INTEGER), 'wgs84', '', 'Europe/Paris',
					1 + (i / {:kinds}) % {:values}, 'bench', printf('%d', i), i + 1, printf(' place %d', i), '{}', '[]', FALSE, '' FROM c`,
			`INSERT INTO bench_places (id, name, category, at, open)
				SELECT id, name, category, json_object('lon', lon, 'lat', lat), seq / {:kinds} % 2 FROM nearby_listings`,
		} {
			if _, err := tx.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{
				"places": nearbyPlaces, "kinds": len(nearbyKinds), "values": len(values), "south": nearbySouth, "west": nearbyWest,
				"height": nearbyHeight, "width": nearbyWidth,
			}).Execute(); err != nil {
				return err
			}
		}
		_, err := tx.NonconcurrentDB().NewQuery("DROP TABLE bench_kinds").Execute()
		return err
	})
}

// anywhere is a point of the square that has its whole circle inside.
func anywhere(r *rand.Rand) (lat, lon float64) {
	return nearbySouth + nearbyHeight*(0.1+0.8*r.Float64()), nearbyWest + nearbyWidth*(0.1+0.8*r.Float64())
}

// nearestOpen is what each search cost. It goes through the verb that the route calls.
func nearestOpen(app core.App) ([]cost, error) {
	r := rand.New(rand.NewPCG(11, 13))
	noon := time.Date(2026, 11, 25, 11, 30, 0, 0, time.UTC)
	var costs []cost
	for i := range nearbyWarm + nearbyQueries {
		lat, lon := anywhere(r)
		query := nearby.Query{
			Here: true, Lat: lat, Lon: lon, Radius: 2_000, Category: nearbyKinds[r.IntN(len(nearbyKinds))], Limit: 20, OpenOnly: true,
			At: noon.Add(time.Duration(i) * time.Second), Language: "fr",
		}
		began := time.Now()
		work, err := worked(func() error {
			found, err := nearby.Search(app, query)
			if err == nil && len(found.Items) != query.Limit {
				err = fmt.Errorf("%d open places around %f %f", len(found.Items), lat, lon)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if i >= nearbyWarm {
			costs = append(costs, cost{time.Since(began), work})
		}
	}
	return costs, nil
}

// peerNearest is how long PocketBase's own filter takes for the same, the median; it cannot sort by distance.
func peerNearest(app core.App) (time.Duration, error) {
	r := rand.New(rand.NewPCG(17, 19))
	var took []time.Duration
	for range peerQueries {
		lat, lon := anywhere(r)
		began := time.Now()
		found, err := app.FindRecordsByFilter("bench_places", "category = {:category} && open = true && geoDistance(at.lon, at.lat, {:lon}, {:lat}) < 2", "", 500, 0,
			dbx.Params{"category": nearbyKinds[r.IntN(len(nearbyKinds))], "lat": lat, "lon": lon})
		if err != nil {
			return 0, err
		}
		if len(found) < 20 {
			return 0, fmt.Errorf("the peer found %d", len(found))
		}
		took = append(took, time.Since(began))
	}
	p99Of(took) // in order
	return took[len(took)/2], nil
}
