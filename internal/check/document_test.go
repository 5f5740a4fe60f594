package check

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

const documentFile = "../../docs/compatibility.md"

// section is one table of the document: what is there and, where something is wanting, what.
func section(out *strings.Builder, title string, rows map[string]level) {
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.Support]++
	}
	fmt.Fprintf(out, "\n## %s\n\n%d supported, %d in part, %d not.\n\n| name | state | what is wanting |\n|---|---|---|\n",
		title, counts[Supported], counts[Partial], counts[Missing])
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(out, "| `%s` | %s | %s |\n", name, rows[name].Support, rows[name].Note)
	}
}

func supportDocument() string {
	table := support()
	var out strings.Builder
	out.WriteString("# What of WeChat works\n\nMade from `internal/check/support.json`, by which a package is told the same when it is checked; a test keeps\n" +
		"both alike (`UPDATE_DOCS=1 go test ./internal/check -run Document`). Whatever else WeChat has fails in its words:\n" +
		"`openBluetoothAdapter:fail not supported`. `wx.canIUse` tells the truth.\n")
	section(&out, "Components", table.Components)
	section(&out, "API", table.APIs)
	section(&out, "API of games", table.Games)
	section(&out, "API of web programs", table.Web)
	return out.String()
}

func TestDocumentIsTheTable(t *testing.T) {
	want := supportDocument()
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(documentFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/compatibility.md is not what support.json says: UPDATE_DOCS=1 go test ./internal/check -run Document")
	}
}
