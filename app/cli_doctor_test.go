package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/vault"
)

// recovery is how long a test waits until a fix shows.
const recovery = time.Minute

// examine runs `hoox doctor` and returns its findings by name. Every fault must say what to do, and be the end of the command.
func examine(t *testing.T, sh shell, args ...string) map[string]finding {
	t.Helper()
	var out bytes.Buffer
	sh.ctx, sh.stdin, sh.stdout, sh.stderr = t.Context(), strings.NewReader(""), &out, io.Discard
	code := run(append(args, "doctor", "--json"), sh)
	var d diagnosis
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatalf("doctor: %v in %s", err, out.String())
	}
	byName, faults := map[string]finding{}, 0
	for _, f := range d.Items {
		byName[f.Name] = f
		if !f.OK {
			faults++
		}
		if !f.OK && f.Fix == "" {
			t.Errorf("%+v does not say what to do", f)
		}
	}
	if (code != exitOK) != (faults > 0) {
		t.Errorf("exit code %d with %d faults: a script could not tell", code, faults)
	}
	return byName
}

// plain is a shell that looks at a folder as a terminal does.
func plain() shell { return shell{ui: testPages(), env: testEnv, now: time.Now} }

// ill wants a fault of that name, with a word of what is wrong and of what to do.
func ill(t *testing.T, all map[string]finding, name, detail, fix string) {
	t.Helper()
	f, ok := all[name]
	if !ok || f.OK || !strings.Contains(f.Detail, detail) || !strings.Contains(f.Fix, fix) {
		t.Fatalf("%s: had %+v, want a fault with %q and the fix %q", name, f, detail, fix)
	}
}

// well wants the finding to be there and no fault.
func well(t *testing.T, all map[string]finding, name string) {
	t.Helper()
	if f, ok := all[name]; !ok || !f.OK {
		t.Fatalf("%s: had %+v after its fix, want it ok: the fix that it names does not help", name, f)
	}
}

// becomes asks the doctor of a running program until a finding is as it should be.
func (p *program) becomes(name string, so func(finding) bool) finding {
	p.t.Helper()
	limit, tick := time.NewTimer(recovery), time.NewTicker(200*time.Millisecond)
	defer limit.Stop()
	defer tick.Stop()
	for {
		f := examine(p.t, plain(), "--data-dir", p.dir)[name]
		if so(f) {
			return f
		}
		select {
		case <-tick.C:
		case <-limit.C:
			p.t.Fatalf("%s is %+v after %s\n%s", name, f, recovery, p.stderr)
		}
	}
}

// fallsIll waits for a fault with a word of what is wrong and of what to do.
func (p *program) fallsIll(name, detail, fix string) {
	p.t.Helper()
	p.becomes(name, func(f finding) bool {
		return !f.OK && strings.Contains(f.Detail, detail) && strings.Contains(f.Fix, fix)
	})
}

// recovers waits until the fault is gone.
func (p *program) recovers(name string) {
	p.t.Helper()
	p.becomes(name, func(f finding) bool { return f.OK && f.Name != "" })
}

// furnished is a data folder with a configuration.
func furnished(t *testing.T, config string) string {
	t.Helper()
	dir := privateDir(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	configure(t, dir, config)
	return dir
}

func configure(t *testing.T, dir, config string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDoctorKeepsTheShapeOfItsMachineOutput(t *testing.T) {
	_, out, _ := hoox(t, "", "--data-dir", privateDir(t), "doctor", "--json")
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	var had struct {
		Running *bool `json:"running"`
		Items   []struct {
			Name   *string `json:"name"`
			OK     *bool   `json:"ok"`
			Detail *string `json:"detail"`
			Fix    *string `json:"fix"`
		} `json:"items"`
	}
	if err := d.Decode(&had); err != nil || had.Running == nil || len(had.Items) < 5 {
		t.Fatalf("%v in %s: scripts read it", err, out)
	}
	for _, f := range had.Items {
		if f.Name == nil || f.OK == nil || f.Detail == nil || f.Fix == nil {
			t.Errorf("a finding lacks a field in %s", out)
		}
	}
}

func TestDoctorFindsAPortThatIsTaken(t *testing.T) {
	for _, c := range []struct{ name, block, flag string }{{"gateway port", "gateway", "--listen"}, {"control port", "control", "--control"}} {
		squatter, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		config := func(address string) string {
			return "[" + c.block + "]\nlisten = \"" + address + "\"\n"
		}
		dir := furnished(t, config(squatter.Addr().String()))
		look := func() map[string]finding { return examine(t, plain(), "--data-dir", dir) }

		ill(t, look(), c.name, squatter.Addr().String()+" is taken", c.flag)
		configure(t, dir, config("127.0.0.1:0"))
		well(t, look(), c.name)

		configure(t, dir, config(squatter.Addr().String()))
		ill(t, look(), c.name, "is taken", "stop that program")
		if err := squatter.Close(); err != nil {
			t.Fatal(err)
		}
		well(t, look(), c.name)
	}
}

func TestDoctorFindsAClockThatWasSetBack(t *testing.T) {
	dir := privateDir(t)
	begin(t, dir)()
	early := plain()
	early.now = func() time.Time { return time.Now().Add(-time.Hour) }

	ill(t, examine(t, early, "--data-dir", dir), "clock", "before what the ledger has seen", "automatic time")
	well(t, examine(t, plain(), "--data-dir", dir), "clock")
}

func TestDoctorFindsADiskThatIsNearlyFull(t *testing.T) {
	var left atomic.Uint64
	left.Store(100 << 20)
	free := func(string) (uint64, error) { return left.Load(), nil }
	dir := privateDir(t)
	config := configOf(t, dir, testEnv)
	config.Free = free
	p := startOn(t, config)

	p.fallsIll("disk", "100 MiB free", "free space")
	if f := roomFinding(dir+"/not/made/yet", free); f.OK || !strings.Contains(f.Fix, "free space") {
		t.Errorf("nothing runs: had %+v", f)
	}
	left.Store(20 << 30)
	p.recovers("disk")
	if f := roomFinding(dir, free); !f.OK {
		t.Errorf("nothing runs: had %+v after space was made", f)
	}
	if f := roomFinding(dir, func(string) (uint64, error) { return 0, errors.New("input/output error") }); f.OK || f.Fix == "" {
		t.Errorf("a disk that cannot be asked: had %+v", f)
	}
}

func TestDoctorFindsAKeychainThatIsLocked(t *testing.T) {
	chain := &memoryChain{entries: map[string]string{}}
	dir := privateDir(t)
	config := configOf(t, dir, func(name string) string { return map[string]string{"HOOX_PAPER_MARKET": "synthetic"}[name] })
	config.Keychain, config.StartLocked = chain, true
	startOn(t, config).end()
	chain.goAway(errors.New("the collection is locked"))
	withChain := plain()
	withChain.keychain = chain

	ill(t, examine(t, withChain, "--data-dir", dir), "vault", "the collection is locked", "unlock what holds its key")
	p := startOn(t, config)
	p.fallsIll("vault", "locked", "hoox vault unlock")

	chain.goAway(nil)
	if code, out, words := p.hoox("", "vault", "unlock"); code != exitOK {
		t.Fatalf("unlock: had %d %q %q", code, out, words)
	}
	p.recovers("vault")
	<-p.ready
	p.end()
	well(t, examine(t, withChain, "--data-dir", dir), "vault")
	if kind := vault.KindOf(dir); kind != vault.ByKeychain {
		t.Errorf("the vault is sealed by %s: the keychain was never put to the test", kind)
	}
}

func TestDoctorFindsAWindowThatStaysEmpty(t *testing.T) {
	dir := furnished(t, "")
	book := newLogbook(io.Discard, "info")
	if err := book.open(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(book.close)
	later := plain()
	look := func(after time.Duration) map[string]finding {
		later.now = func() time.Time { return time.Now().Add(after) }
		return examine(t, later, "--data-dir", dir)
	}
	if f, ok := look(time.Hour)["painting"]; ok {
		t.Errorf("no window was ever opened: had %+v", f)
	}
	book.log.Info(windowOpened, "hidden", false)
	well(t, look(0), "painting")
	ill(t, look(time.Minute), "painting", "stayed empty", "hoox serve")

	book.log.Info("ready") // started again, as the fix says
	book.log.Info(windowOpened, "hidden", false)
	book.log.Info(windowPainted)
	well(t, look(time.Minute), "painting")

	book.log.Info(windowOpened, "hidden", true)
	if f, ok := look(time.Minute)["painting"]; ok {
		t.Errorf("out of sight nothing is painted: had %+v", f)
	}
	for _, system := range []string{"linux", "darwin", "windows"} {
		if fix := emptyWindowFix(system); !strings.Contains(fix, "hoox serve") {
			t.Errorf("%s: %q does not say how to go on", system, fix)
		}
	}
}

func TestDoctorFindsTheRendererThatLeavesWindowsEmpty(t *testing.T) {
	for value, ok := range map[string]bool{"0": false, "": true, "1": true} {
		f := rendererFinding("linux", func(name string) string {
			return map[string]string{"WEBKIT_DISABLE_DMABUF_RENDERER": value}[name]
		})
		if f.OK != ok || (f.Fix == "") != ok {
			t.Errorf("WEBKIT_DISABLE_DMABUF_RENDERER=%q: had %+v", value, f)
		}
	}
}

func TestTheLogOfAWindowIsReadAsFarAsItCanBe(t *testing.T) {
	var text bytes.Buffer
	slog.New(slog.NewJSONHandler(&text, nil)).Info(windowOpened, "hidden", false)
	log := "half a line\n{}\n" + text.String() + "{\"msg\":"
	if f, known := paintFinding(log, time.Now().Add(time.Hour)); !known || f.OK {
		t.Errorf("had %+v %t, want the window that stayed empty", f, known)
	}
}

func TestDoctorFindsAnInstanceThatDoesNotAnswer(t *testing.T) {
	a := answersWith(t, map[string]any{"Health/Get": Fault{Kind: "internal", Message: "it hangs"}})
	ill(t, examine(t, plain(), "--data-dir", a.dir), "running", "it hangs", "start it again")
}
