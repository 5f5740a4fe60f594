package mp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// program is a program at a server, and who asks.
type program struct {
	*server
	appid string
}

// open is the program that the command is about, at the server that it is about.
func (t *tool) open() (program, error) {
	appid, err := t.program()
	if err != nil {
		return program{}, err
	}
	s, err := t.connect(true)
	return program{s, appid}, err
}

func (p program) path(more string) string { return "/api/mp/" + url.PathEscape(p.appid) + more }

// act posts to one of the program's verbs.
func (p program) act(ctx context.Context, path string, body any) (json.RawMessage, error) {
	var raw json.RawMessage
	err := p.do(ctx, call{method: http.MethodPost, path: p.path(path), body: body}, &raw)
	return raw, err
}

// overview is a program with its versions, newest first.
type overview struct {
	Program struct {
		AppID   string `json:"appid"`
		Name    string `json:"name"`
		Status  string `json:"status"`
		Tier    string `json:"tier"`
		Percent int    `json:"percent"`
		Release string `json:"release"`
		Rollout string `json:"rollout"`
	} `json:"program"`
	Versions []version `json:"versions"`
	raw      json.RawMessage
}

func (p program) overview(ctx context.Context) (overview, error) {
	var o overview
	if err := p.do(ctx, call{method: http.MethodGet, path: p.path("/versions")}, &o.raw); err != nil {
		return o, err
	}
	if err := json.Unmarshal(o.raw, &o); err != nil {
		return o, wrong(ExitServer, "not_plaza", "Is the server as new as this command?", "%s answered something unexpected: %v", p.url, err)
	}
	slices.SortFunc(o.Versions, func(a, b version) int { return b.Number - a.Number })
	return o, nil
}

// number is the version that a person means: its number, "latest", or the name that its manifest gives it.
func (p program) number(ctx context.Context, meant string) (int, error) {
	if n, err := strconv.Atoi(meant); err == nil && n > 0 {
		return n, nil
	}
	o, err := p.overview(ctx)
	if err != nil {
		return 0, err
	}
	if meant == "latest" && len(o.Versions) > 0 {
		return o.Versions[0].Number, nil
	}
	for _, v := range o.Versions {
		if v.Name == meant {
			return v.Number, nil
		}
	}
	return 0, wrong(ExitUsage, "version_not_found", "plaza mp status lists the versions.", "%s has no version %q.", p.appid, meant)
}

// onVersion runs one act on the version of the first argument, and says what became of it.
func (t *tool) onVersion(c *cobra.Command, meant, verb string, body any, done func(p program, v version) string) error {
	p, err := t.open()
	if err != nil {
		return err
	}
	n, err := p.number(c.Context(), meant)
	if err != nil {
		return err
	}
	raw, err := p.act(c.Context(), fmt.Sprintf("/versions/%d/%s", n, verb), body)
	if err != nil {
		return err
	}
	if t.json {
		return t.document(raw)
	}
	v := version{}
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	v.Number = n // a review that is answered has no number
	t.print("%s", done(p, v))
	return nil
}

func (t *tool) submitCommand() *cobra.Command {
	var notes, account string
	command := &cobra.Command{
		Use:   "submit VERSION|latest",
		Short: "Ask for the review of a version",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			body := map[string]string{"notes": notes, "test_account": account}
			return t.onVersion(c, args[0], "submit", body, func(p program, v version) string {
				return fmt.Sprintf("%s: version %d waits for its review. plaza mp status shows its place.", p.appid, v.Number)
			})
		},
	}
	command.Flags().StringVar(&notes, "notes", "", "what the reviewer should know")
	command.Flags().StringVar(&account, "test-account", "", "a login that the reviewer may use; only reviewers see it")
	return command
}

func (t *tool) withdrawCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "withdraw VERSION|latest",
		Short: "Take a version back from its review",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return t.onVersion(c, args[0], "withdraw", nil, func(p program, v version) string {
				return fmt.Sprintf("%s: version %d is not under review any more.", p.appid, v.Number)
			})
		},
	}
}

func (t *tool) releaseCommand() *cobra.Command {
	var percent int
	var at string
	command := &cobra.Command{
		Use:   "release VERSION|latest",
		Short: "Give people a version: all of them, or some percent",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			body := map[string]any{"percent": percent}
			if at != "" {
				when, err := instant(at, time.Now())
				if err != nil {
					return err
				}
				body["at"] = when.UTC().Format(time.RFC3339)
			}
			return t.onVersion(c, args[0], "release", body, func(p program, v version) string {
				return released(p.appid, v, percent)
			})
		},
	}
	command.Flags().IntVar(&percent, "percent", 100, "how many of a hundred people get it; each keeps it when the number grows")
	command.Flags().StringVar(&at, "at", "", "when: 2026-12-24T08:00:00+01:00, 2026-12-24 08:00 (this machine's zone), or +2h")
	return command
}

func (t *tool) unscheduleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unschedule VERSION|latest",
		Short: "Call off a release that waits for its time",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return t.onVersion(c, args[0], "unschedule", nil, func(p program, v version) string {
				return fmt.Sprintf("%s: %s is not scheduled any more.", p.appid, v.called())
			})
		},
	}
}

func released(appid string, v version, percent int) string {
	switch {
	case v.ScheduledAt != "":
		return fmt.Sprintf("%s: %s will be released to %d %% at %s.", appid, v.called(), v.ScheduledPercent, moment(v.ScheduledAt))
	case percent < 100:
		return fmt.Sprintf("%s: %s is rolling out to %d %%. Raise it with plaza mp release %d --percent N.", appid, v.called(), percent, v.Number)
	}
	return fmt.Sprintf("%s: everybody gets %s now.", appid, v.called())
}

// instant is a time as people write it.
func instant(text string, now time.Time) (time.Time, error) {
	if later, ok := strings.CutPrefix(text, "+"); ok {
		if wait, err := time.ParseDuration(later); err == nil && wait > 0 {
			return now.Add(wait), nil
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, wrong(ExitUsage, "bad_time", "For example: --at \"2026-12-24 08:00\", --at 2026-12-24T08:00:00+01:00, --at +2h",
		"%q is no time.", text)
}

func (t *tool) rollbackCommand() *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use:   "rollback VERSION",
		Short: "Go back to an earlier version that was released, for everybody and at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return t.onVersion(c, args[0], "rollback", map[string]string{"reason": reason}, func(p program, v version) string {
				return fmt.Sprintf("%s: back to %s for everybody.", p.appid, v.called())
			})
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "why; it is kept in the audit log")
	return command
}

// queue is where a submission stands.
type queue struct {
	Review *struct {
		ID     string `json:"id"`
		State  string `json:"state"`
		Rule   string `json:"rule"`
		Reason string `json:"reason"`
	} `json:"review"`
	Position      int `json:"position"`
	Waiting       int `json:"waiting"`
	MedianSeconds int `json:"median_seconds"`
	Thread        []struct {
		Side string `json:"side"`
		Text string `json:"text"`
	} `json:"thread"`
}

func (t *tool) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the versions, who gets which, and where the review stands",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return t.status(c.Context()) },
	}
}

func (t *tool) status(ctx context.Context) error {
	p, err := t.open()
	if err != nil {
		return err
	}
	o, err := p.overview(ctx)
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := p.do(ctx, call{method: http.MethodGet, path: p.path("/review")}, &raw); err != nil {
		return err
	}
	if t.json {
		return t.document(map[string]json.RawMessage{"versions": o.raw, "review": raw})
	}
	var q queue
	if err := json.Unmarshal(raw, &q); err != nil {
		return err
	}
	t.writeStatus(o, q)
	return nil
}

func (t *tool) writeStatus(o overview, q queue) {
	paint := t.paint(t.Out)
	head := fmt.Sprintf("%s, %s", o.Program.AppID, strings.ReplaceAll(o.Program.Status, "_", " "))
	if o.Program.Tier != "" {
		head += ", " + o.Program.Tier
	}
	t.print("%s", paint.bold(head))
	var rows strings.Builder
	table := tabwriter.NewWriter(&rows, 0, 4, 2, ' ', 0)
	for _, v := range o.Versions {
		what := state(v)
		if v.State == "rolling_out" {
			what = fmt.Sprintf("rolling out to %d %%", o.Program.Percent)
		}
		fmt.Fprintf(table, "  %d\t%s\t%s\t%s\t%s\n", v.Number, v.Name, what, v.Note, strings.Join(v.NextActs, ", "))
	}
	_ = table.Flush() // a builder takes everything
	for row := range strings.Lines(rows.String()) {
		t.print("%s", strings.TrimRight(row, " \n"))
	}
	if q.Review == nil {
		return
	}
	t.print("")
	t.print("%s", paint.bold("Review")+"  "+reviewLine(q))
	for _, message := range q.Thread {
		t.print("  %s: %s", message.Side, message.Text)
	}
}

func reviewLine(q queue) string {
	switch q.Review.State {
	case "waiting", "claimed":
		line := fmt.Sprintf("%s, place %d of %d", q.Review.State, q.Position, q.Waiting)
		if q.MedianSeconds > 0 {
			line += ", half of them are answered within " + (time.Duration(q.MedianSeconds) * time.Second).String()
		}
		return line
	case "rejected":
		return fmt.Sprintf("rejected under rule %s: %s", q.Review.Rule, q.Review.Reason)
	}
	return q.Review.State
}

// state is a version's state in words.
func state(v version) string {
	words := strings.ReplaceAll(v.State, "_", " ")
	if v.ScheduledAt != "" {
		words += fmt.Sprintf(", scheduled to %d %% at %s", v.ScheduledPercent, moment(v.ScheduledAt))
	}
	return words
}

// moment is a time of the server in this machine's zone.
func moment(text string) string {
	at, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "T", 1))
	if err != nil {
		return text
	}
	return at.Local().Format("2006-01-02 15:04")
}
