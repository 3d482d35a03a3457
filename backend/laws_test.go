package backend_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

const module = "hoox/"

// floors says where each room stands; a room that is not here has not been given a place yet.
var floors = map[string]int{
	"backend/trading": 0, "backend/chat": 0,
	"backend/risk": 1, "backend/ledger": 1, "backend/queue": 1, "backend/events": 1, "backend/settings": 1, "backend/disk": 1, "backend/wire": 1, "backend/tape": 1, "backend/strategy": 1, "backend/audit": 1, "backend/alarm": 1, "backend/chart": 1,
	"backend/admission": 2, "backend/execution": 2, "backend/notify": 2,
	"backend/sqlite": 3, "backend/market": 3, "backend/gateway": 3, "backend/vault": 3, "backend/vault/vaulttest": 0, "backend/objects": 3, "backend/tunnel": 3,
	"backend/telegram": 3, "backend/telegram/telegramsim": 3, "backend/telegram/telegramsim/serve": 4,
	"backend/exchange": 2, "backend/exchange/paper": 3, "backend/exchange/exchangetest": 3,
	"backend/exchange/bybit": 3, "backend/exchange/binance": 3, "backend/exchange/mexc": 3, "backend/exchange/exchangesim": 3,
	"backend/exchange/exchangesim/bybitsim": 4, "backend/exchange/exchangesim/binancesim": 4, "backend/exchange/exchangesim/mexcsim": 4, "backend/exchange/exchangesim/serve": 5,
	"backend/node": 4,
	"app":          5,
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Module     *struct{ Main bool }
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Module", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func TestRoomsImportOnlyLowerFloors(t *testing.T) {
	for _, p := range listPackages(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		if room == "hoox" || room == "backend" || strings.HasPrefix(room, "build/") {
			continue
		}
		floor, known := floors[room]
		if !known {
			t.Errorf("room %s stands on no floor: give it a place in floors, so that somebody decides what it may know", room)
			continue
		}
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			if below, ok := floors[other]; !ok || below >= floor {
				t.Errorf("%s (floor %d) imports %s (floor %d): a room knows only lower floors; declare a small interface and let node introduce the two", room, floor, other, below)
			}
		}
	}
}

func TestOutsideLibrariesStayInTheirRoom(t *testing.T) {
	// The simulators are somebody else's server: they serve what the adapters call.
	simulators := []string{"backend/exchange/exchangesim", "backend/exchange/exchangesim/bybitsim", "backend/exchange/exchangesim/binancesim",
		"backend/exchange/exchangesim/mexcsim", "backend/exchange/exchangesim/serve", "backend/telegram/telegramsim", "backend/telegram/telegramsim/serve"}
	homes := map[string][]string{
		"database/sql":                  {"backend/sqlite"},
		"github.com/mattn/go-sqlite3":   {"backend/sqlite"},
		"github.com/wailsapp/wails":     {"app"},
		"github.com/gorilla/websocket":  append([]string{"app", "backend/wire"}, simulators...),
		"github.com/shopspring/decimal": {"backend/trading"},
		// The library hands its requests over as those of net/http; the wire sends them.
		"net/http":                             append([]string{"app", "backend/gateway", "backend/wire", "backend/telegram"}, simulators...),
		"github.com/go-telegram/bot":           {"backend/telegram"},
		"github.com/alecthomas/kong":           {"app"},
		"github.com/pelletier/go-toml":         {"backend/node"},
		"golang.org/x/crypto/chacha20poly1305": {"backend/vault"},
		"golang.org/x/crypto/argon2":           {"backend/vault"},
		"github.com/zalando/go-keyring":        {"backend/vault"},
		"filippo.io/age":                       {"backend/vault"},
		"golang.org/x/crypto/ssh":              {"backend/tunnel"},
		"golang.ngrok.com":                     {"backend/tunnel"},
		"fyne.io/systray":                      {"app"},
		"github.com/godbus/dbus":               {"app"},
		"golang.org/x/term":                    {"app"},
		"github.com/pquerna/otp":               {"app"},
		"github.com/thejerf/suture":            {"backend/node"},
		"gonum.org":                            {"backend/chart"},
		"codeberg.org/go-fonts":                {"backend/chart"},
		"golang.org/x/image":                   {"backend/chart"},
		"math/rand":                            {},
	}
	for _, p := range listPackages(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			for library, allowed := range homes {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !contains(allowed, room) {
					t.Errorf("%s imports %s, which belongs to %v: what one room wraps, no other room touches", room, imported, allowed)
				}
			}
		}
	}
}

func TestSimulatorsShipInNoProgram(t *testing.T) {
	for _, p := range listPackages(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(room, "backend/exchange/exchange") || strings.HasPrefix(room, "backend/telegram/telegramsim") {
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, module+"backend/exchange/exchange") {
				t.Errorf("%s imports %s: a program that could trade at a simulated exchange by mistake would", room, imported)
			}
			if imported == module+"backend/telegram/telegramsim" {
				t.Errorf("%s imports %s: a program that could be told what to do by a simulated messenger would be", room, imported)
			}
			if imported == module+"backend/vault/vaulttest" {
				t.Errorf("%s imports %s: it is for tests, and brings their flags", room, imported)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

// source is one parsed Go file of ours.
type source struct {
	path string
	file *ast.File
	set  *token.FileSet
	test bool
	room string
}

// sources are all Go files of ours. They are read once: nobody changes them.
func sources(t *testing.T) []source {
	t.Helper()
	list, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var parsed = sync.OnceValues(func() ([]source, error) {
	var list []source
	for _, top := range []string{".", "../app"} {
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			room := filepath.ToSlash(filepath.Dir(path))
			room = strings.TrimPrefix(strings.TrimPrefix(room, "../"), "./")
			if top == "." {
				room = "backend/" + room
			}
			list = append(list, source{path, file, set, strings.HasSuffix(path, "_test.go"), room})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
})

func TestFilesAndFunctionsKeepTheirBudget(t *testing.T) {
	for _, s := range sources(t) {
		limit := 400
		if s.test {
			limit = 600
		}
		if lines := s.set.File(s.file.Pos()).LineCount(); lines > limit {
			t.Errorf("%s has %d lines, budget %d: a long file hides what it is about", s.path, lines, limit)
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || s.test {
				continue
			}
			if n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; n > 80 {
				t.Errorf("%s: %s has %d lines, budget 80", s.path, f.Name.Name, n)
			}
		}
	}
}

func TestEveryRoomSaysWhatItOwns(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		documented[s.room] = documented[s.room] || (s.file.Doc != nil && !s.test)
	}
	for room, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment: say what it owns and what it leaves to others", room)
		}
	}
}

// moneyRooms are where a float next to money would be one too many.
var moneyRooms = regexp.MustCompile(`^backend/(trading|risk|ledger|strategy|tape|admission|execution|sqlite|market|exchange.*)$`)

func TestNoFloatTouchesMoney(t *testing.T) {
	for _, s := range sources(t) {
		if !moneyRooms.MatchString(s.room) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && (id.Name == "float64" || id.Name == "float32" || id.Name == "ParseFloat") {
				t.Errorf("%s uses %s: money is decimal text end to end", s.set.Position(id.Pos()), id.Name)
			}
			return true
		})
	}
}

// bannedNames are drawers in which everything ends up.
var bannedNames = regexp.MustCompile(`(?i)^(util|utils|helper|helpers|common|types|models|manager|misc)$`)

func TestNoDrawersAndNoManagers(t *testing.T) {
	for _, s := range sources(t) {
		if bannedNames.MatchString(filepath.Base(s.room)) || bannedNames.MatchString(strings.TrimSuffix(filepath.Base(s.path), ".go")) {
			t.Errorf("%s: name it for the noun inside", s.path)
		}
		for _, decl := range s.file.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				ty, ok := spec.(*ast.TypeSpec)
				if ok && regexp.MustCompile(`(Manager|Helper|Util)$`).MatchString(ty.Name.Name) {
					t.Errorf("%s: type %s: the field has a word for it", s.path, ty.Name.Name)
				}
			}
		}
	}
}

func TestInterfacesAreSmall(t *testing.T) {
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			ty, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if i, ok := ty.Type.(*ast.InterfaceType); ok && i.Methods.NumFields() > 5 && !s.test {
				t.Errorf("%s: interface %s has %d methods, at most 5: ask for what you use", s.path, ty.Name.Name, i.Methods.NumFields())
			}
			return true
		})
	}
}

// revealers are where a secret becomes text, and whom it is for. The vault itself may.
var revealers = map[string]string{
	"backend/node/messenger.go":   "the Bot API is called with the token, and what is posted is compared with the secret",
	"backend/node/rules.go":       "the gateway keeps its digest",
	"backend/node/webhook_key.go": "the ledger keeps the digest of a key that was replaced",
	"backend/node/secret.go":      "an adapter signs with it",
	"backend/node/reach.go":       "a tunnel's program or service is given its token",
	"backend/node/unlock.go":      "the desk makes order ids from it",
	"app/alerts.go":               "a person asked to see the webhook key, or an alert carries it to our own gateway",
	"app/bot_confirm.go":          "the code of an authenticator is compared with it",
	"app/cli_demo.go":             "the demonstration's alert carries it to our own gateway",
	"app/cli_secret.go":           "what was typed at a terminal goes to the running instance",
	"app/cli_vault.go":            "what was typed at a terminal goes to the running instance",
	"app/instance.go":             "control.json, which only the owner can read, has the token for other commands",
	"app/logbook.go":              "the log cuts it out of every line",
}

func TestSecretsBecomeTextOnlyWhereTheyAreHandedOn(t *testing.T) {
	met := map[string]bool{}
	for _, s := range sources(t) {
		if s.test || s.room == "backend/vault" {
			continue
		}
		file := s.room + "/" + filepath.Base(s.path)
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) > 0 {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Reveal" {
				met[file] = true
				if revealers[file] == "" {
					t.Errorf("%s reveals a secret: pass it on as one, or say here whom its text is for", s.set.Position(call.Pos()))
				}
			}
			return true
		})
	}
	for file := range revealers {
		if !met[file] {
			t.Errorf("%s reveals nothing any more: take it off the list", file)
		}
	}
}

// A room that asks for the time or makes a context of its own cannot be run in simulated time, nor stopped from outside.
func TestTimeAndContextsArePassedIn(t *testing.T) {
	banned := map[string]string{
		"time.Now": "pass now in", "time.Since": "pass now in", "time.Sleep": "use a timer with a context",
		"context.Background": "pass ctx in", "context.TODO": "pass ctx in",
	}
	for _, s := range sources(t) {
		// A main is where time and contexts begin.
		if s.file.Name.Name == "main" {
			continue
		}
		if s.test || s.room == "backend/node" || s.room == "app" || s.room == "backend/exchange/exchangetest" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			if why, no := banned[pkg.Name+"."+sel.Sel.Name]; no {
				t.Errorf("%s uses %s.%s: %s", s.set.Position(sel.Pos()), pkg.Name, sel.Sel.Name, why)
			}
			return true
		})
	}
}

func TestNothingRunsAtImport(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil && !s.test {
				t.Errorf("%s has an init: construct it where it is used", s.path)
			}
		}
	}
}

func TestTestsNeitherSkipNorSleep(t *testing.T) {
	for _, s := range sources(t) {
		if !s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			id, _ := sel.X.(*ast.Ident)
			if sel.Sel.Name == "Skip" || sel.Sel.Name == "SkipNow" || sel.Sel.Name == "Skipf" {
				t.Errorf("%s skips: a test that does not run proves nothing", s.set.Position(sel.Pos()))
			}
			if id != nil && id.Name == "time" && sel.Sel.Name == "Sleep" {
				t.Errorf("%s sleeps: wait for the event or use simulated time", s.set.Position(sel.Pos()))
			}
			return true
		})
	}
}

func TestOnlyTheOwnersTopLevel(t *testing.T) {
	allowed := regexp.MustCompile(`^(app|frontend|backend|build|main\.go|wails\.json|go\.mod|go\.sum|README\.md|LICENSE|\..*)$`)
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !allowed.MatchString(e.Name()) {
			t.Errorf("%s stands at the top level, which the owner fixed", e.Name())
		}
	}
}
