package weapp

import (
	"bytes"
	"encoding/json"
	"errors"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// project is a project as it was read: paths are relative to the folder of app.json or game.json.
type project struct {
	files     map[string]string // what is no source has its name here, and its content in raw
	raw       map[string][]byte // the upload
	functions map[string]string // the files of the cloud functions, by path below their folder
	funcRoot  string            // that folder, as findings name it, with a slash at the end
	report    *report
	kind      string          // what the caller wants it to be, or ""
	used      map[string]bool // templates and sheets that went into the bundle
	weui      bool            // the components of WeUI were put beside the project
}

const (
	defaultFunctionRoot = "cloudfunctions/"
	projectFile         = "project.config.json"
)

// read checks the caps, takes byte order marks off and finds the project's folders.
func read(files map[string][]byte) (*project, error) {
	if len(files) > MaxFiles {
		return nil, ErrTooManyFiles.With("limit", MaxFiles)
	}
	total := 0
	for name, content := range files {
		if !safePath(name) {
			return nil, ErrBadPath.With("file", name)
		}
		limit := limitOf(name)
		if len(content) > limit {
			return nil, ErrFileTooLarge.With("file", name).With("limit", limit)
		}
		if total += len(content); total > MaxTotalBytes {
			return nil, ErrProjectTooLarge.With("limit", MaxTotalBytes)
		}
	}
	p := &project{raw: files, files: map[string]string{}, functions: map[string]string{}, report: &report{}, used: map[string]bool{}}
	root, funcRoot := p.roots(files)
	for name, content := range files {
		switch {
		case funcRoot != "" && strings.HasPrefix(name, funcRoot):
			p.functions[strings.TrimPrefix(name, funcRoot)] = p.text(name, content)
		case strings.HasPrefix(name, root):
			p.files[strings.TrimPrefix(name, root)] = p.text(name, content)
		}
	}
	p.funcRoot, p.report.prefix = funcRoot, root
	return p, nil
}

// text is a source without byte order mark; one that is not UTF-8 becomes a finding and empty.
func (p *project) text(name string, content []byte) string {
	if !isSource(name) {
		return ""
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) {
		bad := 0
		for bad < len(content) {
			r, size := utf8.DecodeRune(content[bad:])
			if r == utf8.RuneError && size <= 1 {
				break
			}
			bad += size
		}
		p.report.fail("not_utf8", position(name, string(content), bad), "The file is not UTF-8 text.")
		return ""
	}
	return string(content)
}

// roots finds the folder of the pages and that of the cloud functions. project.config.json may name both;
// without it the pages are where app.json is.
func (p *project) roots(files map[string][]byte) (root, funcRoot string) {
	var config struct {
		MiniprogramRoot   string `json:"miniprogramRoot"`
		CloudfunctionRoot string `json:"cloudfunctionRoot"`
	}
	if source, ok := files[projectFile]; ok {
		source = bytes.TrimPrefix(source, []byte("\ufeff"))
		if err := json.Unmarshal(source, &config); err != nil {
			p.report.fail("bad_json", jsonPlace(projectFile, string(source), err), "%s", jsonMessage(string(source), err))
		}
	}
	root = folder(config.MiniprogramRoot)
	has := func(folder string) bool {
		_, app := files[folder+"app.json"]
		_, game := files[folder+"game.json"]
		return app || game
	}
	if !has(root) && root == "" && has("miniprogram/") {
		root = "miniprogram/"
	}
	funcRoot = folder(config.CloudfunctionRoot)
	for _, candidate := range []string{funcRoot, defaultFunctionRoot, root + defaultFunctionRoot} {
		for name := range files {
			if candidate != "" && strings.HasPrefix(name, candidate) {
				return root, candidate
			}
		}
	}
	return root, ""
}

// folder is a folder's name as configurations write it, in the form "" or "a/b/".
func folder(name string) string {
	name = strings.Trim(path.Clean("/"+name), "/")
	if name == "" {
		return ""
	}
	return name + "/"
}

// safePath says whether a path stays inside the project and means one file on every system.
func safePath(name string) bool {
	return name != "" && len(name) <= MaxPathBytes && utf8.ValidString(name) &&
		!strings.ContainsAny(name, "\\\x00") && !strings.HasPrefix(name, "/") && path.Clean(name) == name &&
		name != "." && name != ".." && !strings.HasPrefix(name, "../") && (len(name) < 2 || name[1] != ':') &&
		strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

// isSource says whether the file is text that this package compiles or reads.
func isSource(name string) bool {
	return slices.Contains([]string{".json", ".wxml", ".wxss", ".wxs", ".js", ".ts", ".mjs", ".cjs"}, path.Ext(name))
}

// limitOf is how large the file may be.
func limitOf(name string) int {
	switch {
	case slices.Contains([]string{".js", ".ts", ".mjs", ".cjs"}, path.Ext(name)):
		return MaxScriptBytes
	case isSource(name):
		return MaxSourceBytes
	}
	return MaxFileBytes
}

// unmarshal reads a JSON file of the project into v. A problem becomes a finding.
func (p *project) unmarshal(name string, v any) bool {
	source := p.files[name]
	if err := json.Unmarshal([]byte(source), v); err != nil {
		p.report.fail("bad_json", jsonPlace(name, source, err), "%s", jsonMessage(source, err))
		return false
	}
	return true
}

// jsonOffset is where an error of encoding/json stands.
func jsonOffset(source string, err error) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		// Offset counts the bytes read, the wrong one included; the end of the file has no wrong one.
		return min(max(int(syntax.Offset)-1, 0), len(source))
	case errors.As(err, &kind):
		return int(kind.Offset)
	}
	return 0
}

func jsonPlace(name, source string, err error) place {
	return position(name, source, jsonOffset(source, err))
}

func jsonMessage(source string, err error) string {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return "The member " + kind.Field + " cannot be a " + kind.Value + "."
	}
	if rest := source[jsonOffset(source, err):]; strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/*") {
		return "JSON has no comments: take this one out."
	}
	return "This is not JSON: " + err.Error() + "."
}
