package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
)

// A sample is what several runs of one measurement gave.
type sample []float64

func (s sample) median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

func (s sample) MarshalJSON() ([]byte, error) {
	if len(s) == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(struct {
		Median float64   `json:"median"`
		Min    float64   `json:"min"`
		Max    float64   `json:"max"`
		Runs   []float64 `json:"runs"`
	}{s.median(), slices.Min(s), slices.Max(s), s})
}

func (s sample) String() string {
	if len(s) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.4g (%.4g–%.4g)", s.median(), slices.Min(s), slices.Max(s))
}

// A row is one measured thing next to its yardstick.
type row struct {
	What      string  `json:"what"`
	Unit      string  `json:"unit"`
	Parley    sample  `json:"parley"`
	Yardstick string  `json:"yardstick"`
	Bare      sample  `json:"bare"`
	Ratio     float64 `json:"ratio"`
	Goal      string  `json:"goal"`
}

// judged returns the row with the ratio of its medians.
func (r row) judged() row {
	if bare := r.Bare.median(); bare != 0 {
		r.Ratio = r.Parley.median() / bare
	}
	return r
}

// report prints what was measured, or passes on why it was not.
func (cli *commandLine) report(rows []row, err error) error {
	if err != nil {
		return err
	}
	return write(os.Stdout, cli.JSON, rows)
}

func write(w io.Writer, asJSON bool, rows []row) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rows)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "what\tunit\tparley: median (min–max)\tyardstick\tits median (min–max)\tratio\tgoal")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%v\t%s\t%v\t%.2f\t%s\n", r.What, r.Unit, r.Parley, r.Yardstick, r.Bare, r.Ratio, r.Goal)
	}
	return table.Flush()
}
