package backend_test

import (
	"go/ast"
	"go/printer"
	"go/token"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shipped are the files of the program itself: no tests, no simulators.
func shipped(t *testing.T) []source {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(sources(t)), func(s source) bool {
		return s.test || strings.HasPrefix(s.room, "backend/exchange/exchange") || s.room == "backend/vault/vaulttest" || strings.HasPrefix(s.room, "backend/telegram/telegramsim") || s.room == "backend/sqlite/proof"
	})
}

func (s source) at(n ast.Node) string { return s.set.Position(n.Pos()).String() }

func (s source) text(n ast.Node) string {
	var b strings.Builder
	_ = printer.Fprint(&b, s.set, n)
	return b.String()
}

// word is what an expression is called by.
func word(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.CallExpr:
		return word(x.Fun)
	case *ast.ParenExpr:
		return word(x.X)
	}
	return ""
}

// composed are the functions in which the text of a statement is put together, and of what. Nothing that anybody typed, sent or
// stored is among it: see sqlite.TestJ6_NoInputStandsInTheTextOfAStatement.
var composed = map[string]string{
	"AuditAfter": "the conditions of a page", "collect": "the table and the conditions of a page", "pool": "pragmas of ours", "readBack": "pragmas of ours",
	"apply": "an embedded script and its number", "writeJournal": "as many question marks as there are rows",
	"start": "constants", "candidates": "one of two constants", "changeJob": "constants of its callers", "allOrders": "constants of its callers",
	"checkCurrent": "constants of a table", "Shape": "constants of a table",
	"settle": "constants of its callers", "PurgeChats": "one of two constants",
	"Due": "prepared before", "NextDue": "prepared before", "Seen": "prepared before",
	"queryRow": "its caller's", "query": "its caller's", "row": "its caller's", "rows": "its caller's", "exec": "its caller's", "statement": "its caller's", "prepare": "its caller's",
}

// statements are the calls that take the text of a statement, and at which place.
var statements = map[string]int{
	"exec": 0, "row": 0, "rows": 0, "query": 1, "queryRow": 1, "Query": 0, "Exec": 0, "QueryRow": 0, "Prepare": 0, "statement": 0,
	"QueryContext": 1, "ExecContext": 1, "QueryRowContext": 1, "PrepareContext": 1,
}

func TestJ6_StatementsAreConstantText(t *testing.T) {
	constant := map[string]bool{}
	var files []source
	for _, s := range shipped(t) {
		if s.room != "backend/sqlite" {
			continue
		}
		files = append(files, s)
		ast.Inspect(s.file, func(n ast.Node) bool {
			if g, ok := n.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, spec := range g.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						constant[name.Name] = true
					}
				}
			}
			return true
		})
	}
	var fixed func(e ast.Expr) bool
	fixed = func(e ast.Expr) bool {
		switch x := e.(type) {
		case *ast.BasicLit:
			return x.Kind == token.STRING
		case *ast.Ident:
			return constant[x.Name]
		case *ast.BinaryExpr:
			return fixed(x.X) && fixed(x.Y)
		}
		return false
	}
	met := map[string]bool{}
	for _, s := range files {
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if at, is := statements[sel.Sel.Name]; is && len(call.Args) > at && !fixed(call.Args[at]) {
					if met[f.Name.Name] = true; composed[f.Name.Name] == "" {
						t.Errorf("%s: %s puts a statement together: %s\nWrite it down as a constant with parameters, or say here of what it is made", s.at(call), f.Name.Name, s.text(call.Args[at]))
					}
				}
				return true
			})
		}
	}
	for name := range composed {
		if !met[name] {
			t.Errorf("%s puts no statement together any more: take it off the list", name)
		}
	}
}

// spoken are the hosts that the program may speak to by itself, named where an adapter has them, and the messenger's once a bot was
// set up; the rest come out of
// config.toml, the settings of the tunnel, or the build's own address for updates.
var spoken = regexp.MustCompile(`(^|\.)(bybit\.com|binance\.com|mexc\.com)$`)

// shownOnly are the hosts that stand in words for a person.
var shownOnly = map[string]string{
	"api.example.com": "an example", "hooks.example.com": "an example", "tailscale.com": "where Tailscale is to be had", "pkg.cloudflare.com": "where cloudflared is to be had",
	"www.apple.com": "the name of a file format", "login.tailscale.com": "where Funnel is allowed", "t.me": "a person's way to their own bot", "host": "an example",
}

func TestL4_NoAddressStandsInTheProgramButThoseOfTheExchanges(t *testing.T) {
	found := regexp.MustCompile(`\b(?:https?|wss?)://[A-Za-z0-9.-]+`)
	for _, s := range shipped(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			for _, address := range found.FindAllString(lit.Value, -1) {
				u, err := url.Parse(address)
				if err != nil {
					continue
				}
				host := u.Hostname()
				ours := host == "" || host == "127.0.0.1" || host == "localhost"
				exchange := spoken.MatchString(host) && strings.HasPrefix(s.room, "backend/exchange/")
				bot := host == "api.telegram.org" && s.room == "backend/telegram"
				if !ours && !exchange && !bot && shownOnly[host] == "" {
					t.Errorf("%s names %s: who is spoken to is named here, so that nobody is told anything by the way", s.at(lit), host)
				}
			}
			return true
		})
	}
}

// dialers are the files that may make a connection to the outside or run a program that does.
var dialers = map[string]string{
	"backend/wire/client.go": "exchanges, and the probe through the public address", "backend/wire/stream.go": "exchanges",
	"backend/tunnel/ngrok.go": "ngrok's service", "backend/tunnel/ssh.go": "the person's own server", "backend/tunnel/sshkey.go": "the agent with the person's keys",
	"backend/tunnel/gate.go": "a socket of ours", "app/update.go": "the build's own address for updates", "app/client.go": "the running instance",
	"app/alerts.go": "our own gateway",
}

func TestL4_NothingDialsButWhatIsListed(t *testing.T) {
	dials := regexp.MustCompile(`^(net\.(Dial|DialTimeout|Dialer)|http\.(Get|Post|Head|PostForm|DefaultClient|DefaultTransport|Client|Transport)|websocket\.(Dialer|DefaultDialer)|tls\.Dial|ssh\.Dial)$`)
	met := map[string]bool{}
	for _, s := range shipped(t) {
		file := s.room + "/" + filepath.Base(s.path)
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && dials.MatchString(s.text(sel)) {
				if met[file] = true; dialers[file] == "" {
					t.Errorf("%s uses %s: say here whom it speaks to", s.at(sel), s.text(sel))
				}
			}
			return true
		})
	}
	for file := range dialers {
		if !met[file] {
			t.Errorf("%s speaks to nobody any more: take it off the list", file)
		}
	}
}

func TestH7_NoConnectionTrustsAnybodyAndNoneEndsTLSHere(t *testing.T) {
	for _, s := range shipped(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if slices.Contains([]string{"InsecureSkipVerify", "AddInsecureBypassPattern", "InsecureIgnoreHostKey", "VersionTLS10", "VersionTLS11", "VersionSSL30"}, n.Name) {
					t.Errorf("%s uses %s: whoever stands in between could read and change everything", s.at(n), n.Name)
				}
				// A21: a client's certificate is looked at where TLS ends, which is never here.
				if slices.Contains([]string{"ListenAndServeTLS", "ServeTLS", "NewListener", "LoadX509KeyPair", "ClientAuth"}, n.Name) {
					t.Errorf("%s uses %s: where TLS ends, the certificate of TradingView has to be looked at", s.at(n), n.Name)
				}
			case *ast.CompositeLit:
				if s.text(n.Type) == "tls.Config" && !strings.Contains(s.text(n), "MinVersion: tls.VersionTLS12") {
					t.Errorf("%s: a configuration of TLS names its least version", s.at(n))
				}
				if s.text(n.Type) == "http.Transport" && !strings.Contains(s.text(n), "DisableCompression:") {
					t.Errorf("%s: answers are asked for as they are (DisableCompression), so that a small one cannot become a large one", s.at(n))
				}
			}
			return true
		})
	}
}

// namesOnly are comparisons of a secret's name, not of its text.
var namesOnly = map[string]bool{"app/cli_secret.go": true, "backend/node/unlock.go": true, "backend/node/card.go": true}

func TestH12_NoTextOfASecretIsComparedByItsLetters(t *testing.T) {
	secret := regexp.MustCompile(`(?i)^(.*(secret|password|apikey|signature|hmac)|passphrase|reveal)$`)
	for _, s := range shipped(t) {
		file := s.room + "/" + filepath.Base(s.path)
		ast.Inspect(s.file, func(n ast.Node) bool {
			var sides []ast.Expr
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op == token.EQL || n.Op == token.NEQ {
					sides = []ast.Expr{n.X, n.Y}
				}
			case *ast.CallExpr:
				if slices.Contains([]string{"bytes.Equal", "bytes.Compare", "strings.EqualFold", "strings.Compare", "reflect.DeepEqual"}, s.text(n.Fun)) {
					sides = n.Args
				}
			}
			if len(sides) != 2 || s.text(sides[0]) == `""` || s.text(sides[1]) == `""` || s.text(sides[1]) == "nil" {
				return true
			}
			if (secret.MatchString(word(sides[0])) || secret.MatchString(word(sides[1]))) && !namesOnly[file] {
				t.Errorf("%s compares %s: how long that takes tells how much of a guess is right; use vault.Secret.Equal or crypto/subtle", s.at(n), s.text(n))
			}
			return true
		})
	}
}

func TestK7K10_NothingUnpacksAndNoTemplateRuns(t *testing.T) {
	banned := map[string]string{
		"text/template": "a text of somebody else's would run", "html/template": "a text of somebody else's would run", "plugin": "what is loaded later was never looked at",
		"compress/gzip": "a small body becomes a large one", "compress/zlib": "a small body becomes a large one", "compress/flate": "a small body becomes a large one",
		"compress/bzip2": "a small body becomes a large one", "archive/tar": "names in an archive lead anywhere", "encoding/gob": "types of somebody else's choice",
	}
	for _, s := range shipped(t) {
		for _, i := range s.file.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := banned[path]; why != "" {
				t.Errorf("%s imports %s: %s", s.path, path, why)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			// A support bundle is packed here; nothing is unpacked.
			if sel, ok := n.(*ast.SelectorExpr); ok && (s.text(sel) == "zip.NewReader" || s.text(sel) == "zip.OpenReader") {
				t.Errorf("%s unpacks an archive", s.at(sel))
			}
			return true
		})
	}
}

func TestC15_NoProgramHasTheRoutesOfADebugger(t *testing.T) {
	for _, tags := range []string{"sqlite_fts5", "desktop,production,webkit2_41,sqlite_fts5"} {
		cmd := exec.Command("go", "list", "-deps", "-tags", tags, ".")
		cmd.Dir = ".."
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for _, path := range []string{"net/http/pprof", "expvar", "net/rpc", "golang.org/x/net/trace"} {
			if slices.Contains(strings.Fields(string(out)), path) {
				t.Errorf("%s is in the program (%s): it puts routes of its own on every server", path, tags)
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
