package programs

import (
	"net/http"

	"plaza.internal/plaza/internal/refusal"
)

var (
	// ErrNotFound refuses an appid that names no program that this caller may open.
	ErrNotFound = refusal.New(http.StatusNotFound, "program_not_found", "There is no such mini program.")
	// ErrTakenDown refuses a program or a version that the operator has stopped; data has rule, reason, notice.
	ErrTakenDown = refusal.New(http.StatusForbidden, "program_taken_down", "This mini program was taken down.")
	// ErrDeleted refuses a program that its makers have ended. Its appid is never free again.
	ErrDeleted = refusal.New(http.StatusGone, "program_deleted", "This mini program was ended by its makers.")
	// ErrAltered refuses to open a program whose files are not the ones that were checked.
	ErrAltered = refusal.New(http.StatusServiceUnavailable, "package_altered", "This mini program's files have changed since they were checked.")
	// ErrInvalid refuses a package that did not pass the checks; data.findings says what and where.
	ErrInvalid = refusal.New(http.StatusUnprocessableEntity, "package_invalid", "The package did not pass the checks.")
	// ErrTooLarge refuses a package over a named limit.
	ErrTooLarge = refusal.New(http.StatusRequestEntityTooLarge, "package_too_large", "The package is too large.")
	// ErrBadAppID refuses an appid that cannot be an address.
	ErrBadAppID = refusal.New(http.StatusBadRequest, "bad_appid", "An appid has 2 to 63 small letters, digits, dots, dashes and underscores, and starts with a letter or digit.")
	// ErrAppIDTaken refuses an upload to a program that belongs to somebody else.
	ErrAppIDTaken = refusal.New(http.StatusConflict, "appid_taken", "This appid belongs to somebody else.")
	// ErrReserved refuses an appid that is a word of Plaza's own addresses.
	ErrReserved = refusal.New(http.StatusConflict, "appid_reserved", "This appid is reserved.")
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
	ErrBadConsent = refusal.New(http.StatusBadRequest, "bad_consent", "A consent is granted once, while the program is open or always, or it is denied.")
	// ErrNoLaunch refuses a consent for once, or while the program is open, that names no launch.
	ErrNoLaunch = refusal.New(http.StatusBadRequest, "launch_required", "A consent for once, or while it is open, is of one launch.")
	// ErrNotMaker refuses somebody who does not make the program.
	ErrNotMaker = refusal.New(http.StatusForbidden, "not_maker", "Only the makers of this mini program may do that.")
	// ErrKeyInvalid refuses an upload key that is unknown, revoked or another program's.
	ErrKeyInvalid = refusal.New(http.StatusUnauthorized, "key_invalid", "This upload key is not valid for this mini program.")
	// ErrServerKey refuses a server key or an access token that is unknown, revoked, expired or another program's.
	ErrServerKey = refusal.New(http.StatusUnauthorized, "bad_server_key", "This server key or access token is not valid for this mini program.")
	// ErrGuesses refuses whoever has sent wrong server keys too often; data.retry_after says for how many seconds.
	ErrGuesses = refusal.New(http.StatusTooManyRequests, "too_many_guesses", "Too many wrong keys came from this address; wait a moment.")
	// ErrBadKeyKind refuses a key that is neither for uploading nor a server's.
	ErrBadKeyKind = refusal.New(http.StatusBadRequest, "bad_key_kind", "A key is for uploading or for a server.")
	// ErrNotTester refuses a trial version to somebody who is neither a tester nor a maker, nor its reviewer.
	ErrNotTester = refusal.New(http.StatusForbidden, "not_tester", "This trial version is for the testers of the mini program.")
	// ErrNotYours refuses a first release that is being rolled out to others first.
	ErrNotYours = refusal.New(http.StatusForbidden, "not_in_rollout", "This mini program is being released step by step; it has not reached you yet.")
	// ErrFull refuses a newcomer to an unverified program that has all the people it may have.
	ErrFull = refusal.New(http.StatusForbidden, "people_cap", "This mini program has not been reviewed yet and may have no more people.")
	// ErrNotApproved refuses to release a version that the operator has not approved.
	ErrNotApproved = refusal.New(http.StatusConflict, "not_approved", "Only an approved version can be released.")
	// ErrNeverReleased refuses to roll back to a version that people never had.
	ErrNeverReleased = refusal.New(http.StatusConflict, "never_released", "Only a version that was released before can be rolled back to.")
	// ErrBadPercent refuses a share of people that is not between 0 and 100.
	ErrBadPercent = refusal.New(http.StatusBadRequest, "bad_percent", "The percentage must be a whole number from 0 to 100.")
	// ErrBadTime refuses a schedule that is not in the coming year.
	ErrBadTime = refusal.New(http.StatusBadRequest, "bad_time", "The time must be in the coming 365 days.")
	// ErrTooManyDrafts refuses a new program to an owner who has MaxDrafts that were never released.
	ErrTooManyDrafts = refusal.New(http.StatusConflict, "too_many_drafts", "You have too many programs that were never released: release or delete some first.")
	// ErrBadProgram refuses a draft whose name, category or kind cannot be; data.field says which.
	ErrBadProgram = refusal.New(http.StatusBadRequest, "bad_program", "The program's name, category, description or kind is not allowed.")
	// ErrBadTakedown refuses a takedown without a reason or of an unknown scope.
	ErrBadTakedown = refusal.New(http.StatusBadRequest, "bad_takedown", "A takedown needs a scope (version, program, org), what it is of, and a reason.")
	// ErrTakedownNotFound refuses a takedown that does not exist, or whose program is not this caller's.
	ErrTakedownNotFound = refusal.New(http.StatusNotFound, "takedown_not_found", "There is no such takedown.")
	// ErrTakedownClosed refuses to appeal or answer a takedown that was decided otherwise before.
	ErrTakedownClosed = refusal.New(http.StatusConflict, "takedown_closed", "This takedown has been decided already.")
	// ErrNoSuchPerson refuses a tester whose address nobody has.
	ErrNoSuchPerson = refusal.New(http.StatusNotFound, "person_not_found", "Nobody here has this address.")
	// ErrNoSuchAgency refuses an agency that the operator has not certified as one.
	ErrNoSuchAgency = refusal.New(http.StatusConflict, "agency_not_certified", "This organisation is not a certified agency.")
	// ErrTooMany refuses one tester, key or favourite too many; data.limit says how many there may be.
	ErrTooMany = refusal.New(http.StatusConflict, "too_many", "There are as many of these as there may be.")
	// ErrBadText refuses a text that is missing or too long; data.limit says how long it may be.
	ErrBadText = refusal.New(http.StatusBadRequest, "bad_text", "The text is missing or too long.")
	// ErrBadDomain refuses a host that is not written like one; data.host is what was sent.
	ErrBadDomain = refusal.New(http.StatusBadRequest, "bad_domain", "Write a host like api.example.com, without https:// and without a path.")
	// ErrTooManyDomains refuses a host over the policy's limit; data.limit says how many a program may reach.
	ErrTooManyDomains = refusal.New(http.StatusConflict, "too_many_domains", "A mini program may name no more hosts.")
	// ErrNotCertified refuses to release into a category that is for certified organisations.
	ErrNotCertified = refusal.New(http.StatusConflict, "category_certified", "This category is for certified organisations.")
	// ErrOwnsPrograms refuses to delete an organisation that programs belong to.
	ErrOwnsPrograms = refusal.New(http.StatusConflict, "owns_programs", "Programs belong to this organisation.")
)
