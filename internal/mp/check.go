package mp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/weapp"
)

// policyLimit is how many bytes a policy may have.
const policyLimit = 1 << 20

func (t *tool) checkCommand() *cobra.Command {
	var policy string
	var strict bool
	command := &cobra.Command{
		Use:   "check [DIR|ZIP]",
		Short: "Say what the server will say of a project, without a server",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return t.check(c.Context(), t.target(args), policy, strict)
		},
	}
	command.Flags().StringVar(&policy, "policy", "", "file or URL of the rules to apply (default: the built-in ones; with --server, that server's)")
	command.Flags().BoolVar(&strict, "strict", false, "warnings count as errors")
	return command
}

// target is the folder or zip that the command is about.
func (t *tool) target(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return t.project
}

func (t *tool) check(ctx context.Context, target, policyAt string, strict bool) error {
	policy, err := t.policy(ctx, policyAt)
	if err != nil {
		return err
	}
	zip, clean, err := packed(target)
	if err != nil {
		return err
	}
	defer clean()
	report, err := inspect(ctx, zip, t.appid, policy, "")
	if err != nil {
		return err
	}
	return t.tell(report, policy.Limits, strict)
}

// tell gives the report and ends the run by it.
func (t *tool) tell(report check.Report, limits check.Limits, strict bool) error {
	if t.json {
		if err := t.document(report); err != nil {
			return err
		}
	} else {
		writeReport(calm{t.Out}, t.paint(t.Out), report, limits)
	}
	if report.Failed() || strict && count(report.Findings, weapp.SeverityWarning) > 0 {
		return &failure{exit: ExitFindings, code: "package_invalid", told: true}
	}
	return nil
}

// policy is the rules that the check applies.
func (t *tool) policy(ctx context.Context, at string) (check.Policy, error) {
	var source []byte
	var err error
	switch {
	case strings.HasPrefix(at, "http://") || strings.HasPrefix(at, "https://"):
		source, err = fetch(ctx, at)
	case at != "":
		source, err = os.ReadFile(at)
		if err != nil {
			err = wrong(ExitUsage, "no_policy", "", "%v", err)
		}
	case t.address != "":
		source, err = fetch(ctx, strings.TrimRight(t.address, "/")+"/api/store/policy")
	default:
		return check.Default(), nil
	}
	if err != nil {
		return check.Policy{}, err
	}
	policy, err := check.ParsePolicy(source)
	if err != nil {
		return policy, wrong(ExitUsage, "bad_policy", "A server's own policy is at /api/store/policy.", "The policy cannot be used: %v", err)
	}
	return policy, nil
}

func (t *tool) buildCommand() *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:   "build [DIR]",
		Short: "Check a project and write its package, its compiled bundle and the report to a folder",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return t.build(c.Context(), t.target(args), out)
		},
	}
	command.Flags().StringVarP(&out, "out", "o", "", "a folder for package.zip, bundle.zip and report.json, or a name that ends in .zip for the package alone")
	return command
}

// built is what build answers with --json.
type built struct {
	Package string       `json:"package"`
	Bundle  string       `json:"bundle,omitempty"`
	Report  check.Report `json:"report"`
}

func (t *tool) build(ctx context.Context, target, out string) error {
	if out == "" {
		return wrong(ExitUsage, "no_out", "For example: plaza mp build -o build", "Say where to: -o DIR or -o FILE.zip.")
	}
	if within(target, out) {
		return wrong(ExitUsage, "bad_out", "Write elsewhere, or to a folder whose name begins with a dot: -o .build",
			"%s is in the project and would go into its next package.", out)
	}
	zip, clean, err := packed(target)
	if err != nil {
		return err
	}
	defer clean()
	done := built{Package: out}
	if !strings.HasSuffix(out, ".zip") {
		if err := os.MkdirAll(out, 0o755); err != nil {
			return wrong(ExitUsage, "cannot_write", "", "%v", err)
		}
		done.Package, done.Bundle = filepath.Join(out, "package.zip"), filepath.Join(out, "bundle.zip")
	}
	policy := check.Default()
	if done.Report, err = inspect(ctx, zip, t.appid, policy, done.Bundle); err != nil {
		return err
	}
	if done.Report.Failed() {
		return t.tell(done.Report, policy.Limits, false)
	}
	if err := t.keep(zip, done); err != nil {
		return wrong(ExitUsage, "cannot_write", "", "%v", err)
	}
	if t.json {
		return t.document(done)
	}
	writeReport(calm{t.Err}, t.paint(t.Err), done.Report, policy.Limits)
	t.print("%s", done.Package)
	if done.Bundle != "" {
		t.print("%s", done.Bundle)
	}
	return nil
}

// within says whether what is written to out would be packed with the project.
func within(project, out string) bool {
	from, err := filepath.Abs(project)
	if err != nil {
		return false
	}
	to, err := filepath.Abs(out)
	if err != nil {
		return false
	}
	way, err := filepath.Rel(from, to)
	return err == nil && (way == "." || !strings.HasPrefix(way, ".")) && !strings.Contains(way, string(filepath.Separator)+".")
}

// keep writes what build is for: the package, and the report beside the bundle.
func (t *tool) keep(zip string, done built) error {
	if err := copyFile(zip, done.Package); err != nil || done.Bundle == "" {
		return err
	}
	file, err := os.Create(filepath.Join(filepath.Dir(done.Bundle), "report.json"))
	if err != nil {
		return err
	}
	to := &tool{Streams: Streams{Out: file}}
	return errors.Join(to.document(done.Report), file.Close())
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	return nil
}
