package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"text/tabwriter"
	"time"
)

// result is one mutant after it was tried.
type result struct {
	mutant
	verdict verdict
	said    string
	// compiled and ran are how long both took.
	compiled, ran time.Duration
}

// proveAll tries the tests on the code as it is, then every mutant, and prints a table. It fails when a mutant was not killed.
func proveAll(ctx context.Context, o options, all []mutant, out io.Writer) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.RemoveAll(dir); err == nil {
			err = gone
		}
	}()
	b := bench{root: o.root, dir: dir, timeout: o.timeout}
	red, err := b.asItIs(ctx, all, out)
	if err != nil {
		return err
	}
	results := make([]result, len(all))
	var work sync.WaitGroup
	var telling sync.Mutex
	next := make(chan int)
	for range o.hands {
		work.Go(func() {
			for n := range next {
				r := b.try(ctx, all[n], red)
				results[n] = r
				telling.Lock()
				tell(out, r, o.verbose)
				telling.Unlock()
			}
		})
	}
	for n := range all {
		next <- n
	}
	close(next)
	work.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return sum(o, results, time.Since(began), out)
}

// tell prints how one mutant ended. What the test said is shown when asked for, or when it was not what was wanted.
func tell(out io.Writer, r result, verbose bool) {
	fmt.Fprintf(out, "%-8s %s (compile %s, test %s)\n", r.verdict, r.Guard, r.compiled.Round(100*time.Millisecond), r.ran.Round(10*time.Millisecond))
	if verbose || r.verdict != killed {
		fmt.Fprintf(out, "    %s: %s\n%s\n", r.File, r.named(), r.said)
	}
}

// sum prints the table and writes the line of the log.
func sum(o options, results []result, took time.Duration, out io.Writer) error {
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "guard\tfile\ttest\tcompile\ttest took\t")
	alive := 0
	for _, r := range results {
		if r.verdict != killed {
			alive++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%.1f s\t%.2f s\t%s\n", r.Guard, r.File, r.named(), r.compiled.Seconds(), r.ran.Seconds(), r.verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d of %d guards cannot be deleted without a failing test; that took %s\n", len(results)-alive, len(results), took.Round(time.Second))
	if err := note(o.log, results, alive, took); err != nil {
		return err
	}
	if alive > 0 {
		return fmt.Errorf("%d of %d mutants were not killed", alive, len(results))
	}
	return nil
}

// note adds the line that the table of proofs is made of: name, volume, figures, violations.
func note(file string, results []result, alive int, took time.Duration) error {
	if file == "" {
		return nil
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	var tests []string
	for _, r := range results {
		tests = append(tests, r.named())
	}
	slices.Sort(tests)
	violations := "0"
	if alive > 0 {
		violations = fmt.Sprintf("**%d**", alive)
	}
	_, err = fmt.Fprintf(f, "Guards deleted one at a time\t%d mutants\t%d killed by %d tests, %s a mutant\t%s\n",
		len(results), len(results)-alive, len(slices.Compact(tests)), (took / time.Duration(len(results))).Round(100*time.Millisecond), violations)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}
