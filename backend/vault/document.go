package vault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"

	"hoox/backend/trading"
)

// document is vault.json: what is in it is useless without the key. Version 1 had neither seal nor tag: the key in
// vault.key sealed its secrets directly. It is read, and becomes version 2 with the first change.
type document struct {
	Version int  `json:"version"`
	Seal    seal `json:"seal"`
	// Retired names keys that seal nothing any more, or nothing yet: whoever changes the vault next has them forgotten.
	Retired []keyName         `json:"retired,omitempty"`
	Secrets map[string]string `json:"secrets"`
	// Tag signs everything else.
	Tag string `json:"tag"`
}

const (
	firstVersion = 1
	version      = 2
)

func errDamaged() error {
	return trading.Errorf(trading.Internal, "vault.json is damaged: restore it from your backup, or move it away and import your export")
}

// parse reads a vault without opening it. It fails with Internal for anything that we did not write.
func parse(data []byte) (document, error) {
	var d document
	if err := json.Unmarshal(data, &d); err != nil || d.Secrets == nil {
		return document{}, errDamaged()
	}
	switch d.Version {
	case firstVersion:
		d.Seal = seal{Kind: ByFile}
		return d, nil
	case version:
		// Nothing may be in the file that the tag does not sign, no blank and no second field of a name either.
		if !bytes.Equal(d.text(), data) || CheckKind(d.Seal.Kind) != nil {
			return document{}, errDamaged()
		}
		return d, nil
	}
	return document{}, trading.Errorf(trading.Internal, "vault.json is of version %d, which a newer hoox wrote: use that one, or move the file away", d.Version)
}

// text is the file.
func (d document) text() []byte {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		panic(err) // texts and numbers only
	}
	return append(text, '\n')
}

// signed is what the tag is bound to.
func (d document) signed() []byte {
	d.Tag = ""
	return d.text()
}

func (d *document) sign(key []byte) { d.Tag = enclose(key, nil, d.signed()) }

// verify fails with Internal when anything was changed since it was signed.
func (d document) verify(key []byte) error {
	if d.Version == firstVersion {
		return nil
	}
	if _, err := disclose(key, d.Tag, d.signed()); err != nil {
		return errDamaged()
	}
	return nil
}

// names lists the secrets.
func (d document) names() []string {
	names := make([]string, 0, len(d.Secrets))
	for name := range d.Secrets {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (d document) put(key []byte, name string, value Secret) {
	text := []byte(value.Reveal())
	d.Secrets[name] = enclose(key, text, []byte(name))
	clear(text)
}

// get opens one secret; false when it is not there.
func (d document) get(key []byte, name string) (Secret, bool, error) {
	box, ok := d.Secrets[name]
	if !ok {
		return Secret{}, false, nil
	}
	text, err := disclose(key, box, []byte(name))
	if err != nil {
		return Secret{}, false, trading.Errorf(trading.Internal, "secret %s cannot be opened: the vault was changed outside this program, or its key is another one", name)
	}
	return hide(text), true, nil
}

// resealed is the same secrets under fresh keys: a new data key, sealed with key as head says.
func (d document) resealed(old []byte, head seal, key []byte) (document, []byte, error) {
	fresh := randomBytes(keySize)
	head.lock(key, fresh)
	next := document{Version: version, Seal: head, Retired: slices.Clone(d.Retired), Secrets: map[string]string{}}
	for name := range d.Secrets {
		value, _, err := d.get(old, name)
		if err != nil {
			return document{}, nil, err
		}
		next.put(fresh, name, value)
		value.Wipe()
	}
	next.sign(fresh)
	return next, fresh, nil
}

// same fails with Internal unless both hold the same secrets.
func (d document) same(key []byte, other document, otherKey []byte) error {
	if len(d.Secrets) != len(other.Secrets) {
		return trading.Errorf(trading.Internal, "%d secrets became %d", len(d.Secrets), len(other.Secrets))
	}
	for name := range d.Secrets {
		a, _, err := d.get(key, name)
		if err != nil {
			return err
		}
		b, _, err := other.get(otherKey, name)
		if err != nil {
			return err
		}
		if !a.Equal(b) {
			return fmt.Errorf("secret %s changed on its way", name)
		}
		a.Wipe()
		b.Wipe()
	}
	return nil
}

// retire names a key that is to be forgotten.
func (d *document) retire(k keyName) {
	if k.Kind != ByPassphrase && !slices.Contains(d.Retired, k) {
		d.Retired = append(d.Retired, k)
	}
}
