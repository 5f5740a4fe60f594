package check

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/weapp"
)

// Folder zips a project folder for upload. The same files give the same bytes, whatever the machine and the
// day. Dot files, tests, installed development packages and what packOptions.ignore of project.config.json
// names stay at home; of the packages in the node_modules of cloud functions comes what the functions reach.
func Folder(dir string, w io.Writer) error {
	info, err := os.Stat(dir)
	if err != nil {
		return ErrFolder.Saying("There is no folder %s.", dir)
	}
	if !info.IsDir() {
		return ErrFolder.Saying("%s is no folder.", dir)
	}
	return Pack(os.DirFS(dir), w)
}

// Pack zips a project from any file system; see Folder.
func Pack(project fs.FS, w io.Writer) error {
	contents, err := Files(project)
	if err != nil {
		return err
	}
	return writeArchive(w, contents)
}

// Files reads what Folder packs.
func Files(project fs.FS) (map[string][]byte, error) {
	rules, err := ignored(project)
	if err != nil {
		return nil, err
	}
	contents, total := map[string][]byte{}, 0
	err = fs.WalkDir(project, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case stays(name, entry) || rules.match(name, entry.IsDir()):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case !entry.Type().IsRegular():
			return ErrFolder.Saying("%s is a link or a device; only plain files can be uploaded.", name)
		case len(contents) >= weapp.MaxFiles:
			return ErrFolder.Saying("The folder has more than %d files.", weapp.MaxFiles)
		}
		content, err := fs.ReadFile(project, name)
		if total += len(content); total > weapp.MaxTotalBytes {
			return ErrFolder.Saying("The folder has more than %s.", bytesOf(weapp.MaxTotalBytes))
		}
		contents[name] = content
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("pack folder: %w", err)
	}
	return contents, withPackages(project, contents, total)
}

// withPackages adds the files of node_modules that cloud functions reach, and none of the many that they do not.
func withPackages(project fs.FS, contents map[string][]byte, total int) error {
	reached := weapp.FunctionModules(contents, func(name string) ([]byte, error) {
		if info, err := fs.Stat(project, name); err != nil || !info.Mode().IsRegular() || info.Size() > weapp.MaxFileBytes {
			return nil, fs.ErrNotExist
		}
		return fs.ReadFile(project, name)
	})
	for name, content := range reached {
		contents[name] = content
		total += len(content)
	}
	switch {
	case len(contents) > weapp.MaxFiles:
		return ErrFolder.Saying("The folder has more than %d files, with the packages of its cloud functions.", weapp.MaxFiles)
	case total > weapp.MaxTotalBytes:
		return ErrFolder.Saying("The folder has more than %s, with the packages of its cloud functions.", bytesOf(weapp.MaxTotalBytes))
	}
	return nil
}

// stays says whether a file never leaves the author's machine. Packages that the program needs are in
// miniprogram_npm, or in a node_modules that packOptions.include names.
func stays(name string, entry fs.DirEntry) bool {
	return strings.HasPrefix(entry.Name(), ".") || entry.IsDir() && entry.Name() == "node_modules" ||
		name == "test.js" || entry.Name() == "project.private.config.json"
}

// rule is one entry of packOptions.ignore.
type rule struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	exp   *regexp.Regexp
}

type ruleList []rule

func ignored(project fs.FS) (ruleList, error) {
	source, err := fs.ReadFile(project, "project.config.json")
	if err != nil {
		return nil, nil //nolint:nilerr // without the file nothing is ignored
	}
	var config struct {
		PackOptions struct {
			Ignore []rule `json:"ignore"`
		} `json:"packOptions"`
	}
	if json.Unmarshal(source, &config) != nil {
		return nil, nil // the check says where it is broken
	}
	for n, r := range config.PackOptions.Ignore {
		if r.Type != "regexp" {
			continue
		}
		if config.PackOptions.Ignore[n].exp, err = regexp.Compile(r.Value); err != nil {
			return nil, ErrFolder.Saying("project.config.json: packOptions.ignore has a bad regexp %q.", r.Value)
		}
	}
	return config.PackOptions.Ignore, nil
}

func (l ruleList) match(name string, folder bool) bool {
	return slices.ContainsFunc(l, func(r rule) bool { return r.match(name, folder) })
}

func (r rule) match(name string, folder bool) bool {
	value := strings.Trim(strings.TrimPrefix(r.Value, "./"), "/")
	if value == "" {
		return false
	}
	switch r.Type {
	case "file":
		return !folder && name == value
	case "folder":
		return folder && name == value
	case "suffix":
		return !folder && strings.HasSuffix(name, r.Value)
	case "prefix":
		return !folder && strings.HasPrefix(path.Base(name), r.Value)
	case "regexp":
		return !folder && r.exp.MatchString(name)
	case "glob":
		return globs(value, name)
	}
	return false
}

// globs matches ** as any folders, and * and ? inside one name.
func globs(pattern, name string) bool {
	head, rest, more := strings.Cut(pattern, "/")
	if head == "**" {
		if !more {
			return true
		}
		for tail := name; ; {
			if globs(rest, tail) {
				return true
			}
			_, after, found := strings.Cut(tail, "/")
			if !found {
				return false
			}
			tail = after
		}
	}
	first, tail, deeper := strings.Cut(name, "/")
	if matched, err := path.Match(head, first); err != nil || !matched {
		return false
	}
	if !more || !deeper {
		return more == deeper
	}
	return globs(rest, tail)
}
