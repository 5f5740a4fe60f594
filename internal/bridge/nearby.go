package bridge

import (
	"plaza.internal/plaza/internal/nearby"
)

// nearbySearchArgs are those of GET /api/nearby. A position is the program's to know only when it asks for it by
// wx.getLocation, so no scope is needed here.
type nearbySearchArgs struct {
	Lat      *float64 `json:"lat"`
	Lon      *float64 `json:"lon"`
	Radius   *float64 `json:"radius"`
	Category string   `json:"category"`
	OpenAt   string   `json:"open_at"`
	Words    string   `json:"q"`
	Place    string   `json:"place"`
	Show     string   `json:"show"`
	Cursor   string   `json:"cursor"`
	Limit    *int     `json:"limit"`
	Language string   `json:"lang"`
}

func nearbySearch(c call, args nearbySearchArgs) (any, error) {
	q, err := nearby.SearchArgs{
		Category: args.Category, OpenAt: args.OpenAt, Words: args.Words, Place: args.Place, Show: args.Show, Cursor: args.Cursor,
		Language: c.languageOf(args.Language),
	}.Query(c.now)
	if err != nil {
		return nil, err
	}
	if args.Radius != nil {
		q.Radius = *args.Radius
	}
	if args.Limit != nil {
		q.Limit = *args.Limit
	}
	if (args.Lat == nil) != (args.Lon == nil) {
		return nil, nearby.ErrBadPosition
	}
	if args.Lat != nil {
		q.Here, q.Lat, q.Lon = true, *args.Lat, *args.Lon
	}
	return nearby.Search(c.app, q)
}

// languageOf is the language that a program asks for, or the person's.
func (c call) languageOf(asked string) string {
	if asked == "" && c.user != nil {
		asked = c.user.GetString("language")
	}
	switch asked {
	case "fr", "zh":
		return asked
	}
	return "en"
}

type nearbyCategoriesArgs struct {
	Words    string `json:"q"`
	Language string `json:"lang"`
}

func nearbyCategories(c call, args nearbyCategoriesArgs) (any, error) {
	if len(args.Words) > 200 {
		return nil, ErrBadArgs.With("detail", "q has at most 200 bytes")
	}
	return nearby.ListCategories(c.app, args.Words, c.languageOf(args.Language))
}

type nearbyListingArgs struct {
	ID       string `json:"id"`
	Language string `json:"lang"`
}

func nearbyListing(c call, args nearbyListingArgs) (any, error) {
	return nearby.One(c.app, args.ID, c.languageOf(args.Language), c.now)
}

func nearbyMap(c call, _ struct{}) (any, error) { return nearby.MapOf(c.app) }

type nearbyReportArgs struct {
	Listing string `json:"listing"`
	Kind    string `json:"kind"`
}

// nearbyReport tells the operator what the person finds wrong with a listing.
func nearbyReport(c call, args nearbyReportArgs) (any, error) {
	if err := nearby.ReportWrong(c.app, c.user, args.Listing, args.Kind, c.now); err != nil {
		return nil, err
	}
	return map[string]any{}, nil
}
