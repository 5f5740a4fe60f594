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

// table is support.json. What is not in it is missing: components that are only known by name are in Known.
type table struct {
	Components map[string]level `json:"components"`
	APIs       map[string]level `json:"apis"`
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
	found, ok := support().APIs[name]
	if kind == "component" {
		found, ok = support().Components[name]
	}
	use := &Use{Kind: kind, Name: name, Support: Missing, File: file, Line: at.line, Count: 1}
	switch {
	case ok:
		use.Support, use.Note = found.Support, found.Note
	case kind == "api" && !support().names[strings.TrimPrefix(name, "wx.")]:
		use.Note = "WeChat has no such name."
	}
	i.uses[key] = use
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
