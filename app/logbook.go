package app

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/DeRuina/timberjack"
	"github.com/mattn/go-isatty"

	"hoox/backend/vault"
)

const (
	// logFileSize in MiB times the number of files is what the log may fill.
	logFileSize = 5
	logFiles    = 8
)

// logbook is where the program writes what it does: stderr, and from the moment the data folder is ours a file in it that
// rotates. Secrets never get as far as either.
type logbook struct {
	log    *slog.Logger
	redact []*redactor
	file   late

	mu sync.Mutex
	// vault is where secrets come from; learnt is true once they were read, and seen the state of its file that is known.
	vault  *vault.Vault
	learnt bool
	seen   time.Time
}

// newLogbook logs to stderr: text for a person at a terminal, JSON for everybody else.
func newLogbook(stderr io.Writer, level string) *logbook {
	b := &logbook{}
	screen, file := &redactor{to: stderr, fresh: b.follow}, &redactor{to: &b.file, fresh: b.follow}
	b.redact = []*redactor{screen, file}
	options := &slog.HandlerOptions{Level: levelOf(level)}
	var front slog.Handler = slog.NewJSONHandler(screen, options)
	if isTerminal(stderr) {
		front = slog.NewTextHandler(screen, options)
	}
	b.log = slog.New(slog.NewMultiHandler(front, slog.NewJSONHandler(file, options)))
	return b
}

func levelOf(word string) slog.Level {
	switch word {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	return slog.LevelInfo
}

// open begins to write into the data folder as well.
func (b *logbook) open(dataDir string) error {
	dir := filepath.Join(dataDir, "logs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of the log: %w", err)
	}
	b.file.become(&timberjack.Logger{
		Filename: filepath.Join(dir, "hoox.log"), MaxSize: logFileSize, MaxBackups: logFiles, FileMode: 0o600,
	})
	return nil
}

// clean cuts secrets out of a text that goes elsewhere than the log.
func (b *logbook) clean(text string) string {
	b.follow()
	return b.redact[0].clean(text)
}

// close ends the file; stderr goes on.
func (b *logbook) close() { b.file.become(nil) }

// learn makes every secret of a vault known, now and whenever the vault is changed.
func (b *logbook) learn(v *vault.Vault) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.vault = v
	return b.catchUp()
}

// knows tells whether every secret of the vault is known as it is now. One that was locked since the start told none.
func (b *logbook) knows() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.vault != nil && b.catchUp() == nil
}

// hide makes one more secret known.
func (b *logbook) hide(s vault.Secret) {
	for _, r := range b.redact {
		r.know(s.Reveal())
	}
}

// mute is a fault that repeats no secret: what was typed into a wrong field must not stand on a screen, or in the answer
// that a program keeps.
func (b *logbook) mute(f Fault) Fault {
	b.follow()
	f.Message, f.Field = b.redact[0].without(f.Message), b.redact[0].without(f.Field)
	return f
}

// follow learns what another command has put into the vault since: a new webhook key is in force within seconds.
func (b *logbook) follow() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.vault != nil {
		// A vault that cannot be read is told by Health; the line must be written all the same.
		_ = b.catchUp()
	}
}

// catchUp reads the vault when it is another than the one that was read. The caller holds mu.
func (b *logbook) catchUp() error {
	stamp := b.vault.Changed()
	if b.learnt && stamp.Equal(b.seen) {
		return nil
	}
	if err := b.read(b.vault); err != nil {
		return err
	}
	b.learnt, b.seen = true, stamp
	return nil
}

func (b *logbook) read(v *vault.Vault) error {
	names, err := v.Names()
	if err != nil {
		return err
	}
	// These may come from the environment alone, and then are not in the vault's list.
	names = append(names, vault.WebhookKey, vault.InternalKey, vault.InstallKey)
	for _, name := range names {
		value, ok, err := v.Get(name)
		if err != nil {
			return err
		}
		if ok {
			b.hide(value)
		}
	}
	return nil
}

// late is a writer that swallows everything until there is somewhere to write to.
type late struct {
	mu sync.Mutex
	to io.WriteCloser
}

func (l *late) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.to == nil {
		return len(line), nil
	}
	return l.to.Write(line)
}

func (l *late) become(to io.WriteCloser) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.to != nil {
		_ = l.to.Close() // there is nowhere left to say that the log could not be closed
	}
	l.to = to
}

// isTerminal tells whether a person sees what is written.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
