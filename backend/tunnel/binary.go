package tunnel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"

	"hoox/backend/trading"
)

// binary is a program file that may be started. pin is what it must hash to, "" when any file will do.
type binary struct{ path, hash, version, pin string }

// find looks for the program, holds it against the pinned hash and asks its version. places are where it stands on some
// systems without being on the PATH.
func (r *Runner) find(ctx context.Context, name string, places ...string) (binary, error) {
	path, err := r.locate(name, places)
	if err != nil {
		return binary{}, err
	}
	b := binary{path: path, pin: r.config.SHA256}
	if b.hash, err = b.check(); err != nil {
		return binary{}, err
	}
	b.version = r.askVersion(ctx, b, "--version")
	return b, nil
}

// check hashes the file and fails when it is not the pinned one.
func (b binary) check() (sum string, err error) {
	if sum, err = hashFile(b.path); err != nil {
		return "", refused(trading.Unavailable, "check that the program can be read", "read %s: %v", b.path, err)
	}
	if b.pin != "" && b.pin != sum {
		return "", refused(trading.Refused, "if you updated "+filepath.Base(b.path)+" yourself, set [tunnel] sha256 to "+sum+"; if not, do not start it",
			"%s is not the pinned file: its SHA-256 is %s", b.path, sum)
	}
	return sum, nil
}

// unchanged fails when a pinned file is no longer what it was when it was found. It is asked before every start: a tunnel
// runs for weeks, and what stands under the path can be replaced meanwhile.
func (b binary) unchanged() error {
	if b.pin == "" {
		return nil
	}
	_, err := b.check()
	return err
}

func (r *Runner) locate(name string, places []string) (string, error) {
	if r.config.Path != "" {
		places = []string{r.config.Path}
	} else if path, err := exec.LookPath(name); err == nil && filepath.IsAbs(path) {
		return path, nil
	}
	for _, path := range places {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
	}
	if r.config.Path != "" {
		return "", refused(trading.NotFound, r.facts.Install, "there is no program %s", r.config.Path)
	}
	return "", refused(trading.NotFound, r.facts.Install, "%s is not installed", name)
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

var versionPattern = regexp.MustCompile(`\d+(\.\d+)+[-.0-9A-Za-z]*`)

// askVersion is what the program says of its version, "" when it says nothing one can read.
func (r *Runner) askVersion(ctx context.Context, b binary, args ...string) string {
	text, err := r.capture(ctx, b, r.environment(r.dir), args...)
	if err != nil {
		return ""
	}
	return versionPattern.FindString(r.output.clean(text))
}

// environment is what children get to know: where programs and temporary files are and in which language to speak.
// Nothing of this program's own configuration or secrets is in it.
func (r *Runner) environment(home string, more ...string) []string {
	names := []string{"PATH", "LANG", "LC_ALL", "TMPDIR", "USER", "LOGNAME", "SSL_CERT_FILE", "SSL_CERT_DIR"}
	if runtime.GOOS == "windows" {
		names = []string{"PATH", "PATHEXT", "SystemRoot", "SystemDrive", "windir", "ComSpec", "TEMP", "TMP", "ProgramData", "ProgramFiles", "LOCALAPPDATA", "APPDATA"}
	}
	out := []string{"HOME=" + home}
	if runtime.GOOS == "windows" {
		out = []string{"USERPROFILE=" + home}
	}
	for _, name := range names {
		if value := r.parts.Env(name); value != "" {
			out = append(out, name+"="+value)
		}
	}
	return append(out, more...)
}

// home is the person's own folder, for programs that keep what they need there.
func (r *Runner) home() string {
	if runtime.GOOS == "windows" {
		return r.parts.Env("USERPROFILE")
	}
	return r.parts.Env("HOME")
}

// secret asks the vault and has what it gives cut out of everything that is kept.
func (r *Runner) secret(name string) (string, bool, error) {
	value, ok, err := r.parts.Secret(name)
	if err != nil {
		return "", false, refused(trading.KindOf(err), "look at the vault on the Health page", "read secret %s: %v", name, err)
	}
	if ok {
		r.output.hide(value)
	}
	return value, ok, nil
}
