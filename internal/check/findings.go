package check

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/weapp"
)

const (
	// maxFindings is how many findings a report keeps.
	maxFindings = weapp.MaxFindings
	// maxMessage is how many bytes of what an author wrote get into one finding.
	maxMessage = 300
)

// findings collects what is wrong with a package.
type findings struct {
	list    []weapp.Finding
	perCode map[string]int
	dropped int
}

// maxPerCode keeps one mistake that stands in every line from hiding all the others.
const maxPerCode = 100

func (f *findings) add(severity, code, file string, line, column int, format string, args ...any) {
	f.take(weapp.Finding{File: file, Line: line, Column: column, Severity: severity, Code: code, Message: fmt.Sprintf(format, args...)})
}

// take adds findings that others made.
func (f *findings) take(list ...weapp.Finding) {
	if f.perCode == nil {
		f.perCode = map[string]int{}
	}
	for _, one := range list {
		if f.perCode[one.Code]++; f.perCode[one.Code] > maxPerCode {
			f.dropped++
			continue
		}
		one.Message = short(one.Message, maxMessage)
		f.list = append(f.list, one)
	}
}

func (f *findings) fail(code, file string, at spot, format string, args ...any) {
	f.add(weapp.SeverityError, code, file, at.line, at.column, format, args...)
}

func (f *findings) warn(code, file string, at spot, format string, args ...any) {
	f.add(weapp.SeverityWarning, code, file, at.line, at.column, format, args...)
}

// refused takes what the archive or the compiler refuses as a whole, so that an author reads every "no" in the
// same place. It is false for another error.
func (f *findings) refused(err error) bool {
	var no *refusal.Refusal
	if !errors.As(err, &no) {
		return false
	}
	file, _ := no.Details["file"].(string)
	message := no.Message
	if limit, ok := no.Details["limit"]; ok {
		message += fmt.Sprintf(" The limit is %v.", limit)
	}
	if detail, ok := no.Details["detail"].(string); ok {
		message += " (" + detail + ")"
	}
	f.fail(no.Code, short(file, weapp.MaxPathBytes), spot{}, "%s", message)
	return true
}

func (f *findings) has(code, file string) bool {
	return slices.ContainsFunc(f.list, func(one weapp.Finding) bool { return one.Code == code && one.File == file })
}

// sorted is what was found by file and position, each thing once. When there is too much, warnings go first.
func (f *findings) sorted() []weapp.Finding {
	slices.SortStableFunc(f.list, func(a, b weapp.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
	list := slices.Compact(f.list)
	if over := len(list) - maxFindings; over > 0 {
		f.dropped += over
		for i := len(list) - 1; i >= 0 && over > 0; i-- {
			if list[i].Severity != weapp.SeverityError {
				list = slices.Delete(list, i, i+1)
				over--
			}
		}
		list = list[:maxFindings]
	}
	if f.dropped > 0 {
		list = append(list, weapp.Finding{
			Severity: weapp.SeverityWarning, Code: "more_findings", Message: fmt.Sprintf("%d more findings are not listed.", f.dropped),
		})
	}
	if list == nil {
		list = []weapp.Finding{}
	}
	return list
}

// short is at most limit bytes of a text, cut between characters.
func short(text string, limit int) string {
	if len(text) <= limit {
		return strings.ToValidUTF8(text, "?")
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return strings.ToValidUTF8(text[:limit], "?") + "…"
}

// spot is a line and a column, counted from 1; zeros are unknown.
type spot struct{ line, column int }

// lines finds the spots of offsets in one text.
type lines struct {
	text   string
	starts []int
}

func newLines(text string) *lines {
	starts := []int{0}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return &lines{text: text, starts: starts}
}

// at is where the byte at offset stands. Columns count characters.
func (l *lines) at(offset int) spot {
	offset = min(max(offset, 0), len(l.text))
	line, found := slices.BinarySearch(l.starts, offset)
	if !found {
		line--
	}
	from := l.starts[line]
	// The column of something far out in a minified line is no use, and counting there adds up.
	if offset-from > 10_000 {
		return spot{line: line + 1, column: offset - from + 1}
	}
	return spot{line: line + 1, column: utf8.RuneCountInString(l.text[from:offset]) + 1}
}
