package backend_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hoox/backend/settings"
)

// works are the modules that ours names itself. A new one is looked at before it is written down here: who keeps it, since when,
// and whether it is the one that is meant; and go.mod says in a line what it is for.
var works = []string{
	"codeberg.org/go-fonts/liberation", "filippo.io/age", "fyne.io/systray", "github.com/DeRuina/timberjack", "github.com/adrg/xdg", "github.com/alecthomas/kong", "github.com/go-telegram/bot", "github.com/godbus/dbus/v5",
	"github.com/gofrs/flock", "github.com/google/go-cmp", "github.com/google/uuid", "github.com/gorilla/websocket", "github.com/mattn/go-isatty",
	"github.com/mattn/go-sqlite3", "github.com/pelletier/go-toml/v2", "github.com/pquerna/otp", "github.com/shopspring/decimal", "github.com/thejerf/suture/v4",
	"github.com/wailsapp/wails/v2", "github.com/zalando/go-keyring", "go.uber.org/goleak", "golang.ngrok.com/muxado/v2", "golang.ngrok.com/ngrok/v2",
	"golang.org/x/crypto", "golang.org/x/image", "golang.org/x/sync", "golang.org/x/sys", "golang.org/x/term", "gonum.org/v1/plot", "pgregory.net/rapid",
}

func TestM2_EveryModuleWasLookedAtAndSaysWhatItIsFor(t *testing.T) {
	direct, rest, _ := strings.Cut(read(t, "go.mod"), "\n)\n")
	if strings.Count(rest, "require") != 1 {
		t.Error("go.mod has more than two lists of modules: want what we name and what comes with it")
	}
	var had []string
	for _, line := range regexp.MustCompile(`(?m)^\t(\S+) v\S+(.*)$`).FindAllStringSubmatch(direct, -1) {
		had = append(had, line[1])
		if reason := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line[2]), "//")); len(reason) < 10 {
			t.Errorf("%s has no line of reason in go.mod", line[1])
		}
	}
	if !slices.Equal(had, works) {
		t.Errorf("go.mod names %v\nwant %v\nA new module is looked at first, and then stands here", had, works)
	}
}

func TestM1_ModulesAreThoseOfTheirAuthors(t *testing.T) {
	for _, file := range []string{"go.mod", "build/tools/go.mod", "build/tools/wails.mod"} {
		if found := regexp.MustCompile(`(?m)^\s*(replace|exclude|retract)\b.*`).FindString(read(t, file)); found != "" {
			t.Errorf("%s has %q: a module would be another one than it is called", file, found)
		}
		if sums := read(t, strings.TrimSuffix(file, ".mod")+".sum"); strings.Count(sums, " h1:") < 5 {
			t.Errorf("the sums of %s are missing", file)
		}
	}
	for _, file := range []string{"build/lib.sh", "build/test.sh", "build/build.sh", "build/run.sh", "build/prove.sh", "build/window-test.sh", "build/hostile-test.sh", ".ci/run"} {
		if found := regexp.MustCompile(`GONOSUMDB|GONOSUMCHECK|GOINSECURE|GONOSUM|GOFLAGS=.*-mod=mod|GOSUMDB=off|--insecure|curl .*-k\b`).FindString(read(t, file)); found != "" {
			t.Errorf("%s says %s: what is downloaded would be checked by nobody", file, found)
		}
	}
	out, err := exec.Command("go", "env", "GONOSUMDB", "GOINSECURE", "GOSUMDB").Output()
	if err != nil {
		t.Fatal(err)
	}
	if had := strings.Split(strings.TrimRight(string(out), "\n"), "\n"); len(had) != 3 || had[0] != "" || had[1] != "" || had[2] == "off" {
		t.Errorf("GONOSUMDB, GOINSECURE and GOSUMDB are %q, want the first two empty and the sums checked", had)
	}
}

// least are the oldest versions without a known fault that matters here, and which fault that is.
var least = []struct{ what, version, why string }{
	{"go", "1.26.0", "1.25.1 mended what the protection against requests of other sites let through (GO-2025-3955)"},
	{"github.com/wailsapp/wails/v2", "2.16.0", "it checks where a call of a bound method comes from, and a wildcard there spans one part of a name (GHSA-47hv-j4px-h3c9)"},
	{"golang.ngrok.com/ngrok/v2", "2.2.1", "below it logs tokens"},
	{"github.com/mattn/go-sqlite3", "1.14.53", "its SQLite is past the fault of the log that was reset"},
}

func TestD7C12_WhatHadAFaultIsNewEnough(t *testing.T) {
	text := read(t, "go.mod")
	for _, l := range least {
		found := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(l.what) + ` v?(\d+)\.(\d+)\.(\d+)`).FindStringSubmatch(text)
		if found == nil {
			t.Errorf("go.mod has no version of %s", l.what)
			continue
		}
		for n, part := range strings.Split(l.version, ".") {
			had, _ := strconv.Atoi(found[n+1])
			want, _ := strconv.Atoi(part)
			if had != want {
				if had < want {
					t.Errorf("%s is older than %s: %s", l.what, l.version, l.why)
				}
				break
			}
		}
	}
}

func TestD7D12D14_TheWindowIsClosedToEverythingButOurPage(t *testing.T) {
	window := read(t, "app/window_desktop.go")
	for _, must := range []string{"DragAndDrop: &options.DragAndDrop{DisableWebViewDrop: true}", "Middleware: withPolicy", "Bind:           f.services.all()"} {
		if !strings.Contains(window, must) {
			t.Errorf("the window lacks %q", must)
		}
	}
	files, err := filepath.Glob("../app/window*.go")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text := read(t, strings.TrimPrefix(file, "../"))
		for _, no := range []string{"BindingsAllowedOrigins", "EnableDefaultContextMenu", "OpenInspectorOnStartup", "EnableFileDrop", "Debug:", "WebviewIsTransparent", "ExecJS", "AllowFileURLs", "EnableFraudulentWebsiteDetection: false"} {
			if strings.Contains(text, no) {
				t.Errorf("%s has %s: a page that is not ours, or a person in front of the screen, could reach more than ours", file, no)
			}
		}
	}
	tags := regexp.MustCompile(`(?m)^WINDOW_TAGS=(.*)$`).FindStringSubmatch(read(t, "build/lib.sh"))
	if tags == nil || !slices.Contains(strings.Split(tags[1], ","), "production") || regexp.MustCompile(`devtools|debug|\bdev\b`).MatchString(tags[1]) {
		t.Errorf("the window is built with %v, want production and neither dev nor devtools: they switch the inspector on", tags)
	}
	if !strings.Contains(read(t, "frontend/vite.config.ts"), "sourcemap: false") {
		t.Error("the pages ship their sources")
	}
	if maps, _ := filepath.Glob("../frontend/dist/assets/*.map"); len(maps) != 0 {
		t.Errorf("the built pages have %v", maps)
	}
}

func TestN6_NoAddressAndNoFileOpensTheProgram(t *testing.T) {
	for file, no := range map[string]string{
		"build/darwin/Info.plist": `CFBundleURLTypes|CFBundleDocumentTypes|UTExportedTypeDeclarations`, "build/darwin/Info.dev.plist": `CFBundleURLTypes|CFBundleDocumentTypes`,
		"build/linux/hoox.desktop": `MimeType|%u|%U|%f|%F|x-scheme-handler`, "wails.json": `protocols|fileAssociations`,
	} {
		if found := regexp.MustCompile(no).FindString(read(t, file)); found != "" {
			t.Errorf("%s has %s: a page or a mail could start the program with words of its own", file, found)
		}
	}
}

// compilers are packages that svelte brings for compiling and that are not in what a browser gets.
var compilers = []string{
	"@jridgewell/gen-mapping", "@jridgewell/remapping", "@jridgewell/resolve-uri", "@jridgewell/sourcemap-codec", "@jridgewell/trace-mapping",
	"@sveltejs/acorn-typescript", "@types/estree", "acorn", "aria-query", "axobject-query", "devalue", "esrap", "is-reference", "locate-character",
	"magic-string", "zimmerframe", "lz-string", "yaml",
}

func TestM4_ThePagesAreBuiltOfFewPackagesThatRunNothingOfTheirOwn(t *testing.T) {
	var lock struct {
		Packages map[string]struct {
			Dev, Optional, DevOptional, HasInstallScript bool
			Resolved, Integrity                          string
		}
	}
	if err := json.Unmarshal([]byte(read(t, "frontend/package-lock.json")), &lock); err != nil {
		t.Fatal(err)
	}
	shipped := 0
	for path, p := range lock.Packages {
		if path == "" {
			continue
		}
		name := path[strings.LastIndex(path, "node_modules/")+len("node_modules/"):]
		if p.Resolved != "" && !strings.HasPrefix(p.Resolved, "https://registry.npmjs.org/") || !strings.HasPrefix(p.Integrity, "sha512-") {
			t.Errorf("%s comes from %q with the sum %q, want the registry and a sum", path, p.Resolved, p.Integrity)
		}
		if p.HasInstallScript {
			t.Errorf("%s runs a script when it is installed", path)
		}
		if !p.Dev && !p.Optional && !p.DevOptional && !slices.Contains(compilers, name) {
			shipped++
		}
	}
	if shipped > 30 || shipped < 7 {
		t.Errorf("%d packages are in the pages, want at most 30", shipped)
	}
	if !regexp.MustCompile(`npm ci --ignore-scripts\b`).MatchString(read(t, "build/lib.sh")) {
		t.Error("build/lib.sh does not install by the lock file and without scripts")
	}
	if found := regexp.MustCompile(`(?i)(src|href)="(https?:)?//`).FindString(read(t, "frontend/index.html")); found != "" {
		t.Errorf("the page loads from elsewhere: %s", found)
	}
}

func TestM8_NothingButOurOwnScriptRunsInContinuousIntegration(t *testing.T) {
	for _, service := range []string{".github", ".gitlab-ci.yml", ".circleci", ".woodpecker", ".drone.yml", "azure-pipelines.yml", "Jenkinsfile", ".travis.yml"} {
		if found, _ := filepath.Glob("../" + service); len(found) != 0 {
			t.Errorf("%s is there: what it runs is pinned by its digest, has the least rights, and sees no secret of a stranger's change", service)
		}
	}
	if found, _ := filepath.Glob("../.ci/*"); !slices.Equal(found, []string{"../.ci/run"}) {
		t.Errorf(".ci holds %v, want the one script", found)
	}
	if script := read(t, ".ci/run"); regexp.MustCompile(`curl|wget|docker|uses:|\$\{?[A-Z_]*(SECRET|TOKEN|KEY)`).MatchString(script) {
		t.Errorf(".ci/run fetches something or uses a secret:\n%s", script)
	}
}

func TestM12_EverySettingIsReadAndItsDefaultIsReviewed(t *testing.T) {
	var lines []string
	for _, s := range settings.Manifest() {
		lines = append(lines, fmt.Sprintf("%s = %s", s.Key, s.Default))
	}
	golden := strings.TrimSpace(read(t, "backend/testdata/settings.golden"))
	if had := strings.Join(lines, "\n"); had != golden {
		t.Errorf("settings or their defaults changed, and each decides what a program does that nobody touched:\n%s", had)
	}
	var all strings.Builder
	for _, s := range shipped(t) {
		if s.room != "backend/settings" {
			all.WriteString(s.text(s.file))
		}
	}
	for _, s := range settings.Manifest() {
		if strings.HasPrefix(s.Key, settings.NotifyPrefix) && strings.Contains(all.String(), "settings.NotifyPrefix") {
			continue // read by the kind of the notice
		}
		key := regexp.MustCompile(`^exchange:[a-z]+`).ReplaceAllString(s.Key, "")
		if s.Alias == "" && !s.ReadOnly && !strings.Contains(all.String(), `"`+key+`"`) && !strings.Contains(all.String(), key+`"`) {
			t.Errorf("nobody reads the setting %s: a switch that does nothing will do something else one day", s.Key)
		}
	}
}
