// Package nearby is the places of the town: where they are, what they are, when they are open, what is on there now.
//
// A listing is a place as people see it. It comes from an import or from a merchant; an organisation may claim it, and
// may tie it to one of its own places, so that the campaigns of that place show. The invariants: the order of a search
// is exact (distance by the sphere, then id) and pages neither repeat nor miss a listing that does not move; a state is
// never guessed, so hours that cannot be read are unknown and not closed; what a merchant has claimed no import changes;
// of two listings that were merged the one that went can come back.
package nearby

import (
	"net/http"

	"plaza.internal/plaza/internal/refusal"
)

const (
	// RadiusDefault is how far a search looks when nobody says, in metres.
	RadiusDefault = 2_000
	// RadiusLimit is how far a search may look, in metres.
	RadiusLimit = 50_000
	// PageDefault is how many listings a page has when nobody says.
	PageDefault = 20
	// PlaceLimit is how many bytes a search may say of the place around which it looks.
	PlaceLimit = 200

	categoryLimit = 100 // bytes of a category that is asked for
	cursorLimit   = 500 // bytes of a cursor
	// PageLimit is the most that a page may have.
	PageLimit = 50
	// PhotosLimit is how many photos a listing may have.
	PhotosLimit = 9
	// PhotoBytes is how large a photo may be when it comes.
	PhotoBytes = 10 << 20
	// ListingsOfOrg is how many listings an organisation may have before it must ask the operator to add more.
	ListingsOfOrg = 300
	// ExceptionsLimit is how many days of a listing may have hours of their own.
	ExceptionsLimit = 120
	// ImportBytes is how large a file of an import may be.
	ImportBytes = 64 << 20
)

var (
	// ErrBadRadius refuses a radius that is no distance, or over the limit; data.min and data.max are the bounds.
	ErrBadRadius = refusal.New(http.StatusBadRequest, "bad_radius", "The radius is from 1 to 50,000 metres.").With("min", 1).With("max", RadiusLimit)
	// ErrBadPosition refuses a latitude or longitude that is not on the earth.
	ErrBadPosition = refusal.New(http.StatusBadRequest, "bad_position", "A latitude is from -90 to 90, a longitude from -180 to 180.")
	// ErrBadQuery refuses another argument of a search; data.field names it.
	ErrBadQuery = refusal.New(http.StatusBadRequest, "bad_query", "This search cannot be read.")
	// ErrCategoryUnknown refuses a category that there is not.
	ErrCategoryUnknown = refusal.New(http.StatusNotFound, "category_unknown", "There is no such category.")
	// ErrPlaceUnknown refuses a search around an address or place that nobody knows.
	ErrPlaceUnknown = refusal.New(http.StatusNotFound, "place_unknown", "No address or place of that name is known here.")
	// ErrNoCenter refuses a search that says no place, in a town that has none set.
	ErrNoCenter = refusal.New(http.StatusBadRequest, "no_center", "Say where: lat and lon, or place.")
	// ErrListingUnknown refuses a listing that there is not, or that is hidden.
	ErrListingUnknown = refusal.New(http.StatusNotFound, "listing_unknown", "There is no such listing.")
	// ErrBadListing refuses a listing whose data cannot be; data.field names what.
	ErrBadListing = refusal.New(http.StatusBadRequest, "bad_listing", "This listing is not valid.")
	// ErrBadHours refuses opening hours that cannot be read; data.field names which, data.detail what is wrong.
	ErrBadHours = refusal.New(http.StatusBadRequest, "bad_hours", "These opening hours cannot be read.")
	// ErrTooManyListings refuses a listing over the limit of an organisation.
	ErrTooManyListings = refusal.New(http.StatusConflict, "too_many_listings", "An organisation adds at most 300 listings by itself. Ask the operator.").With("limit", ListingsOfOrg)
	// ErrClaimed refuses to claim what another organisation has claimed.
	ErrClaimed = refusal.New(http.StatusConflict, "already_claimed", "Another organisation has claimed this listing.")
	// ErrClaimOpen refuses a second claim by the same organisation.
	ErrClaimOpen = refusal.New(http.StatusConflict, "claim_open", "Your organisation has already asked for this listing.")
	// ErrClaimUnknown refuses a claim that there is not.
	ErrClaimUnknown = refusal.New(http.StatusNotFound, "claim_unknown", "There is no such claim.")
	// ErrClaimDecided refuses to decide a claim again.
	ErrClaimDecided = refusal.New(http.StatusConflict, "claim_decided", "This claim has been decided already.")
	// ErrReasonMissing refuses a refusal without a reason.
	ErrReasonMissing = refusal.New(http.StatusBadRequest, "reason_missing", "Say why.")
	// ErrBadMerge refuses to merge listings that cannot be one: the same, one that is merged already, or two that
	// different organisations have claimed.
	ErrBadMerge = refusal.New(http.StatusConflict, "bad_merge", "These two listings cannot be merged.")
	// ErrNotMerged refuses to undo a merging that is not.
	ErrNotMerged = refusal.New(http.StatusConflict, "not_merged", "This listing is not merged into another.")
	// ErrTooManyPhotos refuses a photo over the limit.
	ErrTooManyPhotos = refusal.New(http.StatusConflict, "too_many_photos", "A listing has at most nine photos.").With("limit", PhotosLimit)
	// ErrBadPhoto refuses what is no picture, or too large a one.
	ErrBadPhoto = refusal.New(http.StatusBadRequest, "bad_photo", "This is no picture that can be shown: JPEG, PNG or GIF, up to 40 megapixels.")
	// ErrPhotoUnknown refuses a photo that there is not.
	ErrPhotoUnknown = refusal.New(http.StatusNotFound, "photo_unknown", "There is no such photo.")
	// ErrBadImport refuses a file that cannot be read as its format.
	ErrBadImport = refusal.New(http.StatusBadRequest, "bad_import", "This file cannot be read.")
	// ErrImportUnknown refuses an import that there is not.
	ErrImportUnknown = refusal.New(http.StatusNotFound, "import_unknown", "There is no such import.")
	// ErrBadSettings refuses settings that cannot be; data.field names what.
	ErrBadSettings = refusal.New(http.StatusBadRequest, "bad_settings", "These settings are not valid.")
	// ErrNoTile refuses a tile that the map does not have.
	ErrNoTile = refusal.New(http.StatusNotFound, "no_tile", "There is no such tile.")
)
