package triggers_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/bridge"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/triggers"
	"plaza.internal/plaza/internal/triggers/when"
)

const documentFile = "../../docs/creators/timers-and-events.md"

// eventsTable is every event with its data, as the document shows it.
func eventsTable() string {
	var out strings.Builder
	for _, event := range when.Events() {
		fmt.Fprintf(&out, "\n### `%s`\n\n%s\n\n| `data` | | |\n|---|---|---|\n", event.Kind, event.Says)
		for _, member := range event.Data {
			fmt.Fprintf(&out, "| `%s` | %s | %s |\n", member.Name, member.Type, member.Says)
		}
	}
	return out.String()
}

func limitsTable() string {
	var out strings.Builder
	out.WriteString("\n| what | limit |\n|---|---|\n")
	for _, row := range [][2]any{
		{"timers of a program", check.MaxTimers},
		{"functions of an event, in one program", 1},
		{"between two runs of a timer", fmt.Sprintf("%d s", when.MinPause/time.Second)},
		{"bytes of a `config`", when.SpecLimit},
		{"what a function is given", fmt.Sprintf("%d KB", bridge.EventLimit>>10)},
		{"calls a minute that timers and events of a program make, their functions' own included", bridge.CallsPerMinuteAlone},
		{"timers that run side by side in one house, and events that are given, one of each program at a time", triggers.Width},
	} {
		fmt.Fprintf(&out, "| %s | %v |\n", row[0], row[1])
	}
	return out.String()
}

// The document says of events and limits what the code does.
func TestDocumentIsTheCode(t *testing.T) {
	source, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	want := between(t, between(t, string(source), "<!-- events:", "<!-- end of events -->", eventsTable()), "<!-- limits", "<!-- end of limits -->", limitsTable())
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(documentFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(source) != want {
		t.Error("docs/creators/timers-and-events.md is not what the code says: UPDATE_DOCS=1 go test ./internal/triggers -run Document")
	}
}

// between puts text between the line that begins with the first mark and the second mark.
func between(t *testing.T, document, first, second, text string) string {
	t.Helper()
	before, after, found := strings.Cut(document, first)
	line, rest, ends := strings.Cut(after, "\n")
	_, rest, closed := strings.Cut(rest, second)
	if !found || !ends || !closed {
		t.Fatalf("the document lacks %q or %q", first, second)
	}
	return before + first + line + "\n" + text + "\n" + second + rest
}

// Every example of a timer in the document is one.
func TestTheDocumentsTimersAreTimers(t *testing.T) {
	source, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(source), "| config | when |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	examples := 0
	for line := range strings.Lines(table) {
		examples++
		if _, err := when.Parse(strings.Split(line, "`")[1]); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if examples < 5 {
		t.Errorf("%d examples", examples)
	}
}
