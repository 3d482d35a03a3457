package objects

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hoox/backend/disk"
	"hoox/backend/risk"
)

// KillFile is the file that says "halted" even when the ledger cannot be read. A person may make an empty one by hand:
// a file that is there and cannot be understood means halted too.
type KillFile struct{ path string }

// NewKillFile names the file in a data folder.
func NewKillFile(dir string) *KillFile { return &KillFile{filepath.Join(dir, "KILL")} }

type killText struct {
	State  string `json:"state"`
	Reason string `json:"reason"`
	Actor  string `json:"actor"`
	Since  int64  `json:"since"`
	Sum    string `json:"sum"`
}

func (k killText) sum() string {
	digest := sha256.Sum256([]byte(fmt.Sprintf("%q %q %q %d", k.State, k.Reason, k.Actor, k.Since)))
	return hex.EncodeToString(digest[:8])
}

// Read is what the file says; false when there is none. An error means that something is there and cannot be trusted,
// which the reader must take for halted.
func (f *KillFile) Read() (risk.Standing, bool, error) {
	data, err := os.ReadFile(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return risk.Standing{}, false, nil
	}
	if err != nil {
		return risk.Standing{}, true, fmt.Errorf("read kill file: %w", err)
	}
	var k killText
	if err := json.Unmarshal(data, &k); err != nil || k.Sum != k.sum() || !risk.State(k.State).Known() {
		return risk.Standing{}, true, errors.New("kill file is not one this program wrote")
	}
	return risk.Standing{State: risk.State(k.State), Reason: k.Reason, Actor: k.Actor, Since: time.UnixMilli(k.Since).UTC()}, true, nil
}

// Write makes the file say s, for good.
func (f *KillFile) Write(s risk.Standing) error {
	k := killText{State: string(s.State), Reason: s.Reason, Actor: s.Actor, Since: s.Since.UnixMilli()}
	k.Sum = k.sum()
	data, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("write kill file: %w", err)
	}
	return disk.WriteWhole(f.path, data)
}

// Remove takes the file away; one that is not there is no error.
func (f *KillFile) Remove() error {
	if err := os.Remove(f.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove kill file: %w", err)
	}
	return disk.SyncDir(filepath.Dir(f.path))
}
