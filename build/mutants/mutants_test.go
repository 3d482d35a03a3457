package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

func TestEveryGuardStandsInItsFileOnce(t *testing.T) {
	names := map[string]bool{}
	for _, m := range guards() {
		if m.Guard == "" || names[m.Guard] {
			t.Errorf("%q names no guard, or two: a table with it twice tells nobody which was deleted", m.Guard)
		}
		names[m.Guard] = true
		text, err := m.text(root)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), m.File, text, 0); err != nil {
			t.Errorf("without %q the file is no Go: %v", m.Guard, err)
		}
	}
}

func TestEveryTestOfAGuardIsThere(t *testing.T) {
	rooms := map[string]map[string]bool{}
	for _, m := range guards() {
		if rooms[m.room()] == nil {
			rooms[m.room()] = testsIn(t, filepath.Join(root, m.room()))
		}
		if !rooms[m.room()][m.Test] {
			t.Errorf("there is no %s, which is to fail without the guard %q: nothing would tell when it is gone", m.named(), m.Guard)
		}
	}
}

// testsIn are the names of the tests in a folder.
func testsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no tests in %s (%v)", dir, err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

func TestTheTableInTheDescriptionIsTheListOfGuards(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(sectionFile)))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := withSection(string(raw), guards()); err != nil || want != string(raw) {
		t.Errorf("%s tells of other guards than the list (%v): run `go run ./build/mutants -doc`", sectionFile, err)
	}
}

func TestOnlyACheckThatFailedKillsAMutant(t *testing.T) {
	const name = "TestX"
	for said, want := range map[string]verdict{
		"=== RUN   TestX\n    x_test.go:3: had 2, want 1\n--- FAIL: TestX (0.00s)\nFAIL\n":        killed,
		"=== RUN   TestX\n--- PASS: TestX (0.00s)\nPASS\n":                                        passed,
		"testing: warning: no tests to run\nPASS\n":                                               noTest,
		"=== RUN   TestX\n--- FAIL: TestX (0.00s)\npanic: index out of range [recovered]\n":       panicked,
		"=== RUN   TestX\nfatal error: all goroutines are asleep - deadlock!\n":                   panicked,
		"=== RUN   TestX\npanic: test timed out after 2m0s\n\trunning tests:\n\t\tTestX (2m0s)\n": tooLong,
		"=== RUN   TestX\n": gaveUp,
		"=== RUN   TestXY\n--- FAIL: TestXY (0.00s)\nFAIL\n":                                                       gaveUp,
		"=== RUN   TestX\n=== RUN   TestX/sub\n    --- FAIL: TestX/sub (0.00s)\n--- FAIL: TestX (0.00s)\nFAIL\n":   killed,
		"=== RUN   TestX\n    x.go:1: the adapter said: panic: as scripted\n--- PASS: TestX (0.00s)\nPASS\nok\n":   passed,
		"=== RUN   TestX\n    x.go:1: level=ERROR panic=\"index\"\n--- FAIL: TestX (0.01s)\nFAIL\nexit status 1\n": killed,
		"=== RUN   TestX\n    x.go:1: testing: warning: no tests to run\n--- FAIL: TestX (0.01s)\nFAIL\n":          killed,
		"=== RUN   TestX\n--- FAIL: TestX (0.01s)\n    panic: said by a helper process\nFAIL\n":                    killed,
	} {
		if had := read(said, name); had != want {
			t.Errorf("had %s, want %s of:\n%s", had, want, said)
		}
	}
}

func TestTheDescriptionKeepsWhatStandsAroundTheTable(t *testing.T) {
	one := []mutant{{Guard: "a guard", File: "room/file.go", Test: "TestIt"}}
	const plain = "// Package node wires.\npackage node\n"
	first, err := withSection(plain, one)
	if err != nil || !strings.HasPrefix(first, "// Package node wires.\n//\n"+sectionBegins) || !strings.HasSuffix(first, "//\ta guard\n//\t\troom/file.go  room.TestIt\npackage node\n") {
		t.Fatalf("had %v and\n%s", err, first)
	}
	if again, err := withSection(first, one); err != nil || again != first {
		t.Errorf("written twice it is (%v)\n%s\nwant it as it was", err, again)
	}
	if none, err := withSection(first, nil); err != nil || strings.Contains(none, "TestIt") {
		t.Errorf("without guards it is (%v)\n%s", err, none)
	}
}
