package demo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"

	"plaza.internal/plaza/internal/nearby"
)

//go:embed places/paris.csv.gz
var placesCSV []byte

// listed is how a shop shows in nearby.
type listed struct{ category, hours, happyHours string }

// shopListings are those of the ten shops. The cellar is a bar as well, with a happy hour.
var shopListings = map[string]listed{
	"halle-market":   {"shop/supermarket", "Mo-Sa 08:00-21:30; Su 09:00-13:00; PH off", ""},
	"bean-leaf":      {"amenity/cafe", "Mo-Fr 07:30-19:00; Sa-Su 09:00-19:00", ""},
	"forno":          {"shop/bakery", "Tu-Sa 07:00-20:00; Su 07:00-13:30; Mo off", ""},
	"orient":         {"shop/convenience", "Mo-Su 10:00-20:30", ""},
	"cave-du-canal":  {"amenity/bar", "Mo-Th 11:00-24:00; Fr-Sa 11:00-02:00; Su 16:00-22:00", "Mo-Su 17:00-19:00"},
	"maison-claire":  {"shop/confectionery", "Mo-Sa 10:00-19:30; Dec Su 14:00-18:00", ""},
	"marche-bio":     {"shop/greengrocer", "Mo-Sa 09:00-20:00", ""},
	"station-corner": {"shop/kiosk", "Mo-Su 05:30-23:30", ""},
	"cremerie-petit": {"shop/dairy", "Tu-Sa 09:00-13:00,15:30-19:30", ""},
	"le-bouillon":    {"amenity/restaurant", "Mo-Sa 12:00-14:30,19:00-22:30; SH Mo-Sa 12:00-14:30", ""},
}

// listPlaces puts the places of the town on the list: Paris as OpenStreetMap had it, and the ten shops, which have
// claimed theirs. One claim waits for the operator.
func (q *quarter) listPlaces() error {
	unzipped, err := gzip.NewReader(bytes.NewReader(placesCSV))
	if err != nil {
		return err
	}
	file, err := io.ReadAll(unzipped)
	if err != nil {
		return err
	}
	operator := q.people["operator"]
	if _, err := nearby.ImportAll(q.app, nearby.Asked{
		Format: nearby.FormatCSV, Source: "osm", Timezone: zone, Attribution: "© OpenStreetMap contributors, ODbL", Actor: operator.Id,
	}, file, q.now); err != nil {
		return fmt.Errorf("places of Paris: %w", err)
	}
	for _, s := range shops {
		how, place, position := shopListings[s.slug], q.places[s.slug], [2]float64{s.lat, s.lon}
		if _, err := nearby.Create(q.app, operator, nearby.Draft{Org: q.orgs[s.slug], Edit: nearby.Edit{
			Name: &s.name, Category: &how.category, Lat: &position[0], Lon: &position[1], Address: &s.address, Hours: &how.hours,
			HappyHours: &how.happyHours, Place: &place,
		}}, "en", q.now); err != nil {
			return fmt.Errorf("listing of %s: %w", s.name, err)
		}
	}
	if _, err := nearby.ChangeSettings(q.app, nearby.SettingsEdit{Center: &nearby.Center{Lat: 48.8635, Lon: 2.3460, Label: "Les Halles"}}, operator.Id, q.now); err != nil {
		return err
	}
	return q.askForAListing()
}

// askForAListing is the keeper of Station Corner, who says that a kiosk of the station is theirs too.
func (q *quarter) askForAListing() error {
	found, err := nearby.Search(q.app, nearby.Query{
		Here: true, Lat: 48.8443, Lon: 2.3743, Radius: nearby.RadiusLimit, Category: "shop/kiosk", Limit: 5, At: q.now, Language: "fr",
	})
	if err != nil {
		return err
	}
	for _, f := range found.Items {
		if f.Org != "" {
			continue
		}
		_, err := nearby.AskFor(q.app, q.people[keepers["station-corner"]], f.ID, q.orgs["station-corner"], "We took this kiosk over in spring.", q.now)
		return err
	}
	return nil
}

// OpeningHours is the different opening hours of the places of Paris, as they are written.
func OpeningHours() ([]string, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(placesCSV))
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(unzipped).ReadAll()
	if err != nil {
		return nil, err
	}
	column := slices.Index(rows[0], "opening_hours")
	seen := map[string]bool{}
	var values []string
	for _, row := range rows[1:] {
		if value := row[column]; value != "" && !seen[value] {
			seen[value] = true
			values = append(values, value)
		}
	}
	return values, nil
}
