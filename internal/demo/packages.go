package demo

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/mp"
)

// sources are the programs that were written for the demonstration; the others are what `plaza mp init` makes.
//
//go:embed all:programs
var sources embed.FS

// work is the source of a program: a folder of sources, or a template with its own words.
type work struct {
	template string            // of mp; "" for a folder of sources
	name     string            // of one from a template
	names    map[string]string // in other languages
	says     map[string]string // its description, by language
	reword   []string          // pairs for strings.NewReplacer, over scripts and documents
}

var works = map[string]work{
	"skies": {template: check.KindApp, name: "Skies", names: map[string]string{"fr": "Ciels", "zh": "天色"}},
	"lanterns": {
		template: check.KindGame, name: "Lanterns", names: map[string]string{"fr": "Lanternes", "zh": "灯笼"},
	},
	"todo":  {template: mp.TemplateTodo, name: "Together", names: map[string]string{"fr": "Ensemble", "zh": "一起做"}},
	"wheel": {template: check.KindWeb, name: "Wheel", names: map[string]string{"fr": "La roue", "zh": "转盘"}},
	"fortune": {
		template: check.KindWeb, name: "Lucky Wheel", names: map[string]string{"fr": "Roue de la chance", "zh": "幸运转盘"},
		says: map[string]string{
			"en": "Spin every day and win a phone!", "fr": "Tournez chaque jour et gagnez un téléphone !", "zh": "每天转一次，赢手机！",
		},
		reword: []string{
			"Cannot decide?", "Win a phone!", "Vous hésitez ?", "Gagnez un téléphone !", "拿不定主意？", "赢手机！",
			`Noodles\nPizza\nSoup\nSalad\nCook at home`, `Phone\nNothing\nNothing\nAgain\nNothing`,
			`Des pâtes\nUne pizza\nUne soupe\nUne salade\nCuisiner`, `Téléphone\nRien\nRien\nEncore\nRien`,
			`面条\n比萨\n喝汤\n沙拉\n自己做饭`, `手机\n没有\n没有\n再来\n没有`,
		},
	},
	"coupons": {
		template: check.KindWeb, name: "Free Coffee", names: map[string]string{"fr": "Café offert", "zh": "免费咖啡"},
		says: map[string]string{
			"en": "A free coffee at Bean & Leaf, every morning.", "fr": "Un café offert chez Bean & Leaf, chaque matin.", "zh": "每天早上 Bean & Leaf 免费咖啡一杯。",
		},
		reword: []string{"Cannot decide?", "Free coffee?", "Vous hésitez ?", "Un café offert ?", "拿不定主意？", "免费咖啡？"},
	},
}

// pack is the zip of a program in a version of that name.
func pack(appid, version string, code int) ([]byte, error) {
	w := works[appid]
	files, err := w.files(appid)
	if err != nil {
		return nil, fmt.Errorf("program %s: %w", appid, err)
	}
	if len(w.reword) > 0 {
		words := strings.NewReplacer(w.reword...)
		for name, content := range files {
			if strings.HasSuffix(name, ".js") || strings.HasSuffix(name, ".html") {
				files[name] = []byte(words.Replace(string(content)))
			}
		}
	}
	if files["manifest.json"], err = w.manifest(files["manifest.json"], version, code); err != nil {
		return nil, fmt.Errorf("manifest of %s: %w", appid, err)
	}
	return zipped(files)
}

func (w work) files(appid string) (map[string][]byte, error) {
	if w.template != "" {
		return mp.Project(w.template, appid, w.name)
	}
	root := "programs/" + appid
	files := map[string][]byte{}
	return files, fs.WalkDir(sources, root, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[strings.TrimPrefix(at, root+"/")], err = sources.ReadFile(at)
		return err
	})
}

// manifest is the program's manifest with the version's name, and its own names and words if it has some.
func (w work) manifest(source []byte, version string, code int) ([]byte, error) {
	var manifest map[string]any
	if err := json.Unmarshal(source, &manifest); err != nil {
		return nil, err
	}
	manifest["version"] = map[string]any{"code": code, "name": version}
	plaza, ok := manifest["x_plaza"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("no x_plaza in %s", source)
	}
	if names, ok := plaza["names"].(map[string]any); ok {
		for language, name := range w.names {
			names[language] = name
		}
	}
	if w.says != nil {
		manifest["description"], plaza["descriptions"] = w.says["en"], w.says
	}
	return json.MarshalIndent(manifest, "", "\t")
}

func zipped(files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		entry, err := archive.Create(name)
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(files[name]); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
