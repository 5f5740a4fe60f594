package figures

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The list in docs/figures.md is made from the definitions: UPDATE_DOCS=1 go test ./internal/figures -run Defined.
func document(t *testing.T, list []Definition) {
	t.Helper()
	const path, from, to = "../../docs/figures.md", "<!-- definitions -->\n", "<!-- end of definitions -->\n"
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(source), from)
	_, tail, ended := strings.Cut(rest, to)
	if !found || !ended {
		t.Fatalf("%s has no place for the definitions", path)
	}
	var table strings.Builder
	table.WriteString("\n| figure | what it is |\n|---|---|\n")
	for _, d := range list {
		fmt.Fprintf(&table, "| **%s** (`%s`) | %s |\n", d.Name.EN, d.Key, d.Text.EN)
	}
	wanted := head + from + table.String() + "\n" + to + tail
	if wanted == string(source) {
		return
	}
	if os.Getenv("UPDATE_DOCS") == "" {
		t.Errorf("%s does not say what the definitions say; run with UPDATE_DOCS=1", path)
		return
	}
	if err := os.WriteFile(path, []byte(wanted), 0o644); err != nil {
		t.Fatal(err)
	}
}
