package mp

import (
	"embed"
	"encoding/json"
	"errors"
	"html"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plaza.internal/plaza/internal/check"
)

// templates holds one folder per kind of project, "cloud", which is laid over "app", and "todo", an app whose data
// people share.
//
//go:embed all:templates
var templates embed.FS

var notAppID = regexp.MustCompile(`[^a-z0-9]+`)

func (t *tool) initCommand() *cobra.Command {
	var template, name string
	var cloud bool
	command := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a project to begin with: an app, a game or a web page",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return t.init(t.target(args), template, name, cloud)
		},
	}
	command.Flags().StringVarP(&template, "template", "t", check.KindApp, "app (WeChat pages), game (a canvas), web (plain HTML) or todo (an app with a cloud database that people share)")
	command.Flags().StringVar(&name, "name", "", "what people will call it (default: from the folder)")
	command.Flags().BoolVar(&cloud, "cloud", false, "with a cloud function, and a page that calls it (app only)")
	return command
}

// TemplateTodo is an app with a cloud database: lists that people share by a code.
const TemplateTodo = "todo"

// made is what init answers with --json.
type made struct {
	Dir   string   `json:"dir"`
	AppID string   `json:"appid"`
	Files []string `json:"files"`
}

func (t *tool) init(dir, template, name string, cloud bool) error {
	if !slices.Contains([]string{check.KindApp, check.KindGame, check.KindWeb, TemplateTodo}, template) {
		return wrong(ExitUsage, "bad_template", "", "There is no template %q; they are app, game, web and todo.", template)
	}
	if cloud && template != check.KindApp {
		return wrong(ExitUsage, "bad_template", "", "--cloud goes with --template app.")
	}
	appid, name, err := t.christen(dir, name)
	if err != nil {
		return err
	}
	layers := []string{template}
	if cloud {
		layers = append(layers, "cloud")
	}
	files, err := unfold(layers, appid, name)
	if err != nil {
		return err
	}
	if err := lay(dir, files); err != nil {
		return err
	}
	done := made{Dir: dir, AppID: appid, Files: slices.Sorted(maps.Keys(files))}
	if t.json {
		return t.document(done)
	}
	for _, file := range done.Files {
		t.print("  %s", filepath.ToSlash(filepath.Join(dir, file)))
	}
	t.say("Next: plaza mp dev %s", dir)
	return nil
}

// christen finds the appid and the name: what was said, or what the folder is called.
func (t *tool) christen(dir, name string) (appid, called string, err error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	folder := filepath.Base(full)
	appid = t.appid
	if appid == "" {
		appid = strings.Trim(notAppID.ReplaceAllString(strings.ToLower(folder), "-"), "-")
	}
	if !check.IsAppID(appid) {
		return "", "", wrong(ExitUsage, "bad_appid", "For example: --appid hello", "%q cannot be an appid: 2 to 63 small letters, digits, dots, dashes and underscores.", appid)
	}
	if name == "" {
		name = strings.ToUpper(appid[:1]) + strings.NewReplacer("-", " ", "_", " ", ".", " ").Replace(appid[1:])
	}
	if !check.IsName(name) {
		return "", "", wrong(ExitUsage, "bad_name", "", "A name has 1 to 60 characters, none of them invisible.")
	}
	return appid, name, nil
}

// Project is the files of a project to begin with, of the kinds of check or TemplateTodo: by path, with appid and name filled in.
func Project(kind, appid, name string) (map[string][]byte, error) {
	return unfold([]string{kind}, appid, name)
}

// unfold is the files of the layers, the later ones over the earlier, with appid and name filled in.
func unfold(layers []string, appid, name string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, layer := range layers {
		root := path.Join("templates", layer)
		err := fs.WalkDir(templates, root, func(at string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := templates.ReadFile(at)
			if err != nil {
				return err
			}
			file := strings.TrimPrefix(at, root+"/")
			files[file], err = fill(file, content, appid, name)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// fill puts appid and name in their places, as the file's language writes a text.
func fill(file string, content []byte, appid, name string) ([]byte, error) {
	switch path.Ext(file) {
	case ".json", ".js":
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		name = string(quoted[1 : len(quoted)-1])
	case ".html":
		name = html.EscapeString(name)
	default:
		return content, nil
	}
	return []byte(strings.NewReplacer("__APPID__", appid, "__NAME__", name).Replace(string(content))), nil
}

// lay writes the files, and overwrites nothing: one that is there already stops it before the first is written.
func lay(dir string, files map[string][]byte) error {
	for file := range files {
		_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(file)))
		if err == nil {
			return wrong(ExitUsage, "file_exists", "Choose another folder.", "%s is there already.", shown(filepath.Join(dir, file)))
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return wrong(ExitUsage, "cannot_write", "", "%v", err)
		}
	}
	for file, content := range files {
		at := filepath.Join(dir, filepath.FromSlash(file))
		err := os.MkdirAll(filepath.Dir(at), 0o755)
		if err == nil {
			err = os.WriteFile(at, content, 0o644)
		}
		if err != nil {
			return wrong(ExitUsage, "cannot_write", "", "%v", err)
		}
	}
	return nil
}
