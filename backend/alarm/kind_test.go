package alarm_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"hoox/backend/alarm"
)

func TestEveryKindIsListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "alarm.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[alarm.Kind]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, value := range spec.Values {
				word, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				declared[alarm.Kind(word)] = true
			}
		}
		return true
	})
	listed := map[alarm.Kind]bool{}
	for _, k := range alarm.Kinds() {
		if listed[k] || !declared[k] {
			t.Errorf("%s is listed twice or is no kind of ours", k)
		}
		listed[k] = true
	}
	if len(listed) != len(declared) || len(listed) < 10 {
		t.Errorf("%d kinds are listed and %d declared: the page has no words for one that is not listed", len(listed), len(declared))
	}
}
