package mp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// followWait is how many seconds the server may wait for the next line.
const followWait = 25

// line is one line of a program's log.
type line struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Version int       `json:"version"`
	Source  string    `json:"source"`
	Level   string    `json:"level"`
	Text    string    `json:"text"`
	Stack   string    `json:"stack,omitempty"`
	Request string    `json:"request,omitempty"`
	Device  string    `json:"device,omitempty"`
}

// tail is what one look at the log gives, and where the next begins.
type tail struct {
	Lines []line `json:"lines"`
	Next  int64  `json:"next"`
}

// listening is the flags of logs.
type listening struct {
	follow               bool
	level, version, text string
	source               string
	limit                int
}

func (t *tool) logsCommand() *cobra.Command {
	var flags listening
	command := &cobra.Command{
		Use:   "logs",
		Short: "Show what the program's pages and functions said, seven days back",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return t.logs(c.Context(), flags) },
	}
	set := command.Flags()
	set.BoolVarP(&flags.follow, "follow", "f", false, "go on with the lines to come, until Ctrl-C")
	set.StringVar(&flags.level, "level", "", "this level and above: debug, info, warn, error")
	set.StringVar(&flags.version, "version", "", "only of this version (number, name or latest)")
	set.StringVar(&flags.source, "source", "", "only of this function, or \"page\"")
	set.StringVarP(&flags.text, "query", "q", "", "only lines with this text")
	set.IntVarP(&flags.limit, "limit", "n", 100, "how many lines back at most")
	return command
}

func (t *tool) logs(ctx context.Context, flags listening) error {
	if flags.level != "" && !slices.Contains([]string{"debug", "info", "warn", "error"}, flags.level) {
		return wrong(ExitUsage, "bad_level", "", "The levels are debug, info, warn and error.")
	}
	p, err := t.open()
	if err != nil {
		return err
	}
	query := url.Values{"limit": {strconv.Itoa(flags.limit)}}
	for name, value := range map[string]string{"level": flags.level, "source": flags.source, "q": flags.text} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if flags.version != "" {
		n, err := p.number(ctx, flags.version)
		if err != nil {
			return err
		}
		query.Set("version", strconv.Itoa(n))
	}
	if !flags.follow {
		seen, err := p.tail(ctx, query)
		if err != nil {
			return err
		}
		return t.writeLines(seen.Lines, t.json)
	}
	err = p.follow(ctx, query, func(lines []line) error { return t.writeEach(lines) })
	if errors.Is(err, context.Canceled) {
		return nil // Ctrl-C is how following ends
	}
	return err
}

func (p program) tail(ctx context.Context, query url.Values) (tail, error) {
	var seen tail
	err := p.do(ctx, call{method: http.MethodGet, path: p.path("/logs"), query: query}, &seen)
	return seen, err
}

// follow tells every line, those that are there and those to come, until ctx ends. A network that is away for a
// moment, or a server that starts again, loses none of them.
func (p program) follow(ctx context.Context, query url.Values, tell func([]line) error) error {
	failed := 0
	for {
		seen, err := p.tail(ctx, query)
		if err != nil && again(err) && failed < attempts {
			failed++
			if err := pause(ctx, failed); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		failed = 0
		if err := tell(seen.Lines); err != nil {
			return err
		}
		query.Set("after", strconv.FormatInt(seen.Next, 10))
		query.Set("wait", strconv.Itoa(followWait))
	}
}

// writeLines is the result of a look back: with --json one document.
func (t *tool) writeLines(lines []line, document bool) error {
	if document {
		if lines == nil {
			lines = []line{}
		}
		return t.document(lines)
	}
	return t.writeEach(lines)
}

// writeEach writes line by line; with --json each is a document of its own.
func (t *tool) writeEach(lines []line) error {
	for _, one := range lines {
		if t.json {
			if err := json.NewEncoder(t.Out).Encode(one); err != nil {
				return err
			}
			continue
		}
		t.print("%s", logLine(t.paint(t.Out), one))
	}
	return nil
}

func logLine(paint palette, one line) string {
	level := map[string]string{
		"error": paint.red("error"), "warn": paint.yellow("warn "), "info": "info ", "debug": paint.dim("debug"),
	}[one.Level]
	words := one.At.Local().Format("15:04:05.000") + " " + level + " " + paint.dim(one.Source+" v"+strconv.Itoa(one.Version)) + " " + printable(one.Text)
	if one.Stack != "" {
		words += "\n" + paint.dim("    "+strings.ReplaceAll(strings.TrimSpace(printable(one.Stack)), "\n", "\n    "))
	}
	return words
}

// printable keeps a program's words from steering the terminal of whoever reads them.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, text)
}
