package nearby

import (
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/proxy"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const tag = "nearby"

// Register binds the routes of people, merchants and the operator, and the long imports.
func Register(app core.App) {
	jobs.Handle(app, importKind, runImport)
	jobs.Every(app, "nearby.hours", "40 3 * * *", "UTC", func(app core.App, _ time.Time) error { return ForgetHours(app) })
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bindPeople(se)
		bindMerchants(se)
		bindPhotos(se)
		bindOperator(se)
		bindReports(se)
		return se.Next()
	})
}

func bindPeople(se *core.ServeEvent) {
	public := func(path, summary string, answer any, refusals ...*refusal.Refusal) route.Operation {
		return route.Operation{Method: http.MethodGet, Path: path, Tag: tag, Public: true, Summary: summary, Answer: answer, Refusals: refusals}
	}
	route.Handle(se, public("/api/nearby", "Listings around lat and lon, a place or the town's centre, the nearest first; with open_at what is open then.",
		Results{}, ErrBadRadius, ErrBadPosition, ErrBadQuery, ErrCategoryUnknown, ErrPlaceUnknown, ErrNoCenter), handleSearch)
	route.Handle(se, public("/api/nearby/categories", "Categories that have listings, the commonest first; with q the best matches of all.", Categories{}), handleCategories)
	route.Handle(se, public("/api/nearby/listings/{id}", "One listing, with a week of its hours; a merged one is what it is now.", Detail{}, ErrListingUnknown), handleOne)
	route.Handle(se, public("/api/nearby/photos/{id}", "A photo of a listing.", "image/jpeg", ErrPhotoUnknown), handlePhoto)
	route.Handle(se, public("/api/nearby/map", "Whether there is a map, and where its tiles are.", Map{}), handleMap)
	route.Handle(se, public("/api/nearby/tiles/{z}/{x}/{y}", "A tile of the map.", "image/*", append([]*refusal.Refusal{ErrNoTile}, proxy.Refusals()...)...), handleTile)
}

// language is the reader's: ?lang, or else the person's own, or English.
func language(e *core.RequestEvent) string {
	asked := e.Request.URL.Query().Get("lang")
	if asked == "" && e.Auth != nil {
		asked = e.Auth.GetString("language")
	}
	if slices.Contains(languages[:], asked) {
		return asked
	}
	return "en"
}

// SearchArgs is a search as text, of an address or of a program. What is left out has its default.
type SearchArgs struct {
	Lat, Lon, Radius, Category, OpenAt, Words, Place, Show, Cursor, Limit, Language string
}

// Query reads the arguments, or refuses them.
func (a SearchArgs) Query(now time.Time) (Query, error) {
	q := Query{Place: a.Place, Category: a.Category, Words: a.Words, Cursor: a.Cursor, Language: a.Language, Radius: RadiusDefault, Limit: PageDefault, At: now}
	var err error
	if a.Radius != "" {
		if q.Radius, err = strconv.ParseFloat(a.Radius, 64); err != nil {
			return q, ErrBadRadius
		}
	}
	if a.Limit != "" {
		if q.Limit, err = strconv.Atoi(a.Limit); err != nil {
			return q, ErrBadQuery.With("field", "limit")
		}
	}
	if a.Lat != "" || a.Lon != "" {
		q.Here, q.Lat, q.Lon = true, number(a.Lat), number(a.Lon)
		if math.IsNaN(q.Lat) || math.IsNaN(q.Lon) {
			return q, ErrBadPosition
		}
	}
	for _, text := range []struct {
		field, value string
		limit        int
	}{{"place", a.Place, PlaceLimit}, {"cursor", a.Cursor, cursorLimit}, {"category", a.Category, categoryLimit}} {
		if len(text.value) > text.limit {
			return q, ErrBadQuery.With("field", text.field).With("limit", text.limit)
		}
	}
	q.OpenOnly = a.OpenAt != "" && a.Show != "all"
	if a.OpenAt != "" && a.OpenAt != "now" {
		if q.At, err = time.Parse(time.RFC3339, a.OpenAt); err != nil || !judgeable(q.At) {
			return q, ErrBadQuery.With("field", "open_at").Saying("open_at is now, or an instant like 2026-11-25T18:00:00Z.")
		}
	}
	return q, nil
}

func handleSearch(e *core.RequestEvent) error {
	v := e.Request.URL.Query()
	q, err := SearchArgs{
		Lat: v.Get("lat"), Lon: v.Get("lon"), Radius: v.Get("radius"), Category: v.Get("category"), OpenAt: v.Get("open_at"), Words: v.Get("q"),
		Place: v.Get("place"), Show: v.Get("show"), Cursor: v.Get("cursor"), Limit: v.Get("limit"), Language: language(e),
	}.Query(clock.Now(e.App))
	if err != nil {
		return err
	}
	found, err := Search(e.App, q)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, found)
}

func handleCategories(e *core.RequestEvent) error {
	query := e.Request.URL.Query().Get("q")
	found, err := ListCategories(e.App, query[:min(len(query), queryLimit)], language(e))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, found)
}

func handleOne(e *core.RequestEvent) error {
	one, err := One(e.App, e.Request.PathValue("id"), language(e), clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, one)
}

func handleMap(e *core.RequestEvent) error {
	told, err := MapOf(e.App)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, told)
}

// picturePolicy makes a picture that is opened as a document a picture.
const picturePolicy = "sandbox; default-src 'none'"

// asPicture lets frames of mini programs, whose origin is their own, show what follows.
func asPicture(e *core.RequestEvent, caching string) {
	header := e.Response.Header()
	header.Set("Content-Security-Policy", picturePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Cache-Control", caching)
}

func handleTile(e *core.RequestEvent) error {
	y, _, _ := strings.Cut(e.Request.PathValue("y"), ".") // 12.png is 12
	var at [3]int
	for i, text := range []string{e.Request.PathValue("z"), e.Request.PathValue("x"), y} {
		value, err := strconv.Atoi(text)
		if err != nil {
			return ErrNoTile
		}
		at[i] = value
	}
	tile, kind, err := Tile(e.Request.Context(), e.App, at[0], at[1], at[2], clock.Now(e.App))
	if err != nil {
		return err
	}
	asPicture(e, "public, max-age=86400")
	return e.Blob(http.StatusOK, kind, tile)
}

func handlePhoto(e *core.RequestEvent) error {
	record, err := photoFile(e.App, e.Request.PathValue("id"))
	if err != nil {
		return err
	}
	files, err := e.App.NewFilesystem()
	if err != nil {
		return err
	}
	defer files.Close() //nolint:errcheck // nothing was written
	file, err := files.GetReader(record.BaseFilesPath() + "/" + record.GetString("image"))
	if err != nil {
		return ErrPhotoUnknown
	}
	defer file.Close() //nolint:errcheck // it was only read
	asPicture(e, "public, max-age=31536000, immutable")
	return e.Stream(http.StatusOK, "image/jpeg", file)
}

func bindMerchants(se *core.ServeEvent) {
	staff := []*refusal.Refusal{identity.ErrNotStaff, identity.ErrRoleRequired}
	edits := []*refusal.Refusal{ErrBadListing, ErrBadHours, ErrBadPosition, ErrCategoryUnknown}
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/nearby/mine", Tag: tag, Summary: "The listings of an organisation (?org), for its staff.", Answer: Listings{}, Refusals: staff,
	}, handleMine)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/nearby/mine/claims", Tag: tag, Summary: "What an organisation (?org) has claimed and how that went.", Answer: Claims{}, Refusals: staff,
	}, handleMyClaims)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/nearby/listings", Tag: tag, Summary: "A new listing of an organisation.",
		Body: Draft{}, Answer: Managed{}, Refusals: slices.Concat(staff, edits, []*refusal.Refusal{ErrTooManyListings}),
	}, handleCreate)
	route.Handle(se, route.Operation{
		Method: http.MethodPatch, Path: "/api/nearby/listings/{id}", Tag: tag, Summary: "Change a listing: its owners and managers, and the operator.",
		Body: Edit{}, Answer: Managed{}, Refusals: slices.Concat(staff, edits, []*refusal.Refusal{ErrListingUnknown}),
	}, handleChange)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/nearby/listings/{id}/manage", Tag: tag, Summary: "A listing as those who manage it see it.",
		Answer: Managed{}, Refusals: slices.Concat(staff, []*refusal.Refusal{ErrListingUnknown}),
	}, handleManage)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/nearby/listings/{id}/claim", Tag: tag, Summary: "Say that a listing is your organisation's.",
		Body: claimBody{}, Answer: Claim{}, Refusals: slices.Concat(staff, []*refusal.Refusal{ErrListingUnknown, ErrClaimed, ErrClaimOpen, ErrBadListing}),
	}, handleClaim)
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/nearby/listings/{id}/release", Tag: tag, Summary: "Say that a listing is not your organisation's any more.",
		Refusals: slices.Concat(staff, []*refusal.Refusal{ErrListingUnknown}),
	}, func(e *core.RequestEvent) error {
		if err := Release(e.App, e.Auth, e.Request.PathValue("id"), clock.Now(e.App)); err != nil {
			return err
		}
		return e.NoContent(http.StatusNoContent)
	})
}

type (
	claimBody struct {
		Org  string `json:"org"`
		Note string `json:"note"` // the operator reads it
	}
	reasonBody struct {
		Reason string `json:"reason"`
	}
	mergeBody struct {
		Into string `json:"into"`
	}
	orderBody struct {
		Photos []string `json:"photos"`
	}
)

func page(e *core.RequestEvent) int {
	number, _ := strconv.Atoi(e.Request.URL.Query().Get("page"))
	return min(max(number, 1), 10_000)
}

func handleMine(e *core.RequestEvent) error {
	org := e.Request.URL.Query().Get("org")
	if _, err := identity.Require(e.App, e.Auth, org); err != nil {
		return err
	}
	return answer(e)(Mine(e.App, org, page(e), language(e), clock.Now(e.App)))
}

func handleMyClaims(e *core.RequestEvent) error {
	org := e.Request.URL.Query().Get("org")
	if _, err := identity.Require(e.App, e.Auth, org); err != nil {
		return err
	}
	return answer(e)(ClaimsOf(e.App, org))
}

// answer sends what a verb returned.
func answer(e *core.RequestEvent) func(value any, err error) error {
	return func(value any, err error) error {
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, value)
	}
}

func handleCreate(e *core.RequestEvent) error {
	var body Draft
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	return answer(e)(Create(e.App, e.Auth, body, language(e), clock.Now(e.App)))
}

func handleChange(e *core.RequestEvent) error {
	var body Edit
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	return answer(e)(Change(e.App, e.Auth, e.Request.PathValue("id"), body, language(e), clock.Now(e.App)))
}

func handleManage(e *core.RequestEvent) error {
	l, err := byID(e.App, e.Request.PathValue("id"))
	if err != nil {
		return err
	}
	if err := mayManage(e.App, e.Auth, l); err != nil {
		return err
	}
	return answer(e)(managedByID(e.App, l.ID, language(e), clock.Now(e.App)))
}

func handleClaim(e *core.RequestEvent) error {
	var body claimBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	return answer(e)(AskFor(e.App, e.Auth, e.Request.PathValue("id"), body.Org, body.Note, clock.Now(e.App)))
}

func bindPhotos(se *core.ServeEvent) {
	refusals := []*refusal.Refusal{identity.ErrNotStaff, identity.ErrRoleRequired, ErrListingUnknown}
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/nearby/listings/{id}/photos", Tag: tag, Stream: true, Body: "image/*", Answer: Photo{},
		Summary:  "Add a photo, which is the body; it is drawn anew, without what a camera writes beside the picture.",
		Refusals: slices.Concat(refusals, []*refusal.Refusal{ErrTooManyPhotos, ErrBadPhoto, route.ErrBodyTooLarge}),
	}, func(e *core.RequestEvent) error {
		content, err := whole(route.Stream(e), PhotoBytes)
		if err != nil {
			return err
		}
		return answer(e)(AddPhoto(e.App, e.Auth, e.Request.PathValue("id"), content, clock.Now(e.App)))
	})
	route.Handle(se, route.Operation{
		Method: http.MethodDelete, Path: "/api/nearby/listings/{id}/photos/{photo}", Tag: tag, Summary: "Take a photo away.",
		Refusals: slices.Concat(refusals, []*refusal.Refusal{ErrPhotoUnknown}),
	}, func(e *core.RequestEvent) error {
		if err := RemovePhoto(e.App, e.Auth, e.Request.PathValue("id"), e.Request.PathValue("photo"), clock.Now(e.App)); err != nil {
			return err
		}
		return e.NoContent(http.StatusNoContent)
	})
	route.Handle(se, route.Operation{
		Method: http.MethodPut, Path: "/api/nearby/listings/{id}/photos", Tag: tag, Summary: "Put the photos in an order.", Body: orderBody{}, Answer: []Photo{},
		Refusals: slices.Concat(refusals, []*refusal.Refusal{ErrPhotoUnknown}),
	}, func(e *core.RequestEvent) error {
		var body orderBody
		if err := route.Decode(e, &body); err != nil {
			return err
		}
		return answer(e)(OrderPhotos(e.App, e.Auth, e.Request.PathValue("id"), body.Photos, clock.Now(e.App)))
	})
}

// whole reads a body of at most limit bytes.
func whole(from io.Reader, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(from, limit+1))
	if int64(len(content)) > limit {
		return nil, route.ErrBodyTooLarge.With("limit", limit)
	}
	return content, err
}

func bindOperator(se *core.ServeEvent) {
	handle := func(method, path, summary string, body, answer any, refusals []*refusal.Refusal, action func(e *core.RequestEvent) error) {
		route.Handle(se, route.Operation{
			Method: method, Path: path, Tag: tag, Summary: "The operator: " + summary, Body: body, Answer: answer,
			Refusals: append([]*refusal.Refusal{ledger.ErrOperatorOnly}, refusals...),
		}, func(e *core.RequestEvent) error {
			if !identity.IsOperator(e.Auth) {
				return ledger.ErrOperatorOnly
			}
			return action(e)
		})
	}
	handle(http.MethodGet, "/api/nearby/listings", "all listings; ?q, ?state (claimed, unclaimed or hidden), ?sort (name, category, org, source or updated, with - the other way).", nil, Listings{}, nil, func(e *core.RequestEvent) error {
		v := e.Request.URL.Query()
		return answer(e)(All(e.App, v.Get("q"), v.Get("state"), v.Get("sort"), page(e), language(e), clock.Now(e.App)))
	})
	handle(http.MethodGet, "/api/nearby/claims", "claims; ?state.", nil, Claims{}, nil, func(e *core.RequestEvent) error {
		return answer(e)(ListClaims(e.App, e.Request.URL.Query().Get("state"), page(e)))
	})
	handle(http.MethodPost, "/api/nearby/claims/{id}/approve", "yes to a claim.", nil, Claim{}, []*refusal.Refusal{ErrClaimUnknown, ErrClaimDecided, ErrClaimed}, func(e *core.RequestEvent) error {
		return answer(e)(Approve(e.App, e.Auth, e.Request.PathValue("id"), clock.Now(e.App)))
	})
	handle(http.MethodPost, "/api/nearby/claims/{id}/refuse", "no to a claim, with a reason.", reasonBody{}, Claim{}, []*refusal.Refusal{ErrClaimUnknown, ErrClaimDecided, ErrReasonMissing}, func(e *core.RequestEvent) error {
		var body reasonBody
		if err := route.Decode(e, &body); err != nil {
			return err
		}
		return answer(e)(Refuse(e.App, e.Auth, e.Request.PathValue("id"), body.Reason, clock.Now(e.App)))
	})
	handle(http.MethodGet, "/api/nearby/doubles", "listings of the same name near one another (?within metres), and what was merged.", nil, Doubles{}, []*refusal.Refusal{ErrBadQuery}, func(e *core.RequestEvent) error {
		within := float64(DoubleWithin)
		if text := e.Request.URL.Query().Get("within"); text != "" {
			within = number(text)
		}
		return answer(e)(FindDoubles(e.App, within, page(e)))
	})
	handle(http.MethodPost, "/api/nearby/listings/{id}/merge", "put a listing away as a double of another.", mergeBody{}, Merge{}, []*refusal.Refusal{ErrListingUnknown, ErrBadMerge}, func(e *core.RequestEvent) error {
		var body mergeBody
		if err := route.Decode(e, &body); err != nil {
			return err
		}
		return answer(e)(MergeInto(e.App, e.Auth, e.Request.PathValue("id"), body.Into, clock.Now(e.App)))
	})
	handle(http.MethodPost, "/api/nearby/listings/{id}/unmerge", "bring a merged listing back.", nil, Merge{}, []*refusal.Refusal{ErrListingUnknown, ErrNotMerged}, func(e *core.RequestEvent) error {
		return answer(e)(Unmerge(e.App, e.Auth, e.Request.PathValue("id"), clock.Now(e.App)))
	})
	handle(http.MethodGet, "/api/nearby/settings", "the map and the centre of the town.", nil, Settings{}, nil, func(e *core.RequestEvent) error {
		return answer(e)(SettingsOf(e.App))
	})
	handle(http.MethodPatch, "/api/nearby/settings", "change the map or the centre.", SettingsEdit{}, Settings{}, []*refusal.Refusal{ErrBadSettings}, func(e *core.RequestEvent) error {
		var body SettingsEdit
		if err := route.Decode(e, &body); err != nil {
			return err
		}
		return answer(e)(ChangeSettings(e.App, body, e.Auth.Id, clock.Now(e.App)))
	})
	handle(http.MethodGet, "/api/nearby/imports", "long imports.", nil, Imports{}, nil, func(e *core.RequestEvent) error {
		return answer(e)(ListImports(e.App))
	})
	handle(http.MethodGet, "/api/nearby/imports/{id}", "how far a long import is.", nil, Report{}, []*refusal.Refusal{ErrImportUnknown}, func(e *core.RequestEvent) error {
		return answer(e)(ImportByID(e.App, e.Request.PathValue("id")))
	})
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/nearby/import", Tag: tag, Stream: true, Body: "application/octet-stream", Answer: Report{},
		Summary:  "The operator: import a file, which is the body or the part named file of a form; ?format, ?source, ?dry_run, ?datum, ?timezone, ?attribution.",
		Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrBadImport, route.ErrBodyTooLarge},
	}, handleImport)
}

func handleImport(e *core.RequestEvent) error {
	if !identity.IsOperator(e.Auth) {
		return ledger.ErrOperatorOnly
	}
	v := e.Request.URL.Query()
	asked := Asked{
		Format: v.Get("format"), Source: v.Get("source"), Datum: v.Get("datum"), Timezone: v.Get("timezone"), Attribution: v.Get("attribution"), Actor: e.Auth.Id,
	}
	asked.DryRun, _ = strconv.ParseBool(v.Get("dry_run"))
	file, err := importedFile(e)
	if err != nil {
		return err
	}
	return answer(e)(Import(e.App, asked, file, clock.Now(e.App)))
}

// importedFile is the body, or the part of a form.
func importedFile(e *core.RequestEvent) ([]byte, error) {
	e.Request.Body = io.NopCloser(route.Stream(e))
	if !strings.HasPrefix(e.Request.Header.Get("Content-Type"), "multipart/") {
		return whole(e.Request.Body, ImportBytes)
	}
	form, err := e.Request.MultipartReader()
	if err != nil {
		return nil, badFile("%v", err)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, badFile("the form has no file")
		}
		if err != nil {
			return nil, badFile("%v", err)
		}
		if part.FormName() == "file" {
			return whole(part, ImportBytes)
		}
		if _, err := io.Copy(io.Discard, io.LimitReader(part, 1<<16)); err != nil {
			return nil, badFile("%v", err)
		}
	}
}
