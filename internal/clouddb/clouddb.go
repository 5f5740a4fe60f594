// Package clouddb is the cloud database of mini programs: one SQLite file for each program, documents in it.
//
// The idea: a program's data is its own file, so nothing that it asks can reach another's, and its size has a hard
// bound that the file itself keeps. Cloud functions have all of it; pages have what the collection's rules say, judged
// document by document. The invariant: the file is chosen by who calls and never by what is asked; a write is whole or
// did not happen, also when its worker is killed in the middle of a transaction.
package clouddb

import (
	"net/http"
	"time"

	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/refusal"
)

// Limits of the cloud database.
const (
	FileLimit      = 64 << 20        // bytes of one program's file
	DocumentLimit  = 256 << 10       // bytes of a document as it is kept
	AnswerLimit    = 768 << 10       // bytes of what one query gives back
	PageLimit      = 100             // documents of a query of a page; what it gets without saying
	FunctionLimit  = 1_000           // documents of a query of a function; 100 without saying
	WriteLimit     = 1_000           // documents that one update or removal may change
	ScanLimit      = 200_000         // documents that one query may look at
	AggregateLimit = 20_000          // documents that go into a pipeline
	AggregateBytes = 16 << 20        // and their bytes
	QueryTime      = 3 * time.Second // of one query or write
	IndexTime      = time.Minute     // of making the indexes of a new version
	WatchLimit     = 200             // documents that one watch follows
	WatchTime      = 25 * time.Second
	WatchersEach   = 10    // of one person in one program
	WatchersAll    = 1_000 // of one program
	IndexEntries   = 1_000 // values of one document in one index
	RuleDocuments  = 500   // other documents that the rules of one call look at
	filesOpen      = 64    // files that stay open when nobody uses them
	readers        = 2     // connections that read one file at once
	longScan       = 2_000 // documents from which on a query shares the cores that long ones have
	watchPause     = 50 * time.Millisecond
	answersKeptFor = 10 * time.Minute
	defaultDocs    = 100
	maxIDBytes     = 256
)

var (
	// ErrNoCollection refuses a collection that is neither declared nor made.
	ErrNoCollection = refusal.New(http.StatusNotFound, "cloud_no_such_collection", "The cloud database has no such collection.")
	// ErrNoDocument refuses a document that is not there, or that the caller may not see.
	ErrNoDocument = refusal.New(http.StatusNotFound, "cloud_no_such_document", "There is no such document, or you may not see it.")
	// ErrDocumentExists refuses a second document of an id.
	ErrDocumentExists = refusal.New(http.StatusConflict, "cloud_document_exists", "There is a document with that id already.")
	// ErrNotUnique refuses a document whose values another one has, where a unique index lets only one have them.
	ErrNotUnique = refusal.New(http.StatusConflict, "cloud_not_unique", "Another document has these values, and only one may.")
	// ErrDenied refuses a page's write that the collection's rules do not allow.
	ErrDenied = refusal.New(http.StatusForbidden, "cloud_permission_denied", "The collection's rules do not allow this.")
	// ErrQuota refuses a write that would make the program's file larger than FileLimit.
	ErrQuota = refusal.New(http.StatusInsufficientStorage, "cloud_quota_exceeded", "The program's cloud database is full.")
	// ErrTooLarge refuses a document or an answer over its limit.
	ErrTooLarge = refusal.New(http.StatusRequestEntityTooLarge, "cloud_too_large", "A document or an answer is too large.")
	// ErrTooMany refuses what concerns too many documents, collections or watchers at once.
	ErrTooMany = refusal.New(http.StatusTooManyRequests, "cloud_too_many", "That is too many at once.")
	// ErrTooSlow ends a query or a write after QueryTime.
	ErrTooSlow = refusal.New(http.StatusServiceUnavailable, "cloud_too_slow", "The cloud database took too long. An index may help.")
	// ErrServerOnly refuses to a page what only functions may do.
	ErrServerOnly = refusal.New(http.StatusForbidden, "cloud_server_only", "Only cloud functions may do this.")
	// ErrTransaction refuses what does not fit the state of the transaction: there is none, or one already.
	ErrTransaction = refusal.New(http.StatusConflict, "cloud_transaction", "There is no such transaction, or one is open already.")
)

// Refusals are all that a call of the database may answer.
func Refusals() []*refusal.Refusal {
	return []*refusal.Refusal{
		ErrNoCollection, ErrNoDocument, ErrDocumentExists, ErrNotUnique, ErrDenied, ErrQuota, ErrTooLarge, ErrTooMany, ErrTooSlow, ErrServerOnly, ErrTransaction,
		query.ErrBadQuery, query.ErrBadData, query.ErrBadUpdate,
	}
}

// Caller is on whose behalf, and by which version of the program, the database is asked.
type Caller struct {
	OpenID  string
	Server  bool // a cloud function, which rules do not bind
	Schema  query.Schema
	Version int    // of the program; the highest one that came decides which indexes there are
	Key     string // of the request: a page's write with the same key happens once
	Now     time.Time
}

// Query is what to look for.
type Query struct {
	Collection string `json:"collection"`
	ID         any    `json:"id"` // one document; then only Field counts
	Where      any    `json:"where"`
	Order      any    `json:"order"`
	Field      any    `json:"field"`
	Skip       int    `json:"skip"`
	Limit      *int   `json:"limit"`
}

// Write is what to change: the document ID, or those Where matches.
type Write struct {
	Collection string `json:"collection"`
	ID         any    `json:"id"`
	Where      any    `json:"where"`
	Data       any    `json:"data"` // of Add and Set a document, of Update operators
}
