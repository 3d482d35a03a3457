package app

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adrg/xdg"

	"hoox/backend/node"
)

func TestAutostartIsWhatTheSystemHas(t *testing.T) {
	for name, a := range map[string]fileAutostart{
		"linux": desktopEntry(t.TempDir()+"/autostart", []string{"/opt/hoox", "window", "--hidden"}),
		"macos": launchAgent(t.TempDir()+"/LaunchAgents", []string{"/opt/hoox", "window", "--hidden"}),
	} {
		want := func(on bool, after string) {
			t.Helper()
			if had, err := a.on(); err != nil || had != on {
				t.Errorf("%s, %s: had %v %v, want %v", name, after, had, err, on)
			}
		}
		want(false, "at first")
		for range 2 {
			if err := a.set(true); err != nil {
				t.Fatal(err)
			}
		}
		want(true, "switched on")
		for range 2 {
			if err := a.set(false); err != nil {
				t.Fatal(err)
			}
		}
		want(false, "switched off")
	}
}

func TestAnAutostartThatSomebodySwitchedOffElsewhereIsOff(t *testing.T) {
	entry := desktopEntry(t.TempDir(), []string{"/opt/hoox"})
	agent := launchAgent(t.TempDir(), []string{"/opt/hoox"})
	for _, test := range []struct {
		a    fileAutostart
		text string
	}{
		{entry, "[Desktop Entry]\nExec=hoox\nHidden=true\n"},
		{entry, "[Desktop Entry]\nExec=hoox\nX-GNOME-Autostart-enabled = false\n"},
		{agent, "<plist><dict><key>Disabled</key>\n<true/><key>RunAtLoad</key><true/></dict></plist>"},
		{agent, "<plist><dict></dict></plist>"},
	} {
		if err := os.WriteFile(test.a.path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if on, err := test.a.on(); err != nil || on {
			t.Errorf("%q: had %v %v, want off: it does not start", test.text, on, err)
		}
	}
}

func TestAnAutostartQuotesWhatItStarts(t *testing.T) {
	odd := "/home/a b/100% \"x\" $HOME `id` \\ <&>"
	entry := desktopEntry("", []string{odd}).text
	want := `Exec="/home/a b/100%% \\"x\\" \\$HOME ` + "\\\\`id\\\\`" + ` \\\\ <&>"` + "\n"
	if !strings.Contains(entry, want) {
		t.Errorf("had %s\nwant it to have %s", entry, want)
	}
	agent := launchAgent("", []string{odd}).text
	d, found := xml.NewDecoder(strings.NewReader(agent)), false
	d.Strict = true
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("the agent is no XML: %v\n%s", err, agent)
		}
		if text, ok := token.(xml.CharData); ok && string(text) == odd {
			found = true
		}
	}
	if !found {
		t.Errorf("the program is not in the agent as it is:\n%s", agent)
	}
	if had := windowsLine([]string{`C:\Program Files\hoox.exe`, "--data-dir", `D:\`}); had != `"C:\Program Files\hoox.exe" "--data-dir" "D:\\"` {
		t.Errorf("had %s", had)
	}
}

func TestAFolderWithALineBreakIsNotStarted(t *testing.T) {
	if _, err := startCommand(node.Config{DataDir: "/tmp/x\nHidden=false"}); err == nil {
		t.Error("had no error, want one: a second line would be read as one of the entry")
	}
	words, err := startCommand(node.Config{DataDir: "/data/own", File: "/etc/hoox.toml"})
	if err != nil || strings.Join(words[1:], " ") != "--data-dir /data/own --config /etc/hoox.toml window --hidden" {
		t.Errorf("had %q %v, want the folder and the file it runs on", words, err)
	}
}

func TestAnAutostartRunsOnTheConfigurationThatIsInForceNow(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	usual, own := filepath.Join(xdg.DataHome, "hoox"), filepath.Join(here, "own")
	tests := []struct {
		name string
		now  node.Config
		want []string
	}{
		{"the usual folder without a file", node.Config{DataDir: usual}, nil},
		{"the usual folder with a file of its own", node.Config{DataDir: usual, File: "testnet.toml"}, []string{"--config", filepath.Join(here, "testnet.toml")}},
		{"a folder and the file in it", node.Config{DataDir: own, File: "own/config.toml"}, []string{"--data-dir", own, "--config", filepath.Join(own, "config.toml")}},
	}
	for _, test := range tests {
		words, err := startCommand(test.now)
		if err != nil {
			t.Fatal(test.name, err)
		}
		if want := append(test.want, "window", "--hidden"); !slices.Equal(words[1:], want) {
			t.Errorf("%s: had %q, want %q: another configuration may be another market, or other limits", test.name, words[1:], want)
		}
	}
}

// deafSystem takes every wish and does nothing.
type deafSystem struct{ state bool }

func (d *deafSystem) on() (bool, error) { return d.state, nil }
func (d *deafSystem) set(bool) error    { return nil }

func TestTheAutostartSettingShowsTheSystemsWord(t *testing.T) {
	p := start(t)
	entry := desktopEntry(t.TempDir(), []string{"/opt/hoox"})
	p.house.manners.auto = entry

	row := must[SettingRow](p, "Settings/Set", SetSetting{autostartKey, "yes"})
	if on, err := entry.on(); err != nil || !on || row.Value != "true" {
		t.Errorf("had %v %v and %q, want it switched on and shown", on, err, row.Value)
	}
	if err := os.Remove(entry.path); err != nil {
		t.Fatal(err)
	}
	if had := settingValue(p, autostartKey); had != "false" {
		t.Errorf("had %q after somebody removed the entry, want false: the program does not start", had)
	}
	p.house.manners.auto = &deafSystem{}
	if _, fault := call[SettingRow](p, "Settings/Set", SetSetting{autostartKey, "true"}); fault.Kind != "unavailable" || fault.Message == "" {
		t.Errorf("had %+v, want told that the system did not do it", fault)
	}
	p.house.manners.auto = noAutostart{"no window"}
	if _, fault := call[SettingRow](p, "Settings/Set", SetSetting{autostartKey, "true"}); fault.Kind != "refused" {
		t.Errorf("had %+v, want a program without a window to refuse", fault)
	}
}

func settingValue(p *program, key string) string {
	p.t.Helper()
	for _, row := range must[SettingList](p, "Settings/List", ListSettings{}).Items {
		if row.Key == key {
			return row.Value
		}
	}
	p.t.Fatalf("there is no setting %s", key)
	return ""
}
