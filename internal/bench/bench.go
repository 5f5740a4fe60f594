// Package bench measures what Plaza claims, each figure as a ratio against a peer or a limit in the same run,
// because machines are noisy and seconds alone say little. It is run by `plaza bench`, never as a test.
//
// Everything happens on the loopback of this machine, in temporary folders, with a bounded number of requests.
package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/pocketbase/pocketbase/core"
)

// Row is one measured figure, a member of bench/latest.json.
type Row struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Peer   string  `json:"peer"`   // what it is compared with, and the peer's own figure
	Ratio  float64 `json:"ratio"`  // value against the peer or the limit
	Target string  `json:"target"` // what the ratio must be
	OK     bool    `json:"ok"`
}

// Register binds the domains to an app, as main does for the real server.
type Register func(app core.App)

// Run measures everything, prints a table on out and writes the rows to file.
func Run(register Register, file string, out io.Writer) error {
	var rows []Row
	for _, measure := range []struct {
		name string
		run  func(Register) ([]Row, error)
	}{
		{"prices", prices},
		{"purchases", purchases},
		{"postings", postings},
		{"program calls", programCalls},
		{"functions a second", functionRates},
		{"hostile functions", hostility},
		{"documents", documents},
		{"files", files},
		{"compilations", compiles},
		{"uploads", uploads},
		{"the store", stores},
		{"nearby", around},
		{"figures", figuresRows},
		{"leaderboards", boards},
		{"codes", codes},
		{"expiry of points", expiries},
		{"the proof", proofs},
		{"binary", binary},
	} {
		fmt.Fprintf(out, "measuring %s …\n", measure.name)
		measured, err := measure.run(register)
		if err != nil {
			return fmt.Errorf("measure %s: %w", measure.name, err)
		}
		rows = append(rows, measured...)
	}
	print(out, rows)
	return write(file, rows)
}

func print(out io.Writer, rows []Row) {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "what\tvalue\tunit\tagainst\tratio\ttarget\t")
	for _, r := range rows {
		mark := "ok"
		if !r.OK {
			mark = "MISSED"
		}
		fmt.Fprintf(table, "%s\t%.4g\t%s\t%s\t%.2f\t%s\t%s\n", r.Name, r.Value, r.Unit, r.Peer, r.Ratio, r.Target, mark)
	}
	table.Flush()
}

func write(file string, rows []Row) error {
	data, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}

// atLeast is a row whose ratio must not be below the target.
func atLeast(name string, value float64, unit, peer string, ratio, target float64) Row {
	return Row{Name: name, Value: value, Unit: unit, Peer: peer, Ratio: ratio, Target: fmt.Sprintf("≥ %g", target), OK: ratio >= target}
}

// atMost is a row whose ratio must not be above the target.
func atMost(name string, value float64, unit, peer string, ratio, target float64) Row {
	return Row{Name: name, Value: value, Unit: unit, Peer: peer, Ratio: ratio, Target: fmt.Sprintf("≤ %g", target), OK: ratio <= target}
}
