package mp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"plaza.internal/plaza/internal/proxy"
	"plaza.internal/plaza/internal/weapp"
)

func (t *tool) devCommand() *cobra.Command {
	var address string
	var browse bool
	var open []string
	command := &cobra.Command{
		Use:   "dev [DIR]",
		Short: "Run a project on a throwaway server, and again on every save",
		Long: "Run a project on a throwaway server, and again on every save.\n\n" +
			"The server is a whole Plaza in a temporary folder, gone with Ctrl-C. Every save is checked, published and\n" +
			"reviewed there as anywhere else, so the program has the rights that a review gives. The page shows what is\n" +
			"wrong with file and line, and what the program logs.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return t.dev(c.Context(), t.target(args), address, browse, open)
		},
	}
	command.Flags().StringVar(&address, "http", "127.0.0.1:8091", "where to listen; port 0 takes a free one, 0.0.0.0 lets a phone in the same network in")
	command.Flags().BoolVar(&browse, "open", false, "open the page in the browser")
	command.Flags().StringSliceVar(&open, "proxy-allow", nil, "private hosts that the program may declare and reach, such as your own back end: HOST[:PORT][=ADDRESS[:PORT]]")
	return command
}

func (t *tool) dev(ctx context.Context, dir, address string, browse bool, open []string) error {
	if t.register == nil {
		return wrong(ExitUsage, "no_server", "", "This build has no server in it.")
	}
	if _, err := projectManifest(dir); err != nil {
		return err
	}
	changes, err := watch(ctx, dir)
	if err != nil {
		return wrong(ExitUsage, "cannot_watch", "", "%s cannot be watched: %v", shown(dir), err)
	}
	t.say("Starting …")
	house, err := raise(t.register, address)
	if err != nil {
		return err
	}
	defer house.stop(t.Err)
	if err := proxy.Allow(house.app, open); err != nil {
		return wrong(ExitUsage, "bad_host", "For example: --proxy-allow api.local.test:8080=127.0.0.1:8080", "%v", err)
	}
	bench := &workbench{tool: t, dir: dir, house: house}
	t.say("%s runs at %s", shown(dir), t.paint(t.Err).bold(house.page()))
	t.print("%s", house.page())
	t.say("Ctrl-C ends it and leaves nothing behind.\n")
	bench.publish(ctx)
	if browse {
		browseTo(house.page())
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-changes:
			if !open {
				return nil
			}
			bench.publish(ctx)
		}
	}
}

// workbench is one project that is being worked on.
type workbench struct {
	*tool
	dir       string
	house     *house
	following string // the appid whose log is being told
}

// publish checks what is in the folder and gives it to whoever has the page open.
func (b *workbench) publish(ctx context.Context) {
	began := time.Now()
	m, err := projectManifest(b.dir)
	if err == nil {
		var v version
		if v, err = b.bring(ctx, m.AppID); err == nil {
			b.say("%s %s, %s, %s", b.paint(b.Err).green("✓"), v.called(), size(v.Size), time.Since(began).Round(time.Millisecond))
			b.house.tell(news{Kind: "version", AppID: m.AppID, Number: v.Number, At: time.Now()})
			b.listen(ctx, m.AppID)
			return
		}
	}
	if ctx.Err() != nil {
		return
	}
	findings, message := troubles(err)
	paint := b.paint(b.Err)
	b.say("%s %s", paint.red("✗"), message)
	for _, f := range findings {
		if f.Severity == weapp.SeverityError {
			b.say("  %s", oneLine(f))
		}
	}
	b.house.tell(news{Kind: "problem", Message: message, Findings: findings, At: time.Now()})
}

// troubles is what stands in the way of running, for a person.
func troubles(err error) ([]weapp.Finding, string) {
	var f *failure
	if !errors.As(err, &f) {
		return nil, err.Error()
	}
	if report, ok := reportIn(f.data); ok {
		return report.Findings, "The package has errors; the page still runs the version before."
	}
	return nil, f.message
}

// bring takes the folder through the doors that any version goes through: upload, review, release.
func (b *workbench) bring(ctx context.Context, appid string) (version, error) {
	var v version
	zip, clean, err := packed(b.dir)
	if err != nil {
		return v, err
	}
	defer clean()
	maker := program{b.house.maker, appid}
	if err := b.sendOnce(ctx, b.house.maker, zip, appid, url.Values{"note": {"plaza mp dev"}}, &v); err != nil {
		return v, err
	}
	at := maker.path("/versions/" + strconv.Itoa(v.Number))
	post := func(who *server, path string, body any) error {
		return who.do(ctx, call{method: http.MethodPost, path: path, body: body}, nil)
	}
	// Bytes that come back are a version that has been there before.
	switch v.State {
	case "released":
		return v, nil
	case "superseded", "rolled_back":
		return v, post(maker.server, at+"/rollback", map[string]string{"reason": "The folder is as it was."})
	case "approved":
	default:
		id, err := b.submit(ctx, maker, v)
		if err == nil {
			err = post(b.house.reviewer, "/api/reviews/"+id+"/claim", nil)
		}
		if err == nil {
			err = post(b.house.reviewer, at+"/approve", nil)
		}
		if err != nil {
			return v, err
		}
	}
	return v, post(maker.server, at+"/release", map[string]int{"percent": 100})
}

// submit is the id of the version's review, which may have been asked for before.
func (b *workbench) submit(ctx context.Context, maker program, v version) (string, error) {
	if v.State == "in_review" {
		var q queue
		err := maker.do(ctx, call{method: http.MethodGet, path: maker.path("/review")}, &q)
		if err != nil || q.Review == nil {
			return "", err
		}
		return q.Review.ID, nil
	}
	var review struct {
		ID string `json:"id"`
	}
	err := maker.do(ctx, call{
		method: http.MethodPost, path: maker.path(fmt.Sprintf("/versions/%d/submit", v.Number)),
		body: map[string]string{"notes": "plaza mp dev"},
	}, &review)
	return review.ID, err
}

// listen tells the program's log on the terminal and on the page, once for each appid.
func (b *workbench) listen(ctx context.Context, appid string) {
	if b.following == appid {
		return
	}
	b.following = appid
	maker := program{b.house.maker, appid}
	b.house.working.Go(func() {
		err := maker.follow(ctx, url.Values{}, func(lines []line) error {
			for _, one := range lines {
				b.say("%s", logLine(b.paint(b.Err), one))
				b.house.tell(news{Kind: "log", Line: &one, At: one.At})
			}
			return nil
		})
		if ctx.Err() == nil {
			b.say("The log ended: %v", err)
		}
	})
}

// browseTo opens the page in whatever the desktop calls a browser.
func browseTo(address string) {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	command := exec.Command(name, args...) //nolint:gosec // the address is ours
	if command.Start() == nil {
		go func() { _ = command.Wait() }() // the address is on the terminal as well
	}
}
