package programs

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clouddb/query"
)

// A version's folder, pb_data/programs/<package>/, holds the uploaded zip and what was compiled from it. Both
// are single files, so that one hash vouches for everything in them.
const (
	packageFile = "package.zip"
	bundleFile  = "bundle.zip"

	scriptName    = "app.js"
	configName    = "config.json"
	functionsName = "functions.json"
	resourcePath  = "res/"

	unfinished = ".new-*" // a version's folder before it has its name
)

// scriptLabel gives the script its name in the stacks of errors: the frame runs it as text.
const scriptLabel = "\n//# sourceURL=" + scriptName

// Bundle is a compiled version in memory, every byte of it verified.
type Bundle struct {
	Config    json.RawMessage
	Script    File
	Resources map[string]File // by the path below res/
	Functions map[string]map[string]string
	Database  query.Schema // what the version declares of its cloud database
	size      int64
}

// File is something a frame loads.
type File struct {
	Bytes []byte
	Gzip  []byte // nil when compression does not pay
	Type  string
}

// gzipFrom is the size from which a text file is kept compressed too.
const gzipFrom = 1 << 10

// store gives an upload's folder its name, durably: it appears whole or not at all. The caller has the turn of
// this hash and has made sure that no version names it yet, so a folder that is there already was left by an
// upload that did not finish, and nothing runs from it.
func store(root string, arrived parcel) error {
	if err := errors.Join(syncFile(arrived.bundle()), syncFile(arrived.folder)); err != nil {
		return err
	}
	folder := filepath.Join(root, arrived.hash)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.Rename(arrived.folder, folder); err != nil {
		return err
	}
	return syncFile(root)
}

// sweep removes what uploads of a process that was killed have left: folders without their name, and packages
// that no version names. Only the process that has the data folder to itself may do so, and before it takes uploads.
func sweep(app core.App, root string) error {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var packages []string
	if err := app.DB().NewQuery("SELECT package FROM programs_versions").Column(&packages); err != nil {
		return fmt.Errorf("packages of versions: %w", err)
	}
	named := make(map[string]bool, len(packages))
	for _, pkg := range packages {
		named[pkg] = true
	}
	for _, entry := range entries {
		name := entry.Name()
		unnamed, _ := filepath.Match(unfinished, name) // the pattern is ours and well formed
		if unnamed || packageName.MatchString(name) && !named[name] {
			err = errors.Join(err, os.RemoveAll(filepath.Join(root, name)))
		}
	}
	return err
}

// packageName is the hash that a version's folder is called by; whatever else lies beside them is not ours.
var packageName = regexp.MustCompile("^[0-9a-f]{64}$")

func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// open reads a version's bundle and compares it with the hash that the database holds. Anything else than
// exactly those bytes is ErrAltered.
func open(root, pkg, hash string) (*Bundle, error) {
	compiled, err := os.ReadFile(filepath.Join(root, pkg, bundleFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAltered.With("package", pkg)
	}
	if err != nil {
		return nil, fmt.Errorf("open package %s: %w", pkg, err)
	}
	if digest(compiled) != hash {
		return nil, ErrAltered.With("package", pkg)
	}
	bundle, err := unpack(compiled)
	if err != nil {
		return nil, fmt.Errorf("unpack bundle of %s: %w", pkg, err)
	}
	return bundle, nil
}

func unpack(compiled []byte) (*Bundle, error) {
	archive, err := zip.NewReader(bytes.NewReader(compiled), int64(len(compiled)))
	if err != nil {
		return nil, err
	}
	bundle := &Bundle{Resources: map[string]File{}}
	for _, entry := range archive.File {
		content, err := readEntry(entry)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name, err)
		}
		bundle.size += int64(len(content))
		switch entry.Name {
		case scriptName:
			bundle.Script = newFile(scriptName, slices.Concat(content, []byte(scriptLabel)))
		case configName:
			bundle.Config = content
		case functionsName:
			if err := json.Unmarshal(content, &bundle.Functions); err != nil {
				return nil, err
			}
		case query.SchemaFile:
			if bundle.Database, err = query.ParseSchema(content); err != nil {
				return nil, err
			}
		default:
			name := strings.TrimPrefix(entry.Name, resourcePath)
			if contentType(name) == scriptType {
				content = confined(content)
			}
			bundle.Resources[name] = newFile(name, content)
		}
	}
	if bundle.Script.Bytes == nil || bundle.Config == nil {
		return nil, errors.New("the bundle has no script or no config")
	}
	return bundle, nil
}

func readEntry(entry *zip.File) ([]byte, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	return content, errors.Join(err, r.Close())
}

func newFile(name string, content []byte) File {
	file := File{Bytes: content, Type: contentType(name)}
	if len(content) >= gzipFrom && (strings.HasPrefix(file.Type, "text/") || strings.Contains(file.Type, "svg") || strings.Contains(file.Type, "json")) {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, err := w.Write(content)
		if errors.Join(err, w.Close()) == nil && out.Len() < len(content) {
			file.Gzip = out.Bytes()
		}
	}
	return file
}

// prologue is what of a script stands before its first statement, and "use strict", which must be the first.
// A line ends where JavaScript says so, or a comment could hide a statement.
var prologue = regexp.MustCompile(`^\x{FEFF}?(?:\s|//[^\n\r\x{2028}\x{2029}]*[\n\r\x{2028}\x{2029}]|/\*(?s:.*?)\*/|(?:"use strict"|'use strict')(?:\s*;|[ \t]*\r?\n))*`)

// guardian ends a script in a realm that the runtime has not sealed: no policy keeps a document from opening an
// empty frame, whose realm is a fresh one, and the package's scripts are the only ones that could run there.
const guardian = `if(self.RTCPeerConnection)throw Error("a program's scripts run in its own document only");`

// confined is a web program's script behind the guardian, on the same line so that lines keep their numbers.
func confined(script []byte) []byte {
	at := len(prologue.Find(script))
	return slices.Concat(script[:at], []byte(guardian), script[at:])
}

const scriptType = "text/javascript; charset=utf-8"

// contentType is by our own list first, so that it does not depend on the machine's. What a document could be
// is never sent as one: the sandbox of the frame does not cover a resource opened by itself.
func contentType(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".js", ".mjs":
		return scriptType
	case ".css":
		return "text/css; charset=utf-8"
	case ".json":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".png", ".gif", ".webp", ".avif", ".bmp":
		return "image/" + ext[1:]
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".woff", ".woff2", ".ttf", ".otf":
		return "font/" + ext[1:]
	case ".mp3":
		return "audio/mpeg"
	case ".wav", ".ogg", ".aac":
		return "audio/" + ext[1:]
	case ".mp4", ".webm":
		return "video/" + ext[1:]
	case ".txt", ".csv", ".md":
		return "text/plain; charset=utf-8"
	default:
		if kind := mime.TypeByExtension(ext); strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/") {
			return kind
		}
		return "application/octet-stream"
	}
}
