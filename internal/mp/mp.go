// Package mp is `plaza mp`, the creator's command line: it makes a project, checks it, runs it, publishes it.
//
// The idea: everything the console can do for a creator, a script can do too, by the same routes and with the
// same answers. The command knows no database and no secret of the server; what it may do is what the signed-in
// person, or the upload key, may do. The invariants: standard output holds the result and nothing else (with
// --json one JSON document, or one a line for logs -f), everything for a person's eyes goes to standard error,
// and the exit code says which kind of "no" it was.
package mp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// Exit codes.
const (
	ExitOK       = 0 // done
	ExitFindings = 1 // the package has errors
	ExitUsage    = 2 // a wrong flag or argument, or something on this machine
	ExitServer   = 3 // the server was not reached, or does not know who this is
	ExitRefused  = 4 // the server knows who this is and says no
)

// Register binds the domains to an app, as main does for the real server; dev needs it for its own server.
type Register func(app core.App)

// Streams are what a run reads from and writes to.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Main runs the command on this process's streams until it ends or ctx does, and answers the exit code.
func Main(ctx context.Context, register Register, args []string) int {
	return Run(ctx, register, Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, args)
}

// Run is Main with streams of its own.
func Run(ctx context.Context, register Register, streams Streams, args []string) int {
	t := &tool{Streams: streams, register: register}
	root := &cobra.Command{Use: "plaza", SilenceErrors: true, SilenceUsage: true}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(t.command())
	root.SetArgs(append([]string{"mp"}, args...))
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	return t.end(root.ExecuteContext(ctx))
}

// Command is the command for a list of commands. Run does the work: the exit code is its.
func Command(register Register) *cobra.Command {
	t := &tool{Streams: Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, register: register}
	return t.command()
}

// tool is one run: its streams and the flags that every command has.
type tool struct {
	Streams
	register Register
	json     bool
	address  string // --server
	keyFile  string // --key
	appid    string // --appid
	project  string // --project

	saying sync.Mutex // dev speaks of saves and of logs at once
}

func (t *tool) command() *cobra.Command {
	command := &cobra.Command{
		Use:   "mp",
		Short: "Make, check, run and publish mini programs",
		Long: "Make, check, run and publish mini programs.\n\n" +
			"  plaza mp init hello --template app     a project to begin with\n" +
			"  plaza mp dev hello                     runs it; reloads on every save\n" +
			"  plaza mp check hello                   what the server will say of it\n" +
			"  plaza mp login --server URL --email …  once for each server\n" +
			"  cd hello && plaza mp upload && plaza mp submit latest\n\n" +
			"Exit codes: 0 done, 1 the package has errors, 2 wrong usage or a problem on this machine,\n" +
			"3 the server was not reached or does not know you, 4 the server refused.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	flags := command.PersistentFlags()
	flags.BoolVar(&t.json, "json", false, "one JSON document on standard output, words on standard error")
	flags.StringVar(&t.address, "server", "", "the server (default: $PLAZA_SERVER, or the one of the last login)")
	flags.StringVar(&t.keyFile, "key", "", "file with an upload key, instead of a login (or the key itself in $PLAZA_KEY); also --pkp, --private-key-path")
	flags.StringVar(&t.appid, "appid", "", "the program (default: app_id of the project's manifest.json)")
	flags.StringVarP(&t.project, "project", "p", ".", "the project's folder; also --pp, --project-path")
	upload := t.uploadCommand()
	command.SetGlobalNormalizationFunc(likeCI)
	command.AddCommand(
		t.initCommand(), t.devCommand(), t.checkCommand(), t.buildCommand(), t.loginCommand(), t.logoutCommand(),
		upload, t.submitCommand(), t.withdrawCommand(), t.releaseCommand(), t.unscheduleCommand(),
		t.rollbackCommand(), t.statusCommand(), t.logsCommand(), t.qrCommand(),
	)
	upload.Flags().SetNormalizeFunc(likeUpload)
	return command
}

// likeCI lets scripts that were written for miniprogram-ci keep their flags where they mean the same.
func likeCI(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "pp", "project-path":
		name = "project"
	case "pkp", "private-key-path":
		name = "key"
	}
	return pflag.NormalizedName(name)
}

// likeUpload is likeCI with the flags of its upload.
func likeUpload(flags *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "uv", "version":
		name = "upload-version"
	case "ud", "upload-description", "desc":
		name = "note"
	}
	return likeCI(flags, name)
}

// failure is why a run ends with another code than 0, and what to do about it.
type failure struct {
	exit    int
	code    string // stable machine word
	message string
	next    string // what to do next, a sentence; may be empty
	data    map[string]any
	told    bool // the findings are on the screen already
}

func (f *failure) Error() string { return f.message }

func wrong(exit int, code, next, format string, args ...any) *failure {
	return &failure{exit: exit, code: code, next: next, message: fmt.Sprintf(format, args...)}
}

// end says what went wrong and gives the exit code.
func (t *tool) end(err error) int {
	if err == nil {
		return ExitOK
	}
	var f *failure
	if !errors.As(err, &f) {
		f = wrong(ExitUsage, "usage", "plaza mp --help shows the commands and their flags.", "%v", err)
	}
	if errors.Is(err, context.Canceled) {
		f = wrong(ExitUsage, "interrupted", "", "Interrupted.")
	}
	if f.told {
		return f.exit
	}
	if t.json {
		answer := map[string]any{"code": f.code, "message": f.message}
		if f.next != "" {
			answer["next"] = f.next
		}
		if len(f.data) > 0 {
			answer["data"] = f.data
		}
		if err := t.document(map[string]any{"error": answer}); err != nil {
			fmt.Fprintln(t.Err, err)
		}
		return f.exit
	}
	paint := t.paint(t.Err)
	t.say("%s", paint.red("plaza mp: ")+f.message)
	if f.next != "" {
		t.say("%s", "  "+f.next)
	}
	return f.exit
}

// document writes the one JSON document of a run.
func (t *tool) document(v any) error {
	encoder := json.NewEncoder(t.Out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// say tells a person something; it never gets between a script and its result.
func (t *tool) say(format string, args ...any) {
	t.saying.Lock()
	defer t.saying.Unlock()
	fmt.Fprintf(calm{t.Err}, format+"\n", args...)
}

// print writes a line of the result.
func (t *tool) print(format string, args ...any) { fmt.Fprintf(calm{t.Out}, format+"\n", args...) }

// palette colours words on a terminal, and leaves them alone elsewhere.
type palette bool

func (t *tool) paint(out io.Writer) palette {
	return palette(isTerminal(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

func (p palette) with(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p palette) red(text string) string    { return p.with("31;1", text) }
func (p palette) yellow(text string) string { return p.with("33", text) }
func (p palette) green(text string) string  { return p.with("32", text) }
func (p palette) bold(text string) string   { return p.with("1", text) }
func (p palette) dim(text string) string    { return p.with("2", text) }

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
