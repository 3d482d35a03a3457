package app

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"hoox/backend/node"
)

// blocks are the fenced texts of a help page in one language.
func blocks(t *testing.T, file, language string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		list = append(list, m[1])
	}
	return list
}

func TestTheStrategyOfTheHelpCanBeStored(t *testing.T) {
	var doc StrategyDoc
	if err := decodeStrictly([]byte(blocks(t, "help/strategies.md", "json")[0]), &doc); err != nil {
		t.Fatalf("%v: people copy it", err)
	}
	s, err := strategyOf(doc)
	if err != nil || len(s.Routes) != 2 || len(s.TakeProfit) != 2 || s.TakeProfit[0].Share.String() != "0.5" {
		t.Errorf("had %+v %v", s, err)
	}
}

func TestTheCommandsOfTheHelpAreOnes(t *testing.T) {
	pages, err := filepath.Glob("help/*.md")
	if err != nil || len(pages) < 3 {
		t.Fatalf("pages %v: %v", pages, err)
	}
	inline, checked := regexp.MustCompile("`(hoox [a-z][^`]*)`"), 0
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		if page != "../README.md" { // which names commands without what belongs to them
			for _, m := range inline.FindAllStringSubmatch(string(text), -1) {
				lines = append(lines, m[1])
			}
		}
		for _, block := range blocks(t, page, "sh") {
			for _, line := range strings.Split(block, "\n") {
				if at := strings.Index(line, "hoox "); at == 0 || at > 0 && line[at-1] == ' ' && strings.Contains(line[:at], "|") {
					lines = append(lines, line[at:])
				}
			}
		}
		for _, line := range lines {
			line, _, _ = strings.Cut(line, "#")
			line, _, _ = strings.Cut(line, ">")
			line, _, _ = strings.Cut(line, "&")
			if strings.Contains(line, "COMMAND") {
				continue
			}
			args := shellWords(line)[1:]
			parser, err := kong.New(&commands{}, kong.Name("hoox"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(args); err != nil {
				t.Errorf("%s: %s: %v", page, line, err)
			}
			checked++
		}
	}
	if checked < 20 {
		t.Errorf("%d commands found: are they written another way now?", checked)
	}
}

// shellWords takes a line apart as a shell does, as far as the help needs it.
func shellWords(line string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		list = append(list, m[1]+m[2])
	}
	return list
}

func TestTheTunnelOfTheHelpIsAConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(blocks(t, "help/tunnel.md", "toml")[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := node.Load(node.Flags{DataDir: t.TempDir(), ConfigFile: file}, func(string) string { return "" })
	if err != nil || c.Tunnel.Kind != "cloudflared" || len(c.Tunnel.Command) != 3 {
		t.Errorf("the help's configuration is read as %+v: %v", c.Tunnel, err)
	}
}
