package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// alone keeps other commands of this program from changing key or vault until release is called, which may be called
// twice: each reads the file, changes it and writes it whole, so two at once would lose one change, or seal with a key that
// is gone.
func (v *Vault) alone() (release func(), err error) {
	lock := flock.New(filepath.Join(v.options.Dir, "vault.lock"), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return nil, fmt.Errorf("lock vault: %w", err)
	}
	return func() { _ = lock.Unlock() }, nil // closing the file lets go of it in any case
}

// exclusively does what nobody else may do at the same time, here or in another command.
func (v *Vault) exclusively(do func() error) error {
	v.turn.Lock()
	defer v.turn.Unlock()
	release, err := v.alone()
	if err != nil {
		return err
	}
	defer release()
	return do()
}

// change edits the vault. What it is edited into replaces the old one whole.
func (v *Vault) change(edit func(doc *document, key []byte) error) error {
	return v.exclusively(func() error {
		doc, key, err := v.editable()
		if err != nil {
			return err
		}
		defer clear(key)
		if err := edit(&doc, key); err != nil {
			return err
		}
		v.tidy(&doc)
		doc.sign(key)
		return v.write(doc)
	})
}

// editable is the vault as one of the newest version; one of the first is written as such, under its old key.
func (v *Vault) editable() (document, []byte, error) {
	doc, key, err := v.readAgain()
	if err != nil {
		return document{}, nil, err
	}
	if doc.Version == version {
		doc.Secrets, doc.Retired = maps.Clone(doc.Secrets), slices.Clone(doc.Retired)
		return doc, key, nil
	}
	next, data, err := doc.resealed(key, doc.Seal, key)
	if err != nil {
		return document{}, nil, err
	}
	if err := v.write(next); err != nil {
		return document{}, nil, err
	}
	v.hold(next, slices.Clone(data))
	return next, data, nil
}

// tidy forgets keys that seal nothing; one that cannot be had now stays noted.
func (v *Vault) tidy(doc *document) {
	var left []keyName
	for _, k := range doc.Retired {
		if k == doc.Seal.name() {
			continue
		}
		place, err := v.source(k.Kind, Secret{})
		if err != nil || place.forget(k.ID) != nil {
			left = append(left, k)
		}
	}
	doc.Retired = left
}

// read is the file and its data key, checked whole.
func (v *Vault) read() (document, []byte, error) {
	doc, key, fits, err := v.look()
	if err != nil || fits {
		return doc, key, err
	}
	v.turn.Lock()
	defer v.turn.Unlock()
	return v.readAgain()
}

// readAgain is read by the one whose turn it is. A vault that another command has sealed anew is opened again; where that
// takes a passphrase it is locked.
func (v *Vault) readAgain() (document, []byte, error) {
	doc, key, fits, err := v.look()
	if err != nil || fits {
		return doc, key, err
	}
	if err := v.enter(doc, Secret{}); err != nil {
		v.lock(err)
		return document{}, nil, v.Locked()
	}
	doc, key, _, err = v.look()
	return doc, key, err
}

// look reads the file and checks it with the key that is held; fits is false when it was sealed anew since. The key is the
// caller's own copy.
func (v *Vault) look() (doc document, key []byte, fits bool, err error) {
	v.mu.Lock()
	h, known := v.held, checked{}
	if h != nil {
		key, known = slices.Clone(h.key), h.checked
	}
	v.mu.Unlock()
	if h == nil {
		return document{}, nil, true, v.Locked()
	}
	text, err := os.ReadFile(v.file())
	if err != nil {
		return document{}, nil, true, gone(err)
	}
	// An account asks for its keys with every request it signs: what was checked once is not taken apart again.
	if known.text != nil && bytes.Equal(text, known.text) {
		return known.document, key, true, nil
	}
	if doc, err = parse(text); err != nil {
		return document{}, nil, true, err
	}
	if h.seal != doc.Seal {
		return doc, nil, false, nil
	}
	if err := doc.verify(key); err != nil {
		return document{}, nil, true, err
	}
	v.mu.Lock()
	h.checked = checked{text, doc}
	v.mu.Unlock()
	return doc, key, true, nil
}

// gone says what to do when the file of a vault that was there is not.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return trading.Errorf(trading.Internal, "vault.json is gone: put it back, or restart to begin a new one and import your export")
	}
	return err
}

func (v *Vault) load() (document, error) {
	data, err := os.ReadFile(v.file())
	if err != nil {
		return document{}, fmt.Errorf("read vault: %w", err)
	}
	return parse(data)
}

func (v *Vault) write(doc document) error { return disk.WriteWhole(v.file(), doc.text()) }
