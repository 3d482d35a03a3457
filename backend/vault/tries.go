package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

const (
	// freeTries is how many wrong passphrases cost nothing; the wait after that doubles with each.
	freeTries   = 5
	firstWait   = 5 * time.Second
	longestWait = 15 * time.Minute
)

// tries counts wrong passphrases in a file, so that a restart does not forget them. The caller holds the vault's lock.
type tries struct {
	dir string
	now func() time.Time
}

// triesNote is the file.
type triesNote struct {
	Wrong int       `json:"wrong"`
	Last  time.Time `json:"last"`
}

func (t tries) path() string { return filepath.Join(t.dir, "vault.tries") }

// read is what is known; a note that cannot be read counts as the last free try, because somebody changed it.
func (t tries) read() (triesNote, error) {
	text, err := os.ReadFile(t.path())
	if errors.Is(err, fs.ErrNotExist) {
		return triesNote{}, nil
	}
	if err != nil {
		return triesNote{}, fmt.Errorf("read the count of wrong passphrases: %w", err)
	}
	var note triesNote
	if json.Unmarshal(text, &note) != nil || note.Wrong < 0 {
		note = triesNote{Wrong: freeTries, Last: t.now()}
	}
	return note, nil
}

func (t tries) write(note triesNote) error {
	text, err := json.Marshal(note)
	if err != nil {
		panic(err) // a number and a time
	}
	return disk.WriteWhole(t.path(), append(text, '\n'))
}

// begin counts a try before it is made, so that a kill does not make it free. It fails with Limited while the wait after
// the one before lasts.
func (t tries) begin() error {
	note, err := t.read()
	if err != nil {
		return err
	}
	now := t.now()
	if note.Last.After(now) && note.Wrong >= freeTries {
		// The clock was set back: the wait begins anew, or it might never end.
		note.Last = now
		if err := t.write(note); err != nil {
			return err
		}
	}
	if wait := note.wait() - now.Sub(note.Last); wait > 0 {
		return &trading.Error{Kind: trading.Limited, Wait: wait, Message: fmt.Sprintf("%d wrong passphrases: wait %s before the next try", note.Wrong, wait.Round(time.Second))}
	}
	return t.write(triesNote{Wrong: note.Wrong + 1, Last: now})
}

// passed forgets the wrong ones.
func (t tries) passed() error {
	if err := os.Remove(t.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget the wrong passphrases: %w", err)
	}
	return nil
}

// wait is how long the next try has to wait after the last.
func (n triesNote) wait() time.Duration {
	if n.Wrong < freeTries {
		return 0
	}
	wait := firstWait
	for range n.Wrong - freeTries {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}
