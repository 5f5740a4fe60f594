// Package check says whether a package may be a version of a mini program, and compiles it.
//
// The idea: what an author uploads is hostile until it was read, and reading it is the danger. So everything
// that looks into a package runs in a worker process, which is this same binary started again with nothing:
// no environment, bounded memory, bounded time, one file to read and one to write. `plaza mp check` on a
// laptop and the upload on the server run the same code with the same policy. The invariants: whatever a
// package holds, Package answers within its deadline with a report that names file, line and column, or with
// a named refusal, and every other call goes on; the same package under the same policy gives the same report
// and the same bundle, byte for byte; and there is no bundle when a finding is an error.
package check

import (
	"slices"

	"plaza.internal/plaza/internal/weapp"
)

// Kinds of programs.
const (
	KindApp  = "app"  // a WeChat project: app.json
	KindGame = "game" // a WeChat mini game: game.json
	KindWeb  = "web"  // plain HTML over the same bridge: index.html
)

// Levels of support of a component or an API.
const (
	Supported = "supported"
	Partial   = "partial"
	Missing   = "missing"
)

// Report is what one check found. It is what a version keeps.
type Report struct {
	Kind       string          `json:"kind"`
	Manifest   Manifest        `json:"manifest"`
	Findings   []weapp.Finding `json:"findings"`
	Uses       []Use           `json:"uses"` // compatibility, what is missing first
	Sizes      Sizes           `json:"sizes"`
	Policy     int             `json:"policy"`  // the number of the policy that was applied
	Domains    []string        `json:"domains"` // declared hosts, each once, sorted
	Hosts      []string        `json:"hosts"`   // hosts that the code names, declared or not
	Scopes     []string        `json:"scopes"`  // declared scopes
	Triggers   []Trigger       `json:"triggers,omitempty"`
	BundleHash string          `json:"bundle_hash"` // sha256 of the bundle file, "" when none was written
	BundleSize int64           `json:"bundle_size"` // its bytes
}

// Use is one component or API that the program uses, and how far it is there.
type Use struct {
	Kind    string `json:"kind"` // "component" or "api"
	Name    string `json:"name"` // "scroll-view", "wx.request"
	Support string `json:"support"`
	File    string `json:"file"` // the first use
	Line    int    `json:"line"`
	Count   int    `json:"count"`
	Note    string `json:"note,omitempty"` // what is missing of a partial one
}

// Sizes are bytes as they unpack, but for Package, the zip itself.
type Sizes struct {
	Package     int64            `json:"package"`
	Main        int64            `json:"main"`
	Total       int64            `json:"total"`
	Files       int              `json:"files"`
	Largest     []FileSize       `json:"largest"`
	Subpackages []SubpackageSize `json:"subpackages"`
}

// FileSize is a file and its bytes.
type FileSize struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

// SubpackageSize is a subpackage and the bytes of its files.
type SubpackageSize struct {
	Root  string `json:"root"`
	Bytes int64  `json:"bytes"`
	Files int    `json:"files"`
}

// Failed says whether a finding is an error, that is, whether the package is refused.
func (r Report) Failed() bool {
	return slices.ContainsFunc(r.Findings, func(f weapp.Finding) bool { return f.Severity == weapp.SeverityError })
}
