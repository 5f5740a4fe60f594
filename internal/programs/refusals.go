package programs

import (
	"net/http"

	"plaza.internal/plaza/internal/refusal"
)

var (
	// ErrNotFound refuses an appid that names no program that this caller may open.
	ErrNotFound = refusal.New(http.StatusNotFound, "program_not_found", "There is no such mini program.")
	// ErrSuspended refuses to open a program that the operator has stopped.
	ErrSuspended = refusal.New(http.StatusForbidden, "program_suspended", "This mini program is suspended.")
	// ErrAltered refuses to open a program whose files are not the ones that were checked.
	ErrAltered = refusal.New(http.StatusServiceUnavailable, "package_altered", "This mini program's files have changed since they were checked.")
	// ErrInvalid refuses a package that did not pass the checks; data.findings says what and where.
	ErrInvalid = refusal.New(http.StatusUnprocessableEntity, "package_invalid", "The package did not pass the checks.")
	// ErrTooLarge refuses a package over a named limit.
	ErrTooLarge = refusal.New(http.StatusRequestEntityTooLarge, "package_too_large", "The package is too large.")
	// ErrBadAppID refuses an appid that cannot be an address.
	ErrBadAppID = refusal.New(http.StatusBadRequest, "bad_appid", "An appid has 2 to 63 small letters, digits, dots, dashes and underscores, and starts with a letter or digit.")
	// ErrAppIDTaken refuses an upload to a program that belongs to somebody else.
	ErrAppIDTaken = refusal.New(http.StatusConflict, "appid_taken", "This appid belongs to another organisation.")
	// ErrOrgRequired refuses a first upload that does not say which organisation the program belongs to.
	ErrOrgRequired = refusal.New(http.StatusBadRequest, "org_required", "Say which organisation the new program belongs to: ?org=ID.")
	// ErrVersionNotFound refuses a version number that the program does not have.
	ErrVersionNotFound = refusal.New(http.StatusNotFound, "version_not_found", "The mini program has no such version.")
	// ErrLaunchInvalid refuses a launch token that is missing, forged, another program's or another person's.
	ErrLaunchInvalid = refusal.New(http.StatusUnauthorized, "launch_invalid", "The launch token is not valid; open the mini program again.")
	// ErrLaunchExpired refuses a launch token past its end.
	ErrLaunchExpired = refusal.New(http.StatusUnauthorized, "launch_expired", "The launch has expired; open the mini program again.")
	// ErrLaunchStale refuses a launch of a version that is not the released one any more.
	ErrLaunchStale = refusal.New(http.StatusConflict, "launch_stale", "The mini program has a new version; open it again.")
	// ErrBadScope refuses a scope that the program's manifest does not declare.
	ErrBadScope = refusal.New(http.StatusBadRequest, "scope_undeclared", "The mini program does not declare this scope.")
	// ErrBadConsent refuses a consent state that is neither granted nor denied.
	ErrBadConsent = refusal.New(http.StatusBadRequest, "bad_consent", "A consent is granted or denied.")
)
