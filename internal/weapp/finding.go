package weapp

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
)

// report collects findings; it is safe for use by many goroutines.
type report struct {
	mu       sync.Mutex
	prefix   string // what stands before a path of the project in the upload
	findings []Finding
	dropped  int
}

// place is a position in a file, counted from 1; zeros are unknown.
type place struct {
	file         string
	line, column int
}

func (r *report) add(severity, code string, at place, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.findings) >= MaxFindings {
		r.dropped++
		if severity != SeverityError {
			return
		}
		// An error must never get lost behind warnings: it takes the place of the last finding.
		r.findings = r.findings[:MaxFindings-1]
	}
	r.findings = append(r.findings, Finding{
		File: r.prefix + at.file, Line: at.line, Column: at.column,
		Severity: severity, Code: code, Message: fmt.Sprintf(format, args...),
	})
}

func (r *report) fail(code string, at place, format string, args ...any) {
	r.add(SeverityError, code, at, format, args...)
}

// full says whether the list has no room for warnings any more. Where something stands is searched for, which
// costs as much as the file is long, so nobody does it for what is only counted.
func (r *report) full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.findings) >= MaxFindings
}

// warn reports what may be wrong. Of libraries nobody wants to hear that: the author cannot change them.
func (r *report) warn(code string, at place, format string, args ...any) {
	if isLibrary(at.file) {
		return
	}
	r.add(SeverityWarning, code, at, format, args...)
}

// sorted is what was found, by file and position, each thing once.
func (r *report) sorted() []Finding {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dropped > 0 {
		r.findings = append(r.findings, Finding{
			Severity: SeverityWarning, Code: "more_findings",
			Message: fmt.Sprintf("%d more findings are not listed.", r.dropped),
		})
		r.dropped = 0
	}
	slices.SortStableFunc(r.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
	r.findings = slices.Compact(r.findings)
	return r.findings
}

// position is where the byte at offset stands in source.
func position(file string, source string, offset int) place {
	at := place{file: file, line: 1, column: 1}
	for _, c := range source[:min(max(offset, 0), len(source))] {
		if c == '\n' {
			at.line, at.column = at.line+1, 1
		} else {
			at.column++
		}
	}
	return at
}

// lineStarts is where the lines of a text begin.
func lineStarts(source string) []int {
	starts := []int{0}
	for i := range len(source) {
		if source[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}
