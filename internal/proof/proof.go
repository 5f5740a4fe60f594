// Package proof recomputes what must be true of money, points, stock, orders, bills, receipts and prizes, every night
// and when the operator asks, and names each row that is not as it follows from the others.
//
// It reads and stops nobody. A walk goes through one table in the order of its key, a chunk at a time. The snapshot
// rule: everything that is compared about a row is read by one SQL statement, and in WAL mode one statement sees one
// commit; since every verb writes all sides of what it does in one commit, a purchase during the proof is seen whole or
// not at all, and never as a finding. The two chains are append-only, so theirs may be read in parts.
//
// The invariant: where a run stands and what it found are committed together, so a run that dies goes on from its last
// chunk, finds nothing twice and leaves nothing out.
package proof

import (
	"errors"
	"net/http"
	"time"

	"plaza.internal/plaza/internal/refusal"
)

// Limits of a proof.
const (
	Chunk       = 2_000           // keys of one read
	FindingsCap = 200             // findings of one rule that a run keeps; it counts them all
	RunsKept    = 60              // finished runs that can be looked at
	ReasonLimit = 500             // characters of an acknowledgement
	StaleAfter  = time.Hour       // without progress for so long, a run has died with its job
	flushEvery  = 1 * time.Second // how often a run without findings writes down where it stands
)

// The states of a run.
const (
	Running = "running"
	Done    = "done"
	Failed  = "failed"
)

// The states of a finding.
const (
	Open         = "open"
	Acknowledged = "acknowledged"
)

var (
	// ErrUnknownFinding refuses a finding that is not there.
	ErrUnknownFinding = refusal.New(http.StatusNotFound, "finding_not_found", "There is no such finding.")
	// ErrUnknownRun refuses a run that is not there (any more).
	ErrUnknownRun = refusal.New(http.StatusNotFound, "proof_run_not_found", "There is no such run.")
	// ErrReason refuses to acknowledge a finding without a reason, or with one that is too long.
	ErrReason = refusal.New(http.StatusBadRequest, "reason_required", "Say why, in a few words.").With("max", ReasonLimit)
)

// errStopped ends the work of a run because the server ends; it goes on after the next start.
var errStopped = errors.New("the server is stopping; the proof goes on afterwards")

// Run is one pass over everything.
type Run struct {
	ID       string   `db:"id" json:"id"`
	State    string   `db:"state" json:"state"`
	Actor    string   `db:"actor" json:"actor"` // "" for the nightly one
	Started  string   `db:"started" json:"started"`
	Finished string   `db:"finished" json:"finished"`
	Step     int      `db:"step" json:"step"` // walks that are done
	Steps    int      `db:"steps" json:"steps"`
	Looked   int64    `db:"looked" json:"looked"` // rows read
	Wrong    int64    `db:"wrong" json:"wrong"`   // findings, also those past FindingsCap
	Open     int64    `db:"open" json:"open"`     // findings that nobody has acknowledged
	Error    string   `db:"error" json:"error"`
	Latest   bool     `db:"latest" json:"latest"` // the last one that came to its end
	Rules    []Tested `db:"-" json:"rules"`
}

// Tested is what a run says of one rule.
type Tested struct {
	Rule   string `json:"rule"`
	Looked int64  `json:"looked"`
	Wrong  int64  `json:"wrong"`
	Absent bool   `json:"absent,omitempty"` // its tables are not here
}

// Finding is one row that is not as it follows from the others.
type Finding struct {
	ID           string `db:"id" json:"id"`
	Run          string `db:"run" json:"run"`
	Rule         string `db:"rule" json:"rule"`
	Table        string `db:"of_table" json:"table"`
	Row          string `db:"of_row" json:"row"`
	Expected     string `db:"expected" json:"expected"`
	Actual       string `db:"actual" json:"actual"`
	State        string `db:"state" json:"state"`
	Reason       string `db:"reason" json:"reason"`
	Actor        string `db:"actor" json:"actor"`
	Acknowledged string `db:"acknowledged" json:"acknowledged"`
	Created      string `db:"created" json:"created"`
}
