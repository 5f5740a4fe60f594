package check

import (
	"cmp"
	_ "embed" // what the frame runs
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// What the program frame runs of WeChat's components and APIs. A test compares it with the frame's own lists,
// so that neither says something else than the other.
//
//go:embed support.json
var supportFile []byte

// level is how far one component or API is there.
type level struct {
	Support string `json:"support"`
	Note    string `json:"note,omitempty"`
}

// table is support.json. What is not in it is missing.
type table struct {
	Components map[string]level `json:"components"`
	APIs       map[string]level `json:"apis"`
	Games      map[string]level `json:"games"` // what a game has besides
	Web        map[string]level `json:"web"`   // what a web program has instead
	Names      []string         `json:"names"` // functions of wx that are WeChat's and not here
	names      map[string]bool
}

var support = sync.OnceValue(func() *table {
	var t table
	if err := json.Unmarshal(supportFile, &t); err != nil {
		panic(fmt.Sprintf("check: support.json: %v", err)) // a mistake of ours, seen by the first test
	}
	t.names = map[string]bool{}
	for _, name := range t.Names {
		t.names[name] = true
	}
	return &t
})

// maxUses is how many lines of compatibility a report keeps.
const maxUses = 300

// use counts one use of a component or an API.
func (i *inspector) use(kind, name, file string, at spot) {
	key := kind + " " + name
	if known, ok := i.uses[key]; ok {
		known.Count++
		if earlier := cmp.Or(cmp.Compare(file, known.File), cmp.Compare(at.line, known.Line)); earlier < 0 {
			known.File, known.Line = file, at.line
		}
		return
	}
	if len(i.uses) >= maxUses || len(name) > 80 {
		return
	}
	found, ok := i.level(kind, name)
	use := &Use{Kind: kind, Name: name, Support: Missing, File: file, Line: at.line, Count: 1}
	switch {
	case ok:
		use.Support, use.Note = found.Support, found.Note
	case i.report.Kind == KindWeb:
		use.Note = "A web program has window.plaza instead of wx."
	case kind == "api" && !support().names[strings.TrimPrefix(name, "wx.")]:
		use.Note = "WeChat has no such name."
	}
	i.uses[key] = use
}

// level is what support.json says of a component or API in a program of this kind.
func (i *inspector) level(kind, name string) (level, bool) {
	lists := []map[string]level{support().APIs}
	switch {
	case kind == "component":
		lists = []map[string]level{support().Components}
	case i.report.Kind == KindGame:
		lists = []map[string]level{support().Games, support().APIs}
	case i.report.Kind == KindWeb:
		lists = []map[string]level{support().Web}
	}
	for _, list := range lists {
		if found, ok := list[name]; ok {
			return found, true
		}
	}
	return level{}, false
}

// compatibility is what was used, what is missing first.
func (i *inspector) compatibility() []Use {
	out := make([]Use, 0, len(i.uses))
	for _, use := range i.uses {
		out = append(out, *use)
	}
	order := []string{Missing, Partial, Supported}
	slices.SortFunc(out, func(a, b Use) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Support), slices.Index(order, b.Support)),
			cmp.Compare(a.Kind, b.Kind), -cmp.Compare(a.Count, b.Count), cmp.Compare(a.Name, b.Name),
		)
	})
	return out
}
