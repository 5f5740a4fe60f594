// Package cloudfiles keeps the files of mini programs: cloud://APPID/path, with a person or nobody as its owner.
//
// The idea: bytes never change. An upload writes them under a name that nobody has used before, and a row of the
// house's database then says which path they are; replacing and removing change that row, and the bytes that no row
// names go afterwards. So what a row names is always there and whole, whenever the process dies, and a backup, which
// copies the rows first, holds every file that they name. The invariants: which program's files are meant the call
// decides and never the fileID; a program never has more than its quota, however many upload at once; and what is
// served can be looked at, but never runs.
package cloudfiles

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"plaza.internal/plaza/internal/clouddb/query"
	"plaza.internal/plaza/internal/refusal"
)

// Limits of the files of programs.
const (
	Quota           = 256 << 20     // bytes of all files of one program
	UnreviewedQuota = 32 << 20      // the same, before the operator has seen it
	FileBytes       = 20 << 20      // bytes of one file
	FunctionBytes   = 4 << 20       // bytes of one that a cloud function uploads or downloads itself
	FilesEach       = 20_000        // files of one program
	PathBytes       = 1024          // bytes of a path
	ListLimit       = 50            // files that one call names
	LinkTime        = 2 * time.Hour // how long an address of a file works, at most
	linkStep        = 15 * time.Minute
	uploadsAtOnce   = 16 // of all programs; the next ones wait for their turn
)

var (
	// ErrBadPath refuses a path that cannot be one; data.detail says why.
	ErrBadPath = refusal.New(http.StatusBadRequest, "cloud_file_bad_path", "This cannot be the path of a cloud file.")
	// ErrBadID refuses a fileID that is not one, or that is another program's.
	ErrBadID = refusal.New(http.StatusBadRequest, "cloud_file_bad_id", "This is not the id of a file of this mini program.")
	// ErrNoFile refuses a file that is not there, or that the caller may not see.
	ErrNoFile = refusal.New(http.StatusNotFound, "cloud_file_not_found", "There is no such file, or you may not see it.")
	// ErrDenied refuses a page's write that the rules of the program's files do not allow.
	ErrDenied = refusal.New(http.StatusForbidden, "cloud_file_permission_denied", "The rules of the mini program's files do not allow this.")
	// ErrTooLarge refuses a file over its limit.
	ErrTooLarge = refusal.New(http.StatusRequestEntityTooLarge, "cloud_file_too_large", "The file is too large.")
	// ErrQuota refuses an upload that would take the program over its quota.
	ErrQuota = refusal.New(http.StatusInsufficientStorage, "cloud_file_quota", "The mini program has no room for more files.")
	// ErrTooMany refuses a list of more than ListLimit files.
	ErrTooMany = refusal.New(http.StatusBadRequest, "cloud_file_too_many", "That are too many files at once.")
	// ErrLink refuses an address that was not made here, or that is another file's.
	ErrLink = refusal.New(http.StatusForbidden, "cloud_file_bad_link", "This address of a file is not valid.")
	// ErrLinkExpired refuses an address whose time is over.
	ErrLinkExpired = refusal.New(http.StatusForbidden, "cloud_file_link_expired", "This address of a file has expired.")
)

// Refusals are all that a call about files may answer.
func Refusals() []*refusal.Refusal {
	return []*refusal.Refusal{ErrBadPath, ErrBadID, ErrNoFile, ErrDenied, ErrTooLarge, ErrQuota, ErrTooMany}
}

// Caller is on whose behalf a program asks, and what its version says about who may do what.
type Caller struct {
	AppID    string
	OpenID   string
	Server   bool             // a cloud function, which rules do not bind
	Rules    query.Collection // of the version
	Reviewed bool
	Now      time.Time
}

func (c Caller) quota() int64 {
	if c.Reviewed {
		return Quota
	}
	return UnreviewedQuota
}

// File is what is known of one.
type File struct {
	AppID   string `db:"appid" json:"-"`
	Path    string `db:"path" json:"path"`
	Blob    string `db:"blob" json:"-"`
	OpenID  string `db:"openid" json:"-"`
	Size    int64  `db:"size" json:"size"`
	Type    string `db:"type" json:"type"`
	Created int64  `db:"created" json:"created"` // milliseconds since 1970
	Updated int64  `db:"updated" json:"updated"`
}

// ID is the fileID by which programs know the file.
func (f File) ID() string { return scheme + f.AppID + "/" + f.Path }

// facts are the file as rules see it.
func (f File) facts() query.Document {
	doc := query.Document{"path": f.Path, "size": float64(f.Size), "type": f.Type}
	if f.OpenID != "" {
		doc["_openid"] = f.OpenID
	}
	return doc
}

const scheme = "cloud://"

// pathOf is the path in a fileID of this program; a path alone is not one.
func (c Caller) pathOf(id string) (string, error) {
	rest, ok := strings.CutPrefix(id, scheme+c.AppID+"/")
	if !ok || checkPath(rest) != nil {
		return "", ErrBadID
	}
	return rest, nil
}

// checkPath refuses what could mean another file than it seems to: to a person, to a disk or to an archive.
func checkPath(path string) error {
	because := func(why string) error { return ErrBadPath.With("detail", why) }
	switch {
	case path == "" || len(path) > PathBytes:
		return because(fmt.Sprintf("it has 1 to %d bytes", PathBytes))
	case !utf8.ValidString(path):
		return because("it is not UTF-8")
	case strings.Contains(path, `\`):
		return because("its parts are divided by /")
	}
	for _, r := range path {
		if !unicode.IsPrint(r) { // control characters, marks of direction, invisible ones, and every space but the plain one
			return because("it has characters that cannot be seen")
		}
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || part != strings.TrimSpace(part) {
			return because("a part of it is empty, . or .., or begins or ends with a space")
		}
	}
	return nil
}
