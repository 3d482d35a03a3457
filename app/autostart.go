package app

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"

	"github.com/adrg/xdg"

	"hoox/backend/disk"
	"hoox/backend/node"
	"hoox/backend/settings"
	"hoox/backend/trading"
)

// autostartKey is the setting whose truth is the system's, not ours.
const autostartKey = "desktop:autostart"

// autostart is whether the program starts when somebody signs in, as the system has it.
type autostart interface {
	on() (bool, error)
	set(on bool) error
}

// startCommand is the command line that the system starts: the window, out of sight, on this data folder and this configuration.
// The system starts it in another folder, so every path is whole.
func startCommand(c node.Config) ([]string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	words := []string{program}
	if c.DataDir != filepath.Join(xdg.DataHome, "hoox") {
		words = append(words, "--data-dir", c.DataDir)
	}
	if c.File != "" {
		file, err := filepath.Abs(c.File)
		if err != nil {
			return nil, fmt.Errorf("find the configuration: %w", err)
		}
		words = append(words, "--config", file)
	}
	for _, w := range words {
		if strings.ContainsFunc(w, unicode.IsControl) {
			return nil, trading.Errorf(trading.Refused, "the folder %q has a control character in its name: the system could not start it", w)
		}
	}
	return append(words, "window", "--hidden"), nil
}

// noAutostart is that of a program which cannot be started out of sight.
type noAutostart struct{ why string }

func (n noAutostart) on() (bool, error) { return false, nil }

func (n noAutostart) set(on bool) error {
	if !on {
		return nil
	}
	return trading.Errorf(trading.Refused, "%s", n.why)
}

// newAutostart is that of this system.
func newAutostart(c node.Config) autostart {
	if !hasWindow {
		return noAutostart{"this program has no window to start out of sight: let the service manager of your system run `hoox serve`"}
	}
	command, err := startCommand(c)
	if err != nil {
		return noAutostart{err.Error()}
	}
	return systemAutostart(command)
}

// fileAutostart is the way of systems that read a file when somebody signs in.
type fileAutostart struct {
	path string
	text string
	// off tells that a file which is there says "do not start".
	off func(text string) bool
}

func (f fileAutostart) on() (bool, error) {
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the autostart: %w", err)
	}
	return !f.off(string(text)), nil
}

func (f fileAutostart) set(on bool) error {
	if !on {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the autostart: %w", err)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the autostart: %w", err)
	}
	return disk.WriteWhole(f.path, []byte(f.text))
}

// desktopEntry is the autostart of a Linux desktop.
func desktopEntry(folder string, command []string) fileAutostart {
	words := make([]string, len(command))
	for i, w := range command {
		words[i] = desktopWord(w)
	}
	return fileAutostart{
		path: filepath.Join(folder, "hoox.desktop"),
		text: "[Desktop Entry]\nType=Application\nName=Hoox Desktop\nComment=Local-first trading on your own machine\nExec=" +
			strings.Join(words, " ") + "\nIcon=hoox\nTerminal=false\nX-GNOME-Autostart-enabled=true\n",
		off: func(text string) bool {
			for line := range strings.Lines(text) {
				switch strings.ToLower(strings.ReplaceAll(strings.TrimSpace(line), " ", "")) {
				case "hidden=true", "x-gnome-autostart-enabled=false":
					return true
				}
			}
			return false
		},
	}
}

// desktopWord quotes one word of an Exec line: first for the line, then for the file.
func desktopWord(w string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(w)
	quoted = strings.ReplaceAll(quoted, `\`, `\\`)
	return `"` + strings.ReplaceAll(quoted, "%", "%%") + `"`
}

// launchAgent is the autostart of macOS.
func launchAgent(folder string, command []string) fileAutostart {
	var words strings.Builder
	for _, w := range command {
		words.WriteString("\t\t<string>")
		_ = xml.EscapeText(&words, []byte(w)) // a builder takes everything
		words.WriteString("</string>\n")
	}
	return fileAutostart{
		path: filepath.Join(folder, "app.hoox.desktop.plist"),
		text: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>app.hoox.desktop</string>
	<key>ProgramArguments</key>
	<array>
` + words.String() + `	</array>
	<key>RunAtLoad</key>
	<true/>
</dict>
</plist>
`,
		off: func(text string) bool {
			flat := strings.Join(strings.Fields(text), "")
			return strings.Contains(flat, "<key>Disabled</key><true/>") || !strings.Contains(flat, "<key>RunAtLoad</key><true/>")
		},
	}
}

// windowsLine is a command line as Windows takes it apart.
func windowsLine(command []string) string {
	words := make([]string, len(command))
	for i, w := range command {
		words[i] = `"` + w + `"`
		if strings.HasSuffix(w, `\`) {
			words[i] = `"` + w + `\"`
		}
	}
	return strings.Join(words, " ")
}

// autostartRow is what the setting shows: the system's word, or ours where it gives none.
func (h *house) autostartRow(stored string) string {
	if h.manners == nil {
		return stored
	}
	on, err := h.manners.auto.on()
	if err != nil {
		h.log.Warn("ask the system about the autostart", "os", runtime.GOOS, "error", err)
		return stored
	}
	return fmt.Sprint(on)
}

// applySetting has the system do what a setting says before it is stored, so that nothing is stored that is not so.
func (h *house) applySetting(m settings.Setting, value string) error {
	if m.Key != autostartKey || h.manners == nil {
		return nil
	}
	wanted, err := m.Canonical(value)
	if err != nil {
		return err
	}
	if err := h.manners.auto.set(wanted == "true"); err != nil {
		return trading.Wrap(trading.Unavailable, err, "change the autostart")
	}
	on, err := h.manners.auto.on()
	if err == nil && fmt.Sprint(on) != wanted {
		err = errors.New("the system still says " + fmt.Sprint(on))
	}
	return trading.Wrap(trading.Unavailable, err, "change the autostart")
}
