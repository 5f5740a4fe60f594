package mp

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/weapp"
)

// largestShown is how many of the largest files a report lists.
const largestShown = 3

// refusedHere turns a refusal of the checks into a failure; data.code keeps its word.
func refusedHere(err error) error {
	var no *refusal.Refusal
	if !errors.As(err, &no) {
		return err
	}
	return &failure{exit: ExitFindings, code: no.Code, message: no.Message, data: no.Details}
}

// writeReport tells a person what the check found, file by file.
func writeReport(out io.Writer, paint palette, r check.Report, limits check.Limits) {
	fmt.Fprintln(out, paint.bold(title(r)))
	writeFindings(out, paint, r.Findings)
	writeUses(out, paint, r.Uses)
	writeSizes(out, paint, r.Sizes, limits)
	fmt.Fprintln(out)
	fmt.Fprintln(out, verdict(paint, r.Findings))
}

func title(r check.Report) string {
	name := cmp.Or(r.Manifest.AppID, "(no appid)")
	if r.Manifest.Version.Name != "" {
		name += " " + r.Manifest.Version.Name
	}
	if r.Kind == "" {
		return name
	}
	return name + ", " + map[string]string{
		check.KindApp: "an app", check.KindGame: "a game", check.KindWeb: "a web program",
	}[r.Kind]
}

func writeFindings(out io.Writer, paint palette, findings []weapp.Finding) {
	ordered := slices.Clone(findings)
	slices.SortStableFunc(ordered, func(a, b weapp.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	file := "\x00"
	for _, f := range ordered {
		if f.File != file {
			file = f.File
			fmt.Fprintf(out, "\n%s\n", paint.bold(cmp.Or(file, "(the package)")))
		}
		severity := paint.yellow("warning")
		if f.Severity == weapp.SeverityError {
			severity = paint.red("error  ")
		}
		fmt.Fprintf(out, "  %-8s %s  %s  %s\n", position(f), severity, f.Message, paint.dim(f.Code))
	}
}

// position is where a finding stands, as editors read it.
func position(f weapp.Finding) string {
	switch {
	case f.Line == 0:
		return "-"
	case f.Column == 0:
		return fmt.Sprintf("%d", f.Line)
	}
	return fmt.Sprintf("%d:%d", f.Line, f.Column)
}

func writeUses(out io.Writer, paint palette, uses []check.Use) {
	counts := map[string]int{}
	for _, use := range uses {
		counts[use.Support]++
	}
	if len(uses) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s  %d supported, %d partial, %d missing\n",
		paint.bold("Compatibility"), counts[check.Supported], counts[check.Partial], counts[check.Missing])
	for _, support := range []string{check.Missing, check.Partial} {
		for _, use := range uses {
			if use.Support == support {
				writeUse(out, paint, use)
			}
		}
	}
}

func writeUse(out io.Writer, paint palette, use check.Use) {
	name := use.Name
	if use.Kind == "component" {
		name = "<" + name + ">"
	}
	support := paint.yellow(fmt.Sprintf("%-7s", use.Support))
	line := fmt.Sprintf("  %s  %s  %s:%d", support, name, use.File, use.Line)
	if use.Count > 1 {
		line += fmt.Sprintf(" and %d more", use.Count-1)
	}
	if use.Note != "" {
		line += "  " + paint.dim(use.Note)
	}
	fmt.Fprintln(out, line)
}

func writeSizes(out io.Writer, paint palette, s check.Sizes, limits check.Limits) {
	if s.Files == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s  package %s of %s, unpacked %s, %d files\n", paint.bold("Sizes"),
		size(s.Package), size(int64(limits.PackageBytes)), size(s.Total), s.Files)
	for _, one := range s.Subpackages {
		fmt.Fprintf(out, "  %10s  subpackage %s, %d files\n", size(one.Bytes), one.Root, one.Files)
	}
	for _, one := range s.Largest[:min(len(s.Largest), largestShown)] {
		fmt.Fprintf(out, "  %10s  %s\n", size(one.Bytes), one.File)
	}
}

func count(findings []weapp.Finding, severity string) int {
	n := 0
	for _, f := range findings {
		if f.Severity == severity {
			n++
		}
	}
	return n
}

func verdict(paint palette, findings []weapp.Finding) string {
	failed, warned := count(findings, weapp.SeverityError), count(findings, weapp.SeverityWarning)
	switch {
	case failed > 0:
		return paint.red(several(failed, "error")) + warnings(warned) + ". The server would refuse this package."
	case warned > 0:
		return paint.green("No errors") + warnings(warned) + ". Ready to upload."
	}
	return paint.green("No errors, no warnings.") + " Ready to upload."
}

func warnings(n int) string {
	if n == 0 {
		return ""
	}
	return ", " + several(n, "warning")
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// oneLine is a finding as compilers print them.
func oneLine(f weapp.Finding) string {
	parts := []string{cmp.Or(f.File, "package")}
	if f.Line > 0 {
		parts = append(parts, fmt.Sprint(f.Line))
		if f.Column > 0 {
			parts = append(parts, fmt.Sprint(f.Column))
		}
	}
	return strings.Join(parts, ":") + ": " + f.Severity + ": " + f.Message
}
