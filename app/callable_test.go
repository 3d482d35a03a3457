package app

import (
	"flag"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"

	"hoox/backend/alarm"
	"hoox/backend/audit"
)

var update = flag.Bool("update", false, "rewrite what is generated from the Go types")

// mended compares generated text with its file, and rewrites the file with -update.
func mended(t *testing.T, file, text, why string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != text {
		t.Errorf("%s is not current: %s\nRun go test ./app -run %s -update and look at the difference. It would become:\n%s", file, why, t.Name(), text)
	}
}

func TestCallableMethodsAreTheGoldenList(t *testing.T) {
	var lines strings.Builder
	for _, r := range routesOf(newServices(&house{}, windowActor())) {
		lines.WriteString(r.name + "(" + r.request.Name() + ") " + r.response.Name() + "\n")
	}
	have := strings.Split(strings.TrimSpace(lines.String()), "\n")
	golden, err := os.ReadFile("testdata/callable.golden")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(golden)), "\n")
	// Reflection lists methods by name; the golden list has them in the order people read.
	sort.Strings(have)
	sort.Strings(want)
	if !reflect.DeepEqual(have, want) {
		t.Errorf("callable methods changed, and every one can be called from JavaScript:\nhad  %v\nwant %v", have, want)
	}
}

func TestBothTablesOfTheControlInterfaceHaveEveryMethod(t *testing.T) {
	for _, who := range []actor{cliActor(), browserActor("1a2b3c4d", "Firefox on Linux")} {
		if n := len(tableOf(newServices(&house{}, who))); n != 98 {
			t.Errorf("%s may call %d methods, want 98: what the window can do every pane can", who.name, n)
		}
	}
}

func TestTypeScriptTypesAreCurrent(t *testing.T) {
	mended(t, "../frontend/src/lib/api/types.gen.ts", typeScript(), "the pages would read fields that are not there")
}

// typeScript writes every type that crosses the glass as an interface.
func typeScript() string {
	types := map[string]reflect.Type{}
	collect(types, reflect.TypeFor[Fault]())
	collect(types, reflect.TypeFor[Hint]())
	collect(types, reflect.TypeFor[Login]())
	for _, r := range routesOf(newServices(&house{}, windowActor())) {
		collect(types, r.request)
		collect(types, r.response)
	}
	names := make([]string, 0, len(types))
	for name := range types {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString("// Generated from the Go types in app/. Do not edit.\n\n")
	for _, name := range names {
		writeInterface(&b, name, fieldsOf(types[name]))
	}
	writeUnion(&b, "AlarmKind", alarm.Kinds())
	writeUnion(&b, "AuditAction", audit.Actions())
	return b.String()
}

// writeUnion fills lines with the words of a closed list, so that the page has words of its own for each or is not built.
func writeUnion[W ~string](b *strings.Builder, name string, words []W) {
	b.WriteString("export type " + name + " =\n")
	line := " "
	for _, w := range words {
		word := " | '" + string(w) + "'"
		if len(line)+len(word) > widest {
			b.WriteString(line + "\n")
			line = " "
		}
		line += word
	}
	b.WriteString(line + "\n")
}

func collect(types map[string]reflect.Type, t reflect.Type) {
	switch {
	case t.Kind() == reflect.Slice:
		collect(types, t.Elem())
		return
	case t.Kind() != reflect.Struct:
		return
	}
	if _, seen := types[t.Name()]; seen {
		return
	}
	types[t.Name()] = t
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			for j := range f.Type.NumField() {
				collect(types, f.Type.Field(j).Type)
			}
		} else {
			collect(types, f.Type)
		}
	}
}

// widest is how long a line of the generated file may be, as in the rest of the front.
const widest = 120

// writeInterface fills lines with fields: a file of one field a line is longer than anybody reads.
func writeInterface(b *strings.Builder, name string, fields []string) {
	if short := "export interface " + name + " { " + strings.Join(fields, "; ") + " }"; len(short) <= widest && len(fields) > 0 {
		b.WriteString(short + "\n")
		return
	}
	b.WriteString("export interface " + name + " {\n")
	line := " "
	for _, f := range fields {
		if len(line)+len(f)+2 > widest {
			b.WriteString(line + "\n")
			line = " "
		}
		line += " " + f + ";"
	}
	if line != " " {
		b.WriteString(line + "\n")
	}
	b.WriteString("}\n")
}

func fieldsOf(t reflect.Type) []string {
	var list []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			list = append(list, fieldsOf(f.Type)...)
			continue
		}
		list = append(list, f.Tag.Get("json")+": "+scriptType(f.Type))
	}
	return list
}

func scriptType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "number"
	case reflect.Slice:
		return scriptType(t.Elem()) + "[]"
	case reflect.Struct:
		return t.Name()
	default:
		panic("app: " + t.String() + " does not cross the glass")
	}
}

func TestWhatCrossesTheGlassIsTextNumbersAndLists(t *testing.T) {
	types := map[string]reflect.Type{}
	for _, r := range routesOf(newServices(&house{}, windowActor())) {
		collect(types, r.request)
		collect(types, r.response)
	}
	for name, typ := range types {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if tag := f.Tag.Get("json"); !f.Anonymous && (tag == "" || strings.Contains(tag, ",")) {
				t.Errorf("%s.%s has the JSON name %q, want a plain one: a field that may be missing is undefined on the page", name, f.Name, tag)
			}
		}
	}
}
