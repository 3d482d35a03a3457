package vault_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// On macOS the library runs a program of the system. Everybody on the computer can read the arguments of a program, so the text
// of a secret goes to its standard input.
func TestH2_NoSecretIsAnArgumentOfTheKeychainsProgram(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/zalando/go-keyring").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(out)), "keyring_darwin.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	runs, stdin := 0, false
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		stdin = stdin || sel.Sel.Name == "StdinPipe"
		if x, _ := sel.X.(*ast.Ident); x == nil || x.Name != "exec" || sel.Sel.Name != "Command" {
			return true
		}
		runs++
		for _, arg := range call.Args {
			if id, ok := arg.(*ast.Ident); ok && (id.Name == "password" || strings.HasPrefix(id.Name, "encoded")) {
				t.Errorf("%s is an argument: every user of the computer could read it", id.Name)
			}
		}
		return true
	})
	if runs < 3 || !stdin {
		t.Errorf("%d programs are run and standard input is used: %v; is the library another one now?", runs, stdin)
	}
}
