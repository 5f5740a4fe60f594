package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func frameList(t *testing.T, name string, value any) {
	t.Helper()
	source, err := os.ReadFile("../../ui/src/frame/wx/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(source, value); err != nil {
		t.Fatal(err)
	}
}

// support.json says what the frame runs; the frame says it too, in lists that its own tests keep. When this
// fails, the frame has learnt something: give it its line in support.json.
func TestSupportIsTheFrames(t *testing.T) {
	var frame struct{ APIs, Components, Containers []string }
	var names []string
	frameList(t, "implemented.json", &frame)
	frameList(t, "names.json", &names)
	table := support()
	for _, name := range frame.APIs {
		if _, ok := table.APIs["wx."+name]; !ok {
			t.Errorf("the frame has wx.%s, support.json says nothing of it", name)
		}
	}
	for name, level := range table.APIs {
		if level.Support != Missing && !slices.Contains(frame.APIs, strings.TrimPrefix(name, "wx.")) {
			t.Errorf("support.json says that %s is %s, the frame has it not", name, level.Support)
		}
	}
	for _, name := range frame.Components {
		if level, ok := table.Components[name]; !ok || level.Support == Missing {
			t.Errorf("the frame draws %s, support.json says %q", name, level.Support)
		}
	}
	for _, name := range frame.Containers {
		if level, ok := table.Components[name]; !ok || level.Support == Supported || level.Note == "" {
			t.Errorf("the frame only holds %s, support.json says %q with note %q", name, level.Support, level.Note)
		}
	}
	for name, level := range table.Components {
		known := slices.Contains(frame.Components, name) || slices.Contains(frame.Containers, name)
		if level.Support != Missing && !known {
			t.Errorf("support.json says that %s is %s, the frame has it not", name, level.Support)
		}
	}
	for _, name := range names {
		if _, ok := table.APIs["wx."+name]; !ok && !table.names[name] {
			t.Errorf("support.json does not know the name %s", name)
		}
	}
}

// What games and web programs have is told by the sources that make it.
func TestSupportOfOtherKindsIsTheFrames(t *testing.T) {
	for files, list := range map[string]map[string]level{"game/*.ts": support().Games, "web.ts": support().Web} {
		found, err := filepath.Glob("../../ui/src/frame/" + files)
		if err != nil || len(found) == 0 {
			t.Fatal(files, err)
		}
		var source []byte
		for _, file := range found {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			source = append(source, content...)
		}
		for name := range list {
			_, short, _ := strings.Cut(name, ".")
			if heard := strings.TrimPrefix(strings.TrimPrefix(short, "on"), "off"); heard != short && !slices.Contains([]string{"Show", "Hide"}, heard) {
				short = `"` + heard + `"`
			}
			if !regexp.MustCompile(`(^|[^\w])` + regexp.QuoteMeta(short) + `([^\w]|$)`).Match(source) {
				t.Errorf("%s does not speak of %s", files, name)
			}
		}
	}
}

func TestSupportIsWellFormed(t *testing.T) {
	table := support()
	for _, all := range []map[string]level{table.APIs, table.Components, table.Games, table.Web} {
		for name, level := range all {
			if !slices.Contains([]string{Supported, Partial, Missing}, level.Support) || level.Support == Partial && level.Note == "" {
				t.Errorf("%s: %+v", name, level)
			}
		}
	}
}
