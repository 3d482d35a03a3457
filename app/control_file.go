package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"hoox/backend/disk"
)

// controlFile tells other commands of this user how to reach the running instance. It is readable by its owner only,
// because of the token.
type controlFile struct {
	Gateway string `json:"gateway"`
	Control string `json:"control"`
	Token   string `json:"token"`
	PID     int    `json:"pid"`
	Version string `json:"version"`
}

func controlPath(dataDir string) string { return filepath.Join(dataDir, "control.json") }

// writeControlFile replaces the file as a whole.
func writeControlFile(dataDir string, c controlFile) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("write control.json: %w", err)
	}
	return disk.WriteWhole(controlPath(dataDir), append(text, '\n'))
}

// removeControlFile takes the file away after a clean stop, unless it is another instance's by now.
func removeControlFile(dataDir string, pid int) error {
	c, err := readControlFile(dataDir)
	if err != nil || c.PID != pid {
		return nil
	}
	return os.Remove(controlPath(dataDir))
}

func readControlFile(dataDir string) (controlFile, error) {
	var c controlFile
	text, err := os.ReadFile(controlPath(dataDir))
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil || c.Control == "" || c.Token == "" {
		return c, errors.New("control.json is damaged: restart hoox")
	}
	return c, nil
}

// held tells whether an instance has the data folder. A control.json without one is left over from a kill, and its port
// may be somebody else's by now, who must not get the token.
func held(dataDir string) bool {
	path := lockPath(dataDir)
	if _, err := os.Stat(path); err != nil {
		return false
	}
	lock := flock.New(path)
	taken, err := lock.TryRLock()
	if err != nil {
		return true
	}
	if !taken {
		return true
	}
	_ = lock.Unlock() // closing the file lets go of it in any case
	return false
}
