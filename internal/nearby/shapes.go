package nearby

import (
	"time"

	"plaza.internal/plaza/internal/campaigns"
)

// The states of a listing at an instant, as they are answered.
const (
	StateOpen    = "open"
	StateClosed  = "closed"
	StateUnknown = "unknown" // no hours, hours that nobody can read, or hours that say so themselves
)

// Found is a listing in the answer of a search. Its state is that of the instant that was asked for.
type Found struct {
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	Category     string  `json:"category"`
	CategoryName string  `json:"category_name"`
	Icon         string  `json:"icon"`
	Distance     float64 `json:"distance"` // metres from the centre, to a decimetre
	Lat          float64 `json:"lat"`      // WGS-84, like all positions of this API
	Lon          float64 `json:"lon"`
	Address      string  `json:"address"`

	Open     string    `json:"open"`               // open, closed or unknown
	ClosesAt time.Time `json:"closes_at,omitzero"` // of an open one; left out when it does not close within a year
	OpensAt  time.Time `json:"opens_at,omitzero"`  // of one that is not open
	Hours    string    `json:"hours"`              // as they are written, also when they cannot be read
	Comment  string    `json:"comment"`            // what the hours, or the exception of the day, say besides
	Timezone string    `json:"timezone"`

	Happy      bool      `json:"happy"` // it is happy hour
	HappyUntil time.Time `json:"happy_until,omitzero"`
	Offers     []Offer   `json:"offers"`
	Program    *Opens    `json:"program"` // what tapping opens; null when nothing
	Photo      string    `json:"photo"`   // address of the first photo, "" without
	Org        string    `json:"org"`     // who has claimed it, "" when nobody
	OrgName    string    `json:"org_name"`
	Certified  bool      `json:"certified"`
	Place      string    `json:"place"` // the organisation's place that it is, "" when none
}

// Offer is a campaign that runs at the instant that was asked for.
type Offer struct {
	Campaign string           `json:"campaign"`
	Title    string           `json:"title"`
	Kind     campaigns.Kind   `json:"kind"`
	Reason   campaigns.Reason `json:"reason"`
	EndsAt   time.Time        `json:"ends_at,omitzero"`
}

// Opens is the program that belongs to a listing.
type Opens struct {
	AppID string `json:"appid"`
	Name  string `json:"name"`
	Icon  string `json:"icon"`
	Color string `json:"color"`
	Path  string `json:"path"` // "" is its first page
}

// Center is where a search looks from.
type Center struct {
	Lat   float64 `json:"lat"`
	Lon   float64 `json:"lon"`
	Label string  `json:"label"` // the address or place that was searched for; "" for a given position
}

// Results is a page of listings, the nearest first. A page may be short, even empty, and have a cursor: then few of
// very many places were open, and the cursor goes on from where the search stopped.
type Results struct {
	Items      []Found `json:"items"`
	NextCursor string  `json:"next_cursor"` // "" at the end
	Center     Center  `json:"center"`
	At         string  `json:"at"` // the instant of the states
}

// CategoryCount is a category with how many listings there are.
type CategoryCount struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Icon  string `json:"icon"`
	Count int    `json:"count"` // with the categories below it
}

// Categories is categories: those of the listings, the commonest first, or the best matches of a query.
type Categories struct {
	Items []CategoryCount `json:"items"`
}

// Exception is a day on which other hours hold.
type Exception struct {
	Date  string `json:"date"`  // 2026-12-24, in the zone of the place
	Hours string `json:"hours"` // "10:00-14:00", "off"
	Note  string `json:"note"`
}

// Interval is a time in which a place is open, or in which nobody knows.
type Interval struct {
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	State   string    `json:"state"` // open or unknown
	Comment string    `json:"comment"`
}

// Photo is a picture of a listing.
type Photo struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Detail is one listing with everything that people may know.
type Detail struct {
	Found
	Phone       string            `json:"phone"`
	Website     string            `json:"website"`
	Names       map[string]string `json:"names"` // by language
	Cuisine     string            `json:"cuisine"`
	HappyHours  string            `json:"happy_hours"`
	HoursValid  bool              `json:"hours_valid"` // false: show the text, say unknown
	Week        []Interval        `json:"week"`        // from the beginning of today, seven days, in the zone of the place
	Exceptions  []Exception       `json:"exceptions"`  // from today
	Photos      []Photo           `json:"photos"`
	Source      string            `json:"source"`    // osm, csv, geojson, merchant …
	SourceID    string            `json:"source_id"` // such as node/251699774
	Attribution string            `json:"attribution"`
	MergedInto  string            `json:"merged_into"` // asked by an old id, the listing that it is now
}

// Managed is a listing as its merchant and the operator see it.
type Managed struct {
	Detail
	Hidden    bool   `json:"hidden"`
	Datum     string `json:"datum"` // in which the position was given: wgs84 or gcj02; lat and lon are WGS-84
	ProgramID string `json:"program_id"`
	Edited    bool   `json:"edited"` // a merchant has claimed it: imports leave it alone
	Claim     *Claim `json:"claim"`  // the claim that is open, if one is
	Created   string `json:"created"`
	Updated   string `json:"updated"`
}

// Listings is a page of listings as their merchant or the operator sees them.
type Listings struct {
	Items []Managed `json:"items"`
	More  bool      `json:"more"`
}

// Edit is what shall change of a listing; what is left out stays.
type Edit struct {
	Name        *string            `json:"name"`
	Names       *map[string]string `json:"names"`
	Category    *string            `json:"category"`
	Lat         *float64           `json:"lat"`
	Lon         *float64           `json:"lon"`
	Datum       *string            `json:"datum"` // of lat and lon: wgs84 (when left out) or gcj02, which is converted
	Address     *string            `json:"address"`
	Phone       *string            `json:"phone"`
	Website     *string            `json:"website"`
	Cuisine     *string            `json:"cuisine"`
	Hours       *string            `json:"hours"`
	HappyHours  *string            `json:"happy_hours"`
	Timezone    *string            `json:"timezone"`
	Exceptions  *[]Exception       `json:"exceptions"`
	Place       *string            `json:"place"`   // a place of the organisation, "" for none
	Program     *string            `json:"program"` // the appid of one of its live programs, "" for the organisation's newest
	ProgramPath *string            `json:"program_path"`
	Hidden      *bool              `json:"hidden"`
}

// Draft is a new listing of an organisation.
type Draft struct {
	Org string `json:"org"`
	Edit
}

// Claim is an organisation's word that a listing is its own.
type Claim struct {
	ID        string `json:"id"`
	State     string `json:"state"` // open, approved or refused
	Listing   Brief  `json:"listing"`
	Org       string `json:"org"`
	OrgName   string `json:"org_name"`
	Certified bool   `json:"certified"`
	AskedBy   string `json:"asked_by"` // a name
	Note      string `json:"note"`
	Reason    string `json:"reason"` // of a refusal
	Created   string `json:"created"`
	DecidedAt string `json:"decided_at"`
}

// Claims is a page of claims, the oldest open one first.
type Claims struct {
	Items []Claim `json:"items"`
	More  bool    `json:"more"`
}

// Brief is a listing in a line.
type Brief struct {
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	Category     string  `json:"category"`
	CategoryName string  `json:"category_name"`
	Address      string  `json:"address"`
	Lat          float64 `json:"lat"`
	Lon          float64 `json:"lon"`
	Hours        string  `json:"hours"`
	Source       string  `json:"source"`
	SourceID     string  `json:"source_id"`
	Org          string  `json:"org"`
	OrgName      string  `json:"org_name"`
	Photos       int     `json:"photos"`
}

// Double is two listings that may be one place.
type Double struct {
	Listing  Brief   `json:"listing"` // the one to keep: claimed, or else the fuller one
	Other    Brief   `json:"other"`
	Distance float64 `json:"distance"` // metres between them
}

// Merge is an undone or undoable merging of two listings.
type Merge struct {
	From  Brief  `json:"from"`
	Into  Brief  `json:"into"`
	Since string `json:"since"`
}

// Doubles is what may be double, and what was merged lately.
type Doubles struct {
	Items  []Double `json:"items"`
	Merged []Merge  `json:"merged"`
	More   bool     `json:"more"`
}

// RowError is what is wrong with a row of a file.
type RowError struct {
	Row      int    `json:"row"` // counted from 1, the header of a CSV not counted
	SourceID string `json:"source_id"`
	Field    string `json:"field"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// Report is what an import did, or with DryRun what it would do.
type Report struct {
	ID        string     `json:"id"`    // of a long one, to ask how far it is; "" for one that is already done
	State     string     `json:"state"` // waiting, running, done or failed
	Format    string     `json:"format"`
	Source    string     `json:"source"` // under which the ids of the file are kept
	DryRun    bool       `json:"dry_run"`
	Rows      int        `json:"rows"`
	Done      int        `json:"done"` // rows that have been looked at
	Created   int        `json:"created"`
	Updated   int        `json:"updated"`
	Unchanged int        `json:"unchanged"`
	Kept      int        `json:"kept"`    // claimed by a merchant and therefore left alone
	Skipped   int        `json:"skipped"` // things without a name or a known category, of which a map is full
	Unread    int        `json:"unread"`  // went in with hours that cannot be read: they are shown, the state is unknown
	Failed    int        `json:"failed"`  // rows with errors, of which Errors names the first thousand
	Errors    []RowError `json:"errors"`
	Failure   string     `json:"failure"` // why the whole failed
	CreatedAt string     `json:"created_at"`
}

// Imports is the long imports, the newest first.
type Imports struct {
	Items []Report `json:"items"`
}

// Map is what a screen needs to show a map, or to know that there is none.
type Map struct {
	Kind        string `json:"kind"` // none or tiles
	URL         string `json:"url"`  // /api/nearby/tiles/{z}/{x}/{y}
	Attribution string `json:"attribution"`
	MinZoom     int    `json:"min_zoom"`
	MaxZoom     int    `json:"max_zoom"`
	Center      Center `json:"center"`
}

// Settings is what the operator says about nearby.
type Settings struct {
	Tiles       string `json:"tiles"`        // none, file or template
	Template    string `json:"template"`     // https://tiles.example/{z}/{x}/{y}.png
	Attribution string `json:"attribution"`  // of a template; a file brings its own when this is empty
	MinZoom     int    `json:"min_zoom"`     // of a template
	MaxZoom     int    `json:"max_zoom"`     // of a template
	Center      Center `json:"center"`       // of the town: where a search begins that nobody says the place of
	File        string `json:"file"`         // read only: the name of the .pmtiles file that was found, "" for none
	FileProblem string `json:"file_problem"` // read only: why it cannot be used
}
