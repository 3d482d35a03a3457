package main

import (
	"regexp"
	"strings"
)

// verdict is how the test of a mutant ended.
type verdict string

// Only killed is what is wanted of a mutant, and passed of the code as it is.
const (
	killed   verdict = "killed"
	passed   verdict = "passed"
	survived verdict = "SURVIVED"
	panicked verdict = "PANICKED"
	tooLong  verdict = "TOO LONG"
	noTest   verdict = "NO SUCH TEST"
	noBuild  verdict = "DOES NOT COMPILE"
	noText   verdict = "TEXT NOT FOUND"
	red      verdict = "RED BEFORE"
	gaveUp   verdict = "NOT RUN"
)

var (
	nothingRan = regexp.MustCompile(`(?m)^testing: warning: no tests to run$`)
	outOfTime  = regexp.MustCompile(`(?m)^panic: test timed out after `)
	ranOff     = regexp.MustCompile(`(?m)^(panic: |fatal error: |SIG[A-Z]+: )`)
)

// read tells from what a test binary said, run for one test, how that test ended. A panic that takes the test down is no
// check that failed: it may have nothing to do with what the test is about.
func read(said, test string) verdict {
	switch {
	case nothingRan.MatchString(said):
		return noTest
	case outOfTime.MatchString(said):
		return tooLong
	case ranOff.MatchString(said):
		return panicked
	case ended(said, "FAIL", test):
		return killed
	case ended(said, "PASS", test):
		return passed
	}
	return gaveUp
}

func ended(said, how, test string) bool {
	return strings.Contains("\n"+said, "\n--- "+how+": "+test+" (")
}
