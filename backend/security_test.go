package backend_test

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The checklist has so many items, of which at least so many have to be proven.
const (
	allItems  = 165
	leastHeld = 120
)

// securityItem is one line of the checklist.
type securityItem struct {
	id, state, says string
	// proofs are the tests: a folder or file, and a name in it.
	proofs [][2]string
}

// securityItems reads the table; what it says about itself stands on top of it.
func securityItems(t *testing.T) (groups map[string]int, items []securityItem) {
	t.Helper()
	text, err := os.ReadFile("testdata/security.txt")
	if err != nil {
		t.Fatal(err)
	}
	groups = map[string]int{}
	for n, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case words[0] == "items":
			for _, group := range words[1:] {
				if groups[group[:1]], err = strconv.Atoi(group[1:]); err != nil {
					t.Fatalf("line %d: %v", n+1, err)
				}
			}
		case line[0] != ' ':
			if len(words) < 3 {
				t.Fatalf("line %d: want id, state and what holds, had %q", n+1, line)
			}
			items = append(items, securityItem{id: words[0], state: words[1], says: strings.Join(words[2:], " ")})
		case len(items) == 0:
			t.Fatalf("line %d belongs to no item: %q", n+1, line)
		default:
			last := &items[len(items)-1]
			for _, name := range proofNames(line) {
				last.proofs = append(last.proofs, [2]string{words[0], name})
			}
		}
	}
	return groups, items
}

// quoted is a word, or a name of several in quotes.
var quoted = regexp.MustCompile(`"([^"]+)"|(\S+)`)

// proofNames are the names behind the folder or file of a line.
func proofNames(line string) (names []string) {
	for _, m := range quoted.FindAllStringSubmatch(line, -1)[1:] {
		names = append(names, m[1]+m[2])
	}
	return names
}

func TestEverySecurityItemStandsInTheTableOnce(t *testing.T) {
	groups, items := securityItems(t)
	wanted := map[string]bool{}
	for group, count := range groups {
		for n := range count {
			wanted[fmt.Sprint(group, n+1)] = true
		}
	}
	if len(wanted) != allItems {
		t.Fatalf("the table counts %d items, want %d: the checklist has no more and no less", len(wanted), allItems)
	}
	held := 0
	for _, item := range items {
		if !wanted[item.id] {
			t.Errorf("%s is no item of the checklist, or stands there twice", item.id)
		}
		delete(wanted, item.id)
		switch {
		case item.state == "open" && len(item.proofs) > 0:
			t.Errorf("%s is open and names tests: say what holds, or leave them out", item.id)
		case item.state == "held" && len(item.proofs) == 0:
			t.Errorf("%s is said to hold and no test proves it", item.id)
		case item.state == "held":
			held++
		case item.state != "open":
			t.Errorf("%s is %q, want held or open", item.id, item.state)
		}
	}
	for id := range wanted {
		t.Errorf("%s is missing: an item without a line is one that nobody looks at", id)
	}
	if held < leastHeld {
		t.Errorf("%d items hold, want at least %d", held, leastHeld)
	}
}

func TestEverySecurityItemIsProvenByTestsThatExist(t *testing.T) {
	_, items := securityItems(t)
	known := map[string]map[string]bool{}
	for _, item := range items {
		for _, proof := range item.proofs {
			where, name := proof[0], proof[1]
			if known[where] == nil {
				known[where] = provenIn(t, where)
			}
			if !known[where][name] {
				t.Errorf("%s is proven by %q in %s, which is not there: an item that nothing proves does not hold", item.id, name, where)
			}
		}
	}
}

// provenIn are the names of the tests of a folder with Go files, of a file of the front end, or of the steps of a script.
func provenIn(t *testing.T, where string) map[string]bool {
	t.Helper()
	path := filepath.Join("..", where)
	switch filepath.Ext(where) {
	case ".ts":
		return matchesIn(t, path, regexp.MustCompile("(?m)^\\s*(?:it|test)(?:\\.each\\([^`]*?\\))?\\(\\s*['\"`](.+?)['\"`],"))
	case ".sh":
		return matchesIn(t, path, regexp.MustCompile(`(?m)^\s*step "([^"]+)"`))
	}
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(path, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests (%v)", where, err)
	}
	// A test that no run of the whole compiles proves nothing.
	system := build.Default
	system.GOOS, system.CgoEnabled, system.BuildTags = "linux", true, []string{"sqlite_fts5", "sqlite_omit_load_extension"}
	for _, file := range files {
		if runs, err := system.MatchFile(filepath.Split(file)); err != nil || !runs {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

func matchesIn(t *testing.T, path string, pattern *regexp.Regexp) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
		names[m[1]] = true
	}
	return names
}
