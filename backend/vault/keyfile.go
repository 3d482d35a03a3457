package vault

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// keyFile keeps keys in vault.key, one a line: its name, a blank, the key. A line without a name is the key of a vault of
// version 1.
type keyFile struct{ dir string }

func (f keyFile) path() string { return filepath.Join(f.dir, keyFileName) }

// lines are the keys by name, in the order of the file; fs.ErrNotExist without a file.
func (f keyFile) lines() (names, keys []string, err error) {
	text, err := os.ReadFile(f.path())
	if err != nil {
		return nil, nil, fmt.Errorf("read the vault's key: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, key, named := strings.Cut(strings.TrimSpace(line), " ")
		if !named {
			name, key = "", name
		}
		names, keys = append(names, name), append(keys, key)
	}
	clear(text)
	return names, keys, nil
}

func (f keyFile) write(names, keys []string) error {
	var b strings.Builder
	for i, name := range names {
		b.WriteString(strings.TrimSpace(name+" "+keys[i]) + "\n")
	}
	return disk.WriteWhole(f.path(), []byte(b.String()))
}

func (f keyFile) make(s *seal) ([]byte, error) {
	names, keys, err := f.lines()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key := randomBytes(keySize)
	return key, f.write(append(names, s.ID), append(keys, base64.StdEncoding.EncodeToString(key)))
}

func (f keyFile) fetch(s seal) ([]byte, error) {
	names, keys, err := f.lines()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for i, name := range names {
		if name != s.ID {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(keys[i])
		if err != nil || len(key) != keySize {
			return nil, trading.Errorf(trading.Internal, "vault.key is damaged: restore it from your backup, or move vault.json and vault.key away and import your export")
		}
		return key, nil
	}
	return nil, trading.Errorf(trading.Internal, "vault.json is there but its key is not in vault.key: restore the key from your backup, or move vault.json away and import your export")
}

func (f keyFile) forget(id string) error {
	names, keys, err := f.lines()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var keptNames, keptKeys []string
	for i, name := range names {
		if name != id {
			keptNames, keptKeys = append(keptNames, name), append(keptKeys, keys[i])
		}
	}
	if len(keptNames) > 0 {
		return f.write(keptNames, keptKeys)
	}
	if err := os.Remove(f.path()); err != nil {
		return fmt.Errorf("forget the vault's key: %w", err)
	}
	return disk.SyncDir(f.dir)
}
