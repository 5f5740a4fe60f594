package nearby

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
)

// street is an organisation with its owner and cashier, an operator, a stranger and a server.
type street struct {
	core.App
	c                                  *apptest.Client
	org, place                         *core.Record
	owner, cashier, operator, stranger string // tokens
	ownerUser, operatorUser            *core.Record
}

func newStreet(t *testing.T) *street {
	t.Helper()
	app := apptest.New(t, campaigns.Register, Register)
	s := &street{App: app, org: apptest.Org(t, app, "bar")}
	s.place = apptest.Record(t, app, "places", map[string]any{"org": s.org.Id, "name": "Le Bar", "lat": 48.8501, "lon": 2.35, "timezone": "Europe/Paris"})
	owner, cashier := apptest.Person(t, app, "owner"), apptest.Person(t, app, "cashier")
	apptest.Staff(t, app, s.org, owner, "owner")
	apptest.Staff(t, app, s.org, cashier, "cashier")
	s.ownerUser, s.operatorUser = owner, apptest.Operator(t, app, "operator")
	s.owner, s.cashier, s.operator = apptest.Token(t, owner), apptest.Token(t, cashier), apptest.Token(t, s.operatorUser)
	s.stranger = apptest.Token(t, apptest.Person(t, app, "stranger"))
	s.c = apptest.NewClient(t, app)
	clock.Set(app, monday)
	return s
}

// A bar claims its listing, the operator agrees, the bar writes its hours, an exception and its place; then its happy
// hour shows to everybody, and an import leaves all of it alone.
func TestABarsHappyHour(t *testing.T) {
	s := newStreet(t)
	bar := &listing{Name: "Chez Marcel", Category: "amenity/bar", Lat: 48.85, Lon: 2.35, Source: "osm", SourceID: "node/1", Hours: "Mo-Su 17:00-02:00"}
	put(t, s, bar)
	path := "/api/nearby/listings/" + bar.ID
	for who, token := range map[string]string{"stranger": s.stranger, "cashier": s.cashier} {
		if got := s.c.Do("POST", path+"/claim", token, map[string]any{"org": s.org.Id}); got.Status != 403 {
			t.Errorf("a %s claimed: %d %s", who, got.Status, got.Body)
		}
	}
	claim := s.c.Must(200, "POST", path+"/claim", s.owner, map[string]any{"org": s.org.Id, "note": "it is ours"})
	if claim.Text("state") != "open" {
		t.Fatalf("%s", claim.Body)
	}
	if got := s.c.Do("POST", path+"/claim", s.owner, map[string]any{"org": s.org.Id}); got.Code() != "claim_open" {
		t.Errorf("asked twice: %s", got.Body)
	}
	if got := s.c.Do("PATCH", path, s.owner, map[string]any{"name": "Mine"}); got.Status != 403 {
		t.Errorf("edited before the claim was approved: %s", got.Body)
	}
	if got := s.c.Do("POST", "/api/nearby/claims/"+claim.Text("id")+"/approve", s.owner, nil); got.Status != 403 {
		t.Errorf("approved by themselves: %s", got.Body)
	}
	s.c.Must(200, "POST", "/api/nearby/claims/"+claim.Text("id")+"/approve", s.operator, nil)
	s.c.Must(200, "PATCH", path, s.owner, map[string]any{
		"hours": "Mo-Sa 12:00-02:00", "place": s.place.Id, "happy_hours": "Mo-Fr 17:00-19:00", "exceptions": []map[string]any{{"date": "2026-11-24", "hours": "off", "note": "inventory"}},
	})
	apptest.Record(t, s, "campaigns", map[string]any{
		"org": s.org.Id, "name": "Happy hour", "kind": "percent", "percent_bp": 2000, "timezone": "Europe/Paris", "start_time": "11:00", "end_time": "14:00", "status": "active",
	})
	found := s.c.Must(200, "GET", "/api/nearby?lat=48.85&lon=2.35&category=amenity/bar&open_at=now", "", nil)
	for _, part := range []string{`"happy":true`, `"title":"Happy hour"`, `"closes_at":"2026-11-24T01:00:00Z"`, `"org_name":"bar"`} {
		if !strings.Contains(string(found.Body), part) {
			t.Errorf("no %s in %s", part, found.Body)
		}
	}
	// On a day with hours of its own nothing of the usual begins, nor goes on into the next one.
	tomorrow := s.c.Must(200, "GET", "/api/nearby?lat=48.85&lon=2.35&show=all&open_at=2026-11-24T13:00:00Z", "", nil)
	if !strings.Contains(string(tomorrow.Body), `"open":"closed"`) || !strings.Contains(string(tomorrow.Body), `"opens_at":"2026-11-25T11:00:00Z"`) {
		t.Errorf("on the day of the inventory: %s", tomorrow.Body)
	}
	report := s.c.Must(200, "POST", "/api/nearby/import?format=csv&source=osm", s.operator, "osm_id,name,category,lat,lon,opening_hours\nnode/1,Other,amenity=bar,48,2,off\n")
	if report.Number("kept") != 1 || report.Number("updated") != 0 {
		t.Errorf("the import: %s", report.Body)
	}
	if got := s.c.Must(200, "GET", path, "", nil); got.Text("name") != "Chez Marcel" || got.Text("hours") != "Mo-Sa 12:00-02:00" {
		t.Errorf("after the import: %s", got.Body)
	}
	s.c.Must(200, "PATCH", path, s.owner, map[string]any{"hidden": true})
	if got := s.c.Do("GET", path, "", nil); got.Code() != "listing_unknown" {
		t.Errorf("hidden: %s", got.Body)
	}
	if got := s.c.Must(200, "GET", "/api/nearby/mine?org="+s.org.Id, s.cashier, nil); !strings.Contains(string(got.Body), `"hidden":true`) {
		t.Errorf("the staff see it: %s", got.Body)
	}
	var acts int
	if err := s.DB().NewQuery("SELECT count(DISTINCT act) FROM ledger_audit WHERE act LIKE 'nearby.%'").Row(&acts); err != nil || acts < 4 {
		t.Errorf("%d acts audited, %v", acts, err)
	}
}

// What cannot be is refused, field by field.
func TestEditsThatAreRefused(t *testing.T) {
	s := newStreet(t)
	made := s.c.Must(200, "POST", "/api/nearby/listings", s.owner, map[string]any{"org": s.org.Id, "name": "Le Bar", "category": "amenity/bar", "lat": 48.85, "lon": 2.35})
	other := apptest.Place(t, s, apptest.Org(t, s, "other"), "Elsewhere")
	for body, want := range map[string]string{
		`{"name":""}`: "bad_listing", `{"name":"` + strings.Repeat("x", 121) + `"}`: "bad_listing", `{"category":"amenity/nothing"}`: "category_unknown",
		`{"lat":91,"lon":0}`: "bad_position", `{"lat":1}`: "bad_listing", `{"hours":"Lu-Sam 10:00-21:00"}`: "bad_hours", `{"happy_hours":"soon"}`: "bad_hours",
		`{"hours":"` + strings.Repeat("Mo 10:00-12:00;", 700) + `"}`: "bad_listing", `{"timezone":"Mars/Olympus"}`: "bad_listing", `{"timezone":"Local"}`: "bad_listing",
		`{"website":"javascript:alert(1)"}`: "bad_listing", `{"names":{"de":"Bar"}}`: "bad_listing", `{"exceptions":[{"date":"2026-13-01"}]}`: "bad_listing",
		`{"exceptions":[{"date":"2026-12-24"},{"date":"2026-12-24"}]}`: "bad_listing", `{"exceptions":[{"date":"2026-12-24","hours":"perhaps"}]}`: "bad_hours",
		`{"place":"` + other.Id + `"}`: "bad_listing", `{"program":"nosuch"}`: "bad_listing", `{"datum":"mars","lat":1,"lon":1}`: "bad_listing", `{"name":7}`: "bad_body",
	} {
		if got := s.c.Do("PATCH", "/api/nearby/listings/"+made.Text("id"), s.owner, body); got.Code() != want {
			t.Errorf("%.60s: %d %s, want %s", body, got.Status, got.Body, want)
		}
	}
	for _, body := range []map[string]any{{"org": s.org.Id}, {"org": s.org.Id, "name": "x", "category": "amenity/bar"}, {"org": s.org.Id, "name": "x", "lat": 1, "lon": 1}} {
		if got := s.c.Do("POST", "/api/nearby/listings", s.owner, body); got.Code() != "bad_listing" {
			t.Errorf("%v: %s", body, got.Body)
		}
	}
	if got := s.c.Do("PATCH", "/api/nearby/listings/nosuchlisting00", s.owner, "{}"); got.Code() != "listing_unknown" {
		t.Errorf("%s", got.Body)
	}
}

// A certified organisation gets at once what is plainly its own, and nothing else at once.
func TestACertifiedOrganisationsOwnPlace(t *testing.T) {
	s := newStreet(t)
	s.org.Set("certified", true)
	if err := s.Save(s.org); err != nil {
		t.Fatal(err)
	}
	own, far := &listing{Name: "LE BAR", Lat: 48.85, Lon: 2.35}, &listing{Name: "Le Bar", Lat: 48.86, Lon: 2.35}
	put(t, s, own, far)
	if got := s.c.Must(200, "POST", "/api/nearby/listings/"+own.ID+"/claim", s.owner, map[string]any{"org": s.org.Id}); got.Text("state") != "approved" {
		t.Errorf("its own: %s", got.Body)
	}
	if got := s.c.Must(200, "POST", "/api/nearby/listings/"+far.ID+"/claim", s.owner, map[string]any{"org": s.org.Id}); got.Text("state") != "open" {
		t.Errorf("another one: %s", got.Body)
	}
	if l, err := byID(s, own.ID); err != nil || l.Place != s.place.Id || l.Org != s.org.Id {
		t.Errorf("%+v %v", l, err)
	}
	s.c.Must(204, "POST", "/api/nearby/listings/"+own.ID+"/release", s.owner, nil)
	if l, err := byID(s, own.ID); err != nil || l.Org != "" || l.Place != "" {
		t.Errorf("released: %+v %v", l, err)
	}
}

// Of many who claim one listing, approved at the same moment, one gets it.
func TestClaimsAtOnce(t *testing.T) {
	s := newStreet(t)
	bar := &listing{Name: "Chez Marcel", Lat: 48.85, Lon: 2.35}
	put(t, s, bar)
	var ids []string
	for i := range 8 {
		org, user := apptest.Org(t, s, fmt.Sprint("org", i)), apptest.Person(t, s, fmt.Sprint("p", i))
		apptest.Staff(t, s, org, user, "owner")
		claim, err := AskFor(s, user, bar.ID, org.Id, "", monday)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, claim.ID)
	}
	var mu sync.Mutex
	approved, all := 0, sync.WaitGroup{}
	for _, id := range ids {
		all.Go(func() {
			if _, err := Approve(s, s.operatorUser, id, monday); err == nil {
				mu.Lock()
				approved++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	var open int
	if err := s.DB().NewQuery("SELECT count(*) FROM nearby_claims WHERE state = 'open'").Row(&open); err != nil || approved != 1 || open != 0 {
		t.Errorf("%d approved, %d open, %v", approved, open, err)
	}
	if _, err := Refuse(s, s.operatorUser, ids[0], "too late", monday); err == nil {
		t.Error("decided again")
	}
}

// Doubles are found whatever the spelling, merged, and come back; two merges at once do not lose a listing.
func TestDoublesAreMergedAndComeBack(t *testing.T) {
	s := newStreet(t)
	a, b := &listing{Name: "Café de l'Œuvre", Lat: 48.85, Lon: 2.35, Hours: "24/7", Address: "1 rue X"}, &listing{Name: "CAFE DE L’OEUVRE", Lat: 48.8503, Lon: 2.35}
	c := &listing{Name: "Café de l'Œuvre", Lat: 48.87, Lon: 2.35}
	put(t, s, a, b, c)
	found := s.c.Must(200, "GET", "/api/nearby/doubles", s.operator, nil)
	if !strings.Contains(string(found.Body), `"listing":{"id":"`+a.ID) || !strings.Contains(string(found.Body), `"other":{"id":"`+b.ID) || strings.Contains(string(found.Body), c.ID) {
		t.Errorf("%s", found.Body)
	}
	if got := s.c.Do("GET", "/api/nearby/doubles?within=NaN", s.operator, nil); got.Code() != "bad_query" {
		t.Errorf("%s", got.Body)
	}
	var both sync.WaitGroup
	for _, pair := range [][2]string{{a.ID, b.ID}, {b.ID, a.ID}} {
		both.Go(func() {
			s.c.Do("POST", "/api/nearby/listings/"+pair[0]+"/merge", s.operator, map[string]any{"into": pair[1]})
		})
	}
	both.Wait()
	shown := everybody(t, s, Query{Here: true, Lat: 48.85, Lon: 2.35, Radius: 100, Limit: 10, At: monday})
	if len(shown) != 1 {
		t.Fatalf("%d shown after two merges at once", len(shown))
	}
	gone := a.ID
	if shown[0] == a.ID {
		gone = b.ID
	}
	if got := s.c.Must(200, "GET", "/api/nearby/listings/"+gone, "", nil); got.Text("id") != shown[0] || got.Text("merged_into") != shown[0] {
		t.Errorf("asked by the old id: %s", got.Body)
	}
	for _, into := range []string{shown[0], gone, c.ID} {
		if got := s.c.Do("POST", "/api/nearby/listings/"+gone+"/merge", s.operator, map[string]any{"into": into}); got.Code() != "bad_merge" {
			t.Errorf("merged again into %s: %s", into, got.Body)
		}
	}
	s.c.Must(200, "POST", "/api/nearby/listings/"+gone+"/unmerge", s.operator, nil)
	if got := s.c.Do("POST", "/api/nearby/listings/"+gone+"/unmerge", s.operator, nil); got.Code() != "not_merged" {
		t.Errorf("%s", got.Body)
	}
	if n := len(everybody(t, s, Query{Here: true, Lat: 48.85, Lon: 2.35, Radius: 100, Limit: 10, At: monday})); n != 2 {
		t.Errorf("%d after all", n)
	}
}

// Photos are drawn anew, nine at most, in the order that the merchant wants; what is no picture is refused.
func TestPhotos(t *testing.T) {
	s := newStreet(t)
	made := s.c.Must(200, "POST", "/api/nearby/listings", s.owner, map[string]any{"org": s.org.Id, "name": "Le Bar", "category": "amenity/bar", "lat": 48.85, "lon": 2.35})
	path := "/api/nearby/listings/" + made.Text("id") + "/photos"
	picture := image.NewNRGBA(image.Rect(0, 0, 2400, 1200))
	picture.Set(1, 1, color.NRGBA{R: 255, A: 255})
	var content bytes.Buffer
	if err := png.Encode(&content, picture); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range PhotosLimit {
		photo := s.c.Must(200, "POST", path, s.owner, content.Bytes())
		if photo.Number("width") != 1600 || photo.Number("height") != 800 {
			t.Fatalf("%s", photo.Body)
		}
		ids = append(ids, photo.Text("id"))
	}
	if got := s.c.Do("POST", path, s.owner, content.Bytes()); got.Code() != "too_many_photos" {
		t.Errorf("a tenth: %s", got.Body)
	}
	shown := s.c.Must(200, "GET", "/api/nearby/photos/"+ids[0], "", nil)
	if shown.Header.Get("Content-Type") != "image/jpeg" || shown.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !bytes.HasPrefix(shown.Body, []byte{0xff, 0xd8}) {
		t.Errorf("%v", shown.Header)
	}
	ids[0], ids[8] = ids[8], ids[0]
	s.c.Must(200, "PUT", path, s.owner, map[string]any{"photos": ids})
	if got := s.c.Must(200, "GET", "/api/nearby?lat=48.85&lon=2.35", "", nil); !strings.Contains(string(got.Body), `"photo":"/api/nearby/photos/`+ids[0]) {
		t.Errorf("the first photo: %s", got.Body)
	}
	if got := s.c.Do("PUT", path, s.owner, map[string]any{"photos": ids[1:]}); got.Code() != "photo_unknown" {
		t.Errorf("an order without one: %s", got.Body)
	}
	s.c.Must(204, "DELETE", path+"/"+ids[0], s.owner, nil)
	if got := s.c.Do("GET", "/api/nearby/photos/"+ids[0], "", nil); got.Code() != "photo_unknown" {
		t.Errorf("taken away: %s", got.Body)
	}
	for name, body := range map[string][]byte{
		"text": []byte("hello"), "nothing": {}, "a bomb": bomb(t), "script": []byte("<svg onload=alert(1)>"),
	} {
		if got := s.c.Do("POST", path, s.owner, body); got.Code() != "bad_photo" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if got := s.c.Do("POST", path, s.stranger, content.Bytes()); got.Status != 403 {
		t.Errorf("a stranger: %s", got.Body)
	}
	if got := s.c.Do("POST", path, s.owner, make([]byte, PhotoBytes+1)); got.Code() != "body_too_large" {
		t.Errorf("too large: %d %s", got.Status, got.Body)
	}
}

// bomb is the head of a picture of 65,535 × 65,535 pixels.
func bomb(t *testing.T) []byte {
	t.Helper()
	return append([]byte("GIF89a"), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x3b)
}

// A file is tried, brought in, changed and brought in again: ids make the second import an update. Each bad row is told.
func TestImports(t *testing.T) {
	s := newStreet(t)
	const osm = `{"elements":[{"type":"node","id":1,"lat":48.85,"lon":2.35,"tags":{"name":"A","amenity":"restaurant","cuisine":"pizza;pasta","opening_hours":"midi"}},
		{"type":"way","id":2,"center":{"lat":48.86,"lon":2.36},"tags":{"name":"B","name:zh":"乙","shop":"bakery"}},{"type":"node","id":3,"lat":1,"lon":1},
		{"type":"node","id":4,"lat":1,"lon":1,"tags":{"natural":"tree"}},{"type":"node","id":1,"lat":48.85,"lon":2.35,"tags":{"name":"A","amenity":"bar"}}]}`
	imports := func(query, body string) apptest.Answer {
		return s.c.Must(200, "POST", "/api/nearby/import?"+query, s.operator, body)
	}
	if got := imports("format=osm&dry_run=true", osm); got.Number("created") != 2 || got.Number("failed") != 1 || got.Number("skipped") != 1 || got.Number("unread") != 1 {
		t.Errorf("dry run: %s", got.Body)
	}
	if got := s.c.Must(200, "GET", "/api/nearby?lat=48.85&lon=2.35", "", nil); !strings.Contains(string(got.Body), `"items":[]`) {
		t.Errorf("a dry run left something: %s", got.Body)
	}
	imports("format=osm", osm)
	if got := imports("format=osm", osm); got.Number("unchanged") != 2 {
		t.Errorf("again: %s", got.Body)
	}
	const xml = `<?xml version="1.0"?><osm><node id="1" lat="48.85" lon="2.35"><tag k="name" v="A2"/><tag k="amenity" v="restaurant"/></node>
		<node id="8" lat="48.8" lon="2.3"/><node id="9" lat="48.9" lon="2.4"/><way id="7"><nd ref="8"/><nd ref="9"/><tag k="name" v="W"/><tag k="shop" v="florist"/></way></osm>`
	if got := imports("format=osm", xml); got.Number("updated") != 1 || got.Number("created") != 1 {
		t.Errorf("as XML: %s", got.Body)
	}
	const geo = `{"type":"FeatureCollection","features":[{"type":"Feature","id":"x1","geometry":{"type":"Point","coordinates":[2.35,48.85]},"properties":{"name":"G","amenity":"cafe"}},
		{"type":"Feature","id":"x2","geometry":null,"properties":{"name":"H","amenity":"cafe"}}]}`
	if got := imports("format=geojson&source=town", geo); got.Number("created") != 1 || !strings.Contains(string(got.Body), "bad_position") {
		t.Errorf("GeoJSON: %s", got.Body)
	}
	if got := imports("format=csv&source=signs", "id,name,category,lat,lon\n1,\x00Bar\u202e  rouge\u2066,amenity/cafe,48,2\n"); got.Number("created") != 1 {
		t.Errorf("signs that nobody sees: %s", got.Body)
	}
	var read string
	if err := s.DB().NewQuery("SELECT name FROM nearby_listings WHERE source = 'signs'").Row(&read); err != nil || read != "Bar rouge" {
		t.Errorf("a name with signs that nobody sees: %q (%v)", read, err)
	}
	if got := imports("format=csv&source=clocks", "id,name,category,lat,lon,timezone\n1,x,amenity/cafe,48,2,Local\n"); got.Number("created") != 0 || !strings.Contains(string(got.Body), "bad_timezone") {
		t.Errorf("the clock of the house, whichever that is: %s", got.Body)
	}
	const table = "\ufeffid,name,category,lat,lon\n1,,amenity/cafe,48,2\n2,x,amenity/nothing,48,2\n3,x,amenity/cafe,91,2\n,x,amenity/cafe,48,2\n5,好,amenity/cafe,39.9087,116.3975\n5,好,amenity/cafe,39.9087,116.3975\n"
	if got := imports("format=csv&datum=gcj02&timezone=Asia/Shanghai", table); got.Number("created") != 1 || got.Number("failed") != 5 {
		t.Errorf("CSV: %s", got.Body)
	}
	for query, body := range map[string]string{
		"format=pdf": "x", "format=csv": "a;b\n1;2", "format=osm": "{}", "format=geojson": "[]", "format=osm&datum=mars": osm, "format=osm&source=merchant": osm,
		"format=osm&timezone=x": osm, "format=csv&x": "", "format=osm&y": "<html></html>", "format=osm&z": "<osm><node",
	} {
		if got := s.c.Do("POST", "/api/nearby/import?"+query, s.operator, body); got.Code() != "bad_import" {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
	if got := s.c.Do("POST", "/api/nearby/import?format=osm", s.owner, osm); got.Status != 403 {
		t.Errorf("by a merchant: %s", got.Body)
	}
}

// A long file is a job: the operator is answered at once and asks how far it is.
func TestALongImport(t *testing.T) {
	s := newStreet(t)
	var table strings.Builder
	table.WriteString("id,name,category,lat,lon\n")
	for i := range importNow + 300 {
		fmt.Fprintf(&table, "%d,Place %d,amenity/cafe,48.%04d,2.35\n", i, i, i)
	}
	asked := s.c.Must(200, "POST", "/api/nearby/import?format=csv", s.operator, table.String())
	if asked.Text("state") != "waiting" || asked.Text("id") == "" {
		t.Fatalf("%s", asked.Body)
	}
	for range 2 { // a job may run twice
		if _, err := jobs.RunDue(s, monday.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	done := s.c.Must(200, "GET", "/api/nearby/imports/"+asked.Text("id"), s.operator, nil)
	if done.Text("state") != "done" || done.Number("created") != importNow+300 || done.Number("done") != importNow+300 {
		t.Errorf("%s", done.Body)
	}
	if got := s.c.Do("GET", "/api/nearby/imports/nosuch", s.operator, nil); got.Code() != "import_unknown" {
		t.Errorf("%s", got.Body)
	}
}
