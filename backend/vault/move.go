package vault

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// SealBy moves the vault to another seal, with new keys throughout; current confirms a move away from a passphrase, or to
// another one. The old vault stays readable until the new one was written, read back and compared. It fails like Unlock, and
// with Invalid for a passphrase that is too short.
func (v *Vault) SealBy(kind Kind, passphrase, current Secret) error {
	if err := CheckKind(kind); err != nil {
		return err
	}
	if kind == ByPassphrase {
		if err := checkPassphrase(passphrase); err != nil {
			return err
		}
	}
	return v.moved(func(document) (Kind, Secret) { return kind, passphrase }, current)
}

// Rotate makes both keys of the vault anew and leaves it where it is; current confirms it for a vault that is sealed by a
// passphrase, which stays the same.
func (v *Vault) Rotate(current Secret) error {
	return v.moved(func(doc document) (Kind, Secret) { return doc.Seal.Kind, current }, current)
}

func (v *Vault) moved(to func(document) (Kind, Secret), current Secret) error {
	return v.exclusively(func() error {
		doc, key, err := v.editable()
		if err != nil {
			return err
		}
		defer clear(key)
		if err := v.confirm(doc, current); err != nil {
			return err
		}
		kind, passphrase := to(doc)
		place, err := v.source(kind, passphrase)
		if err != nil {
			return err
		}
		next, data, err := v.build(doc, key, kind, place)
		if err != nil {
			_ = os.Remove(v.nextFile()) // it is sealed, and the next move writes over it
			return err
		}
		defer clear(data)
		v.tidy(&next)
		next.sign(data)
		if err := v.write(next); err != nil {
			return fmt.Errorf("the vault is sealed anew, but that its old key is gone could not be written down: %w", err)
		}
		return nil
	})
}

func (v *Vault) nextFile() string { return filepath.Join(v.options.Dir, nextFileName) }

// build makes the next vault and puts it in the place of the old one. Until it returns the old one is the vault.
func (v *Vault) build(doc document, key []byte, kind Kind, place source) (document, []byte, error) {
	head := newSeal(kind)
	// The new key is noted before it is there: a crash then leaves none behind that nobody forgets.
	doc.retire(head.name())
	doc.sign(key)
	if err := v.write(doc); err != nil {
		return document{}, nil, err
	}
	v.passed("noted")
	sealing, err := place.make(&head)
	if err != nil {
		return document{}, nil, err
	}
	clear(sealing)
	v.passed("key made")
	// From here on with what the place gives back, not with what it was given.
	if sealing, err = place.fetch(head); err != nil {
		return document{}, nil, err
	}
	defer clear(sealing)
	doc.retire(doc.Seal.name())
	next, data, err := doc.resealed(key, head, sealing)
	if err != nil {
		return document{}, nil, err
	}
	if err := v.prove(doc, key, next, sealing); err != nil {
		return document{}, nil, err
	}
	v.passed("proven")
	if err := os.Rename(v.nextFile(), v.file()); err != nil {
		return document{}, nil, fmt.Errorf("replace the vault: %w", err)
	}
	if err := disk.SyncDir(v.options.Dir); err != nil {
		return document{}, nil, err
	}
	v.hold(next, slices.Clone(data))
	v.passed("replaced")
	return next, data, nil
}

// prove writes the next vault beside the old one, reads it back and compares every secret.
func (v *Vault) prove(doc document, key []byte, next document, sealing []byte) error {
	if err := disk.WriteWhole(v.nextFile(), next.text()); err != nil {
		return err
	}
	text, err := os.ReadFile(v.nextFile())
	if err != nil {
		return fmt.Errorf("read the new vault back: %w", err)
	}
	back, err := parse(text)
	if err != nil {
		return err
	}
	data, err := back.Seal.unlock(sealing)
	if err != nil {
		return trading.Errorf(trading.Internal, "the new vault does not open with its key: the old one stays")
	}
	defer clear(data)
	if err := back.verify(data); err != nil {
		return err
	}
	return doc.same(key, back, data)
}
