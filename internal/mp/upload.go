package mp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"plaza.internal/plaza/internal/check"
)

// attempts is how often an upload is tried when the network fails: the same bytes are the same version, so
// one that arrived after all does no harm.
const attempts = 3

// version is a version as the server answers it.
type version struct {
	Number           int      `json:"number"`
	Name             string   `json:"name"`
	State            string   `json:"state"`
	Note             string   `json:"note"`
	Reviewed         bool     `json:"reviewed"`
	Size             int64    `json:"size"`
	Created          string   `json:"created"`
	ReleasedAt       string   `json:"released_at"`
	ScheduledAt      string   `json:"scheduled_at"`
	ScheduledPercent int      `json:"scheduled_percent"`
	NextActs         []string `json:"next_acts"`
}

// called is how people speak of the version.
func (v version) called() string {
	if v.Name == "" {
		return fmt.Sprintf("version %d", v.Number)
	}
	return fmt.Sprintf("version %d (%s)", v.Number, v.Name)
}

// uploading is the flags of upload.
type uploading struct {
	note, org, expected string
	robot               int
}

func (t *tool) uploadCommand() *cobra.Command {
	var flags uploading
	command := &cobra.Command{
		Use:   "upload [DIR|ZIP]",
		Short: "Send a project to the server as its next version",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return t.upload(c.Context(), t.target(args), flags)
		},
	}
	set := command.Flags()
	set.StringVar(&flags.note, "note", "", "what is new in this version; also --ud, --upload-description, --desc")
	set.StringVar(&flags.org, "org", "", "id of the organisation that a new program belongs to (default: you)")
	set.StringVar(&flags.expected, "upload-version", "", "stop unless the manifest's version.name is this; also --uv, --version")
	set.IntVarP(&flags.robot, "robot", "r", 0, "number of the build machine, 1 to 30; it is added to the note")
	return command
}

func (t *tool) upload(ctx context.Context, target string, flags uploading) error {
	s, err := t.connect(true)
	if err != nil {
		return err
	}
	note, err := flags.words()
	if err != nil {
		return err
	}
	appid, err := t.uploadAppID(target, flags.expected)
	if err != nil {
		return err
	}
	zip, clean, err := packed(target)
	if err != nil {
		return err
	}
	defer clean()
	var raw json.RawMessage
	if err := t.send(ctx, s, zip, appid, url.Values{"note": {note}, "org": {flags.org}}, &raw); err != nil {
		return t.uploadRefused(err)
	}
	if t.json {
		return t.document(raw)
	}
	var v version
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	t.print("%s: %s is on %s, %s, %s.", appid, v.called(), s.url, size(v.Size), state(v))
	t.say("Next: plaza mp submit %d   or plaza mp qr --trial %d", v.Number, v.Number)
	return nil
}

// words is the note that goes with the version.
func (u uploading) words() (string, error) {
	if u.robot == 0 {
		return u.note, nil
	}
	if u.robot < 1 || u.robot > 30 {
		return "", wrong(ExitUsage, "bad_robot", "", "--robot is a number from 1 to 30.")
	}
	robot := fmt.Sprintf("robot %d", u.robot)
	if u.note == "" {
		return robot, nil
	}
	return u.note + " (" + robot + ")", nil
}

// uploadAppID is which program the target is of. A zip's manifest is not read here: the server does.
func (t *tool) uploadAppID(target, expected string) (string, error) {
	info, err := os.Stat(target)
	if err != nil {
		return "", wrong(ExitUsage, "no_project", "Name a project's folder, or a zip of one.", "%v", err)
	}
	if !info.IsDir() {
		if t.appid == "" || expected != "" {
			return "", wrong(ExitUsage, "no_appid", "", "With a zip, name the program with --appid ID and leave --upload-version out.")
		}
		return t.appid, nil
	}
	m, err := projectManifest(target)
	if err != nil {
		return "", err
	}
	if expected != "" && m.Version.Name != expected {
		return "", wrong(ExitUsage, "version_differs", "Change version.name in manifest.json, or the flag.",
			"The manifest says version %q, the command %q.", m.Version.Name, expected)
	}
	appid := cmp.Or(t.appid, m.AppID)
	if !check.IsAppID(appid) {
		return "", wrong(ExitUsage, "bad_appid", "An appid has 2 to 63 small letters, digits, dots, dashes and underscores.",
			"app_id %q in manifest.json cannot be used.", appid)
	}
	return appid, nil
}

// send streams the zip, and tries again when the network or a busy server is the reason that it did not work.
func (t *tool) send(ctx context.Context, s *server, zip, appid string, query url.Values, out any) error {
	var err error
	for attempt := range attempts {
		if attempt > 0 {
			t.say("%v Trying again.", err)
			if err := pause(ctx, attempt); err != nil {
				return err
			}
		}
		if err = t.sendOnce(ctx, s, zip, appid, query, out); !again(err) {
			return err
		}
	}
	return err
}

// again is true for a failure that may be gone in a moment.
func again(err error) bool {
	var f *failure
	return errors.As(err, &f) && slices.Contains([]string{"unreachable", "http_429", "http_502", "http_503", "http_504"}, f.code)
}

// pause waits before the next try, longer each time.
func pause(ctx context.Context, tried int) error {
	select {
	case <-time.After(time.Duration(tried) * 2 * time.Second):
		return nil
	case <-ctx.Done():
		return context.Canceled
	}
}

func (t *tool) sendOnce(ctx context.Context, s *server, zip, appid string, query url.Values, out any) error {
	file, err := os.Open(zip)
	if err != nil {
		return wrong(ExitUsage, "no_project", "", "%v", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return wrong(ExitUsage, "no_project", "", "%v", err)
	}
	for name, values := range query {
		if values[0] == "" {
			query.Del(name)
		}
	}
	stream := io.Reader(file)
	if isTerminal(t.Err) {
		bar := progressbar.NewOptions64(info.Size(), progressbar.OptionSetWriter(t.Err),
			progressbar.OptionSetDescription("Uploading "+appid), progressbar.OptionShowBytes(true),
			progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish())
		defer bar.Finish() //nolint:errcheck // a bar that cannot be drawn harms nobody
		reader := progressbar.NewReader(file, bar)
		stream = &reader
	}
	return s.do(ctx, call{
		method: http.MethodPost, path: "/api/mp/" + url.PathEscape(appid) + "/versions", query: query,
		stream: io.NopCloser(stream), length: info.Size(),
	}, out)
}

// uploadRefused shows the server's report as check shows its own.
func (t *tool) uploadRefused(err error) error {
	var f *failure
	if !errors.As(err, &f) || f.code != "package_invalid" {
		return err
	}
	report, ok := reportIn(f.data)
	if !ok {
		return err
	}
	f.next = "plaza mp check says the same without a server."
	if !t.json {
		writeReport(calm{t.Err}, t.paint(t.Err), report, check.Default().Limits)
	}
	return f
}

// reportIn is the check report of a refused upload.
func reportIn(data map[string]any) (check.Report, bool) {
	var report check.Report
	encoded, err := json.Marshal(data["report"])
	if err == nil {
		err = json.Unmarshal(encoded, &report)
	}
	return report, err == nil && len(report.Findings) > 0
}
