package nearby

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The formats of an import.
const (
	FormatOSM     = "osm" // XML, or the JSON of Overpass
	FormatGeoJSON = "geojson"
	FormatCSV     = "csv"
)

// importRows is how many rows a file may have.
const importRows = 300_000

// imported is a row of a file, whatever its format: a position and tags as OpenStreetMap has them. A key of our
// categories stands under keyTag.
type imported struct {
	row      int
	id       string
	lat, lon float64 // NaN without a position
	tags     map[string]string
}

const keyTag = "plaza:category"

func badFile(format string, args ...any) error {
	return ErrBadImport.With("detail", fmt.Sprintf(format, args...))
}

// readImport reads a file.
func readImport(format string, from io.Reader) ([]imported, error) {
	in := bufio.NewReader(from)
	if mark, err := in.Peek(3); err == nil && bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = in.Discard(3) // it was just peeked at
	}
	var rows []imported
	var err error
	switch format {
	case FormatOSM:
		if first, peekErr := firstSign(in); peekErr == nil && first == '<' {
			rows, err = readOSMXML(in)
		} else {
			rows, err = readOSMJSON(in)
		}
	case FormatGeoJSON:
		rows, err = readGeoJSON(in)
	case FormatCSV:
		rows, err = readCSV(in)
	default:
		return nil, ErrBadImport.With("field", "format").Saying("A format is osm, geojson or csv.")
	}
	if err == nil && len(rows) > importRows {
		err = badFile("more than %d rows", importRows)
	}
	return rows, err
}

// firstSign is the first character that is no space.
func firstSign(in *bufio.Reader) (byte, error) {
	for n := 1; n < 4096; n++ {
		seen, err := in.Peek(n)
		if err != nil {
			return 0, err
		}
		if c := seen[n-1]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c, nil
		}
	}
	return 0, errors.New("only spaces")
}

func readOSMJSON(in io.Reader) ([]imported, error) {
	type point struct{ Lat, Lon *float64 }
	var file struct {
		Elements []struct {
			Type   string            `json:"type"`
			ID     int64             `json:"id"`
			Lat    *float64          `json:"lat"`
			Lon    *float64          `json:"lon"`
			Center point             `json:"center"`
			Tags   map[string]string `json:"tags"`
		} `json:"elements"`
	}
	if err := json.NewDecoder(in).Decode(&file); err != nil {
		return nil, badFile("%v", err)
	}
	if file.Elements == nil {
		return nil, badFile("there are no elements: this is no answer of Overpass")
	}
	var out []imported
	for i, e := range file.Elements {
		if len(e.Tags) == 0 {
			continue // a corner of something
		}
		one := imported{row: i + 1, id: e.Type + "/" + strconv.FormatInt(e.ID, 10), lat: math.NaN(), lon: math.NaN(), tags: e.Tags}
		switch {
		case e.Lat != nil && e.Lon != nil:
			one.lat, one.lon = *e.Lat, *e.Lon
		case e.Center.Lat != nil && e.Center.Lon != nil:
			one.lat, one.lon = *e.Center.Lat, *e.Center.Lon
		}
		out = append(out, one)
	}
	return out, nil
}

type osmElement struct {
	ID     int64   `xml:"id,attr"`
	Lat    float64 `xml:"lat,attr"`
	Lon    float64 `xml:"lon,attr"`
	Center *struct {
		Lat float64 `xml:"lat,attr"`
		Lon float64 `xml:"lon,attr"`
	} `xml:"center"`
	Corners []struct {
		Ref int64 `xml:"ref,attr"`
	} `xml:"nd"`
	Tags []struct {
		K string `xml:"k,attr"`
		V string `xml:"v,attr"`
	} `xml:"tag"`
}

// readOSMXML reads nodes, and ways by their centre or the middle of their corners.
func readOSMXML(in io.Reader) ([]imported, error) {
	decoder := xml.NewDecoder(in)
	corners := map[int64][2]float64{}
	var out []imported
	root, row := false, 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, badFile("%v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		kind := start.Name.Local
		if !root && kind != "osm" {
			return nil, badFile("this is no file of OpenStreetMap")
		}
		root = true
		if kind != "node" && kind != "way" && kind != "relation" {
			continue
		}
		var e osmElement
		if err := decoder.DecodeElement(&e, &start); err != nil {
			return nil, badFile("%v", err)
		}
		row++
		if kind == "node" {
			corners[e.ID] = [2]float64{e.Lat, e.Lon}
		}
		if len(e.Tags) > 0 {
			out = append(out, e.imported(kind, row, corners))
		}
	}
	if !root {
		return nil, badFile("this is no file of OpenStreetMap")
	}
	return out, nil
}

func (e osmElement) imported(kind string, row int, corners map[int64][2]float64) imported {
	one := imported{row: row, id: kind + "/" + strconv.FormatInt(e.ID, 10), lat: math.NaN(), lon: math.NaN(), tags: map[string]string{}}
	for _, tag := range e.Tags {
		one.tags[tag.K] = tag.V
	}
	switch {
	case kind == "node":
		one.lat, one.lon = e.Lat, e.Lon
	case e.Center != nil:
		one.lat, one.lon = e.Center.Lat, e.Center.Lon
	default:
		var points [][2]float64
		for _, corner := range e.Corners {
			if at, ok := corners[corner.Ref]; ok {
				points = append(points, at)
			}
		}
		one.lat, one.lon = middle(points)
	}
	return one
}

// middle is the middle of the stretch of points; not a number without any.
func middle(points [][2]float64) (lat, lon float64) {
	if len(points) == 0 {
		return math.NaN(), math.NaN()
	}
	low, high := points[0], points[0]
	for _, p := range points {
		low, high = [2]float64{min(low[0], p[0]), min(low[1], p[1])}, [2]float64{max(high[0], p[0]), max(high[1], p[1])}
	}
	return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
}

func readGeoJSON(in io.Reader) ([]imported, error) {
	var file struct {
		Type     string `json:"type"`
		Features []struct {
			ID         any            `json:"id"`
			Properties map[string]any `json:"properties"`
			Geometry   struct {
				Coordinates any `json:"coordinates"`
			} `json:"geometry"`
		} `json:"features"`
	}
	decoder := json.NewDecoder(in)
	decoder.UseNumber()
	if err := decoder.Decode(&file); err != nil {
		return nil, badFile("%v", err)
	}
	if file.Type != "FeatureCollection" {
		return nil, badFile("this is no FeatureCollection")
	}
	var out []imported
	for i, f := range file.Features {
		one := imported{row: i + 1, id: told(f.ID), tags: map[string]string{}}
		for name, value := range f.Properties {
			if text := told(value); text != "" {
				one.tags[name] = text
			}
		}
		for _, name := range []string{"@id", "osm_id", "id"} {
			if one.id == "" {
				one.id = one.tags[name]
			}
		}
		var points [][2]float64
		one.lat, one.lon = middle(coordinates(f.Geometry.Coordinates, points, 0))
		one.columns()
		out = append(out, one)
	}
	return out, nil
}

// told is a plain value as text.
func told(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// coordinates is all positions in a geometry; GeoJSON has the longitude first.
func coordinates(value any, points [][2]float64, depth int) [][2]float64 {
	list, ok := value.([]any)
	if !ok || depth > 5 {
		return points
	}
	if len(list) >= 2 {
		lon, isLon := list[0].(json.Number)
		lat, isLat := list[1].(json.Number)
		if isLon && isLat {
			x, errX := lon.Float64()
			y, errY := lat.Float64()
			if errX == nil && errY == nil {
				points = append(points, [2]float64{y, x})
			}
			return points
		}
	}
	for _, each := range list {
		points = coordinates(each, points, depth+1)
	}
	return points
}

// readCSV reads a table with a header. Columns are tags of OpenStreetMap, or the names below.
func readCSV(in io.Reader) ([]imported, error) {
	table := csv.NewReader(in)
	table.FieldsPerRecord = -1
	header, err := table.Read()
	if err != nil {
		return nil, badFile("there is no header: %v", err)
	}
	if len(header) == 1 && strings.Contains(header[0], ";") {
		return nil, badFile("columns are separated by commas")
	}
	for i, name := range header {
		header[i] = strings.ToLower(strings.TrimSpace(name))
	}
	if !slices.Contains(header, "name") || !slices.Contains(header, "lat") {
		return nil, badFile("the columns name, lat and lon are missing")
	}
	var out []imported
	for row := 1; ; row++ {
		cells, err := table.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, badFile("row %d: %v", row, err)
		}
		if row > importRows {
			return nil, badFile("more than %d rows", importRows)
		}
		one := imported{row: row, lat: math.NaN(), lon: math.NaN(), tags: map[string]string{}}
		for i, cell := range cells {
			if cell = strings.TrimSpace(cell); i < len(header) && cell != "" {
				one.tags[header[i]] = cell
			}
		}
		one.columns()
		one.lat, one.lon = number(one.tags["lat"]), number(first(one.tags, "lon", "lng", "longitude"))
		one.id = first(one.tags, "osm_id", "source_id", "id")
		out = append(out, one)
	}
}

// columns turns columns of tables into tags.
func (one *imported) columns() {
	for from, to := range map[string]string{
		"name_en": "name:en", "name_fr": "name:fr", "name_zh": "name:zh", "hours": "opening_hours", "housenumber": "addr:housenumber",
		"street": "addr:street", "postcode": "addr:postcode", "city": "addr:city", "address": "addr:full",
	} {
		if value := one.tags[from]; value != "" && one.tags[to] == "" {
			one.tags[to] = value
		}
	}
	if kind := one.tags["category"]; kind != "" {
		if key, value, tagged := strings.Cut(kind, "="); tagged {
			one.tags[key] = value
		} else {
			one.tags[keyTag] = kind
		}
	}
}

func number(text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return value
}

// first is the first of the tags that there is.
func first(tags map[string]string, names ...string) string {
	for _, name := range names {
		if tags[name] != "" {
			return tags[name]
		}
	}
	return ""
}
