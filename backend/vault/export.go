package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"hoox/backend/trading"
)

const (
	// exportWork is scrypt's work factor, 2^16: 64 MiB, as much as the vault's own seal takes. More than mostWork is not done
	// for a file that somebody hands us; it is what the age tool itself writes.
	exportWork = 16
	mostWork   = 18
	// LargestExport bounds a file of secrets, mostImported how many may be in it.
	LargestExport = 1 << 20
	mostImported  = 1000
)

// exported is what an export holds, before it is encrypted. It never stands anywhere in clear.
type exported struct {
	Hoox    int               `json:"hoox"`
	Secrets map[string]string `json:"secrets"`
}

// Change says what an import does to one secret.
type Change struct {
	Name string
	// What is one of the words below.
	What string
}

// What becomes of a secret that is imported.
const (
	// ImportNew is not in the vault yet.
	ImportNew = "new"
	// ImportSame is in it with the same value.
	ImportSame = "same"
	// ImportDiffers is in it with another value, which is replaced only when that was asked for.
	ImportDiffers = "differs"
	// ImportKept is never replaced: every order id so far came from it.
	ImportKept = "kept"
)

// Merge is how far an import goes.
type Merge string

// The ways to import.
const (
	// MergeLook changes nothing.
	MergeLook Merge = "look"
	// MergeAdd adds what is new.
	MergeAdd Merge = "add"
	// MergeReplace adds what is new and replaces what differs.
	MergeReplace Merge = "replace"
)

// check fails with Invalid for what is no way to import.
func (m Merge) check() error {
	switch m {
	case MergeLook, MergeAdd, MergeReplace:
		return nil
	}
	return trading.FieldError("merge", "%q is not one of look, add, replace", string(m))
}

// Export writes every secret of the file into a text that only the passphrase opens: here, or anywhere with the age tool.
// What comes from the environment is not in it. It fails with Invalid for a passphrase that is too short, and like Unlock
// for current, which a vault that is sealed by a passphrase wants.
func (v *Vault) Export(passphrase, current Secret) (text string, count int, err error) {
	if err := checkPassphrase(passphrase); err != nil {
		return "", 0, err
	}
	if err := v.Confirm(current); err != nil {
		return "", 0, err
	}
	doc, key, err := v.read()
	if err != nil {
		return "", 0, err
	}
	defer clear(key)
	all := exported{Hoox: 1, Secrets: map[string]string{}}
	for _, name := range doc.names() {
		value, _, err := doc.get(key, name)
		if err != nil {
			return "", 0, err
		}
		all.Secrets[name] = value.Reveal()
		value.Wipe()
	}
	plain, err := json.Marshal(all)
	if err != nil {
		return "", 0, fmt.Errorf("export the vault: %w", err)
	}
	defer clear(plain)
	text, err = encrypt(plain, passphrase)
	return text, len(all.Secrets), err
}

func encrypt(plain []byte, passphrase Secret) (string, error) {
	to, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return "", fmt.Errorf("export the vault: %w", err)
	}
	to.SetWorkFactor(exportWork)
	var out bytes.Buffer
	shell := armor.NewWriter(&out)
	w, err := age.Encrypt(shell, to)
	if err != nil {
		return "", fmt.Errorf("export the vault: %w", err)
	}
	_, err = w.Write(plain)
	if err := errors.Join(err, w.Close(), shell.Close()); err != nil {
		return "", fmt.Errorf("export the vault: %w", err)
	}
	return out.String(), nil
}

// Import brings the secrets of an export into the vault, all of them or none, and tells what became of each. It fails with
// Unauthorized when the passphrase does not open the text, with Invalid when it is no export, and with Unavailable while the
// vault is locked.
func (v *Vault) Import(text string, passphrase Secret, m Merge) ([]Change, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := v.Locked(); err != nil {
		return nil, err
	}
	in, err := openExport(text, passphrase)
	if err != nil {
		return nil, err
	}
	var list []Change
	if m == MergeLook {
		doc, key, err := v.read()
		if err != nil {
			return nil, err
		}
		defer clear(key)
		return doc.compare(key, in)
	}
	err = v.change(func(doc *document, key []byte) error {
		if list, err = doc.compare(key, in); err != nil {
			return err
		}
		for _, c := range list {
			if c.What == ImportNew || c.What == ImportDiffers && m == MergeReplace {
				doc.put(key, c.Name, NewSecret(in.Secrets[c.Name]))
			}
		}
		return nil
	})
	return list, err
}

// compare tells what an import would do to each secret, by name.
func (d document) compare(key []byte, in exported) ([]Change, error) {
	list := []Change{}
	for _, name := range (document{Secrets: in.Secrets}).names() {
		here, ok, err := d.get(key, name)
		if err != nil {
			return nil, err
		}
		c := Change{Name: name, What: ImportDiffers}
		switch {
		case !ok:
			c.What = ImportNew
		case here.Equal(NewSecret(in.Secrets[name])):
			c.What = ImportSame
		case name == InstallKey:
			c.What = ImportKept
		}
		list = append(list, c)
	}
	return list, nil
}

// openExport decrypts and checks all of it before anything is believed.
func openExport(text string, passphrase Secret) (exported, error) {
	none := func() (exported, error) {
		return exported{}, trading.FieldError("text", "this is no export of a vault: it begins with %q", armor.Header)
	}
	if len(text) > LargestExport || !strings.HasPrefix(strings.TrimSpace(text), armor.Header) {
		return none()
	}
	by, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return exported{}, trading.FieldError("passphrase", "type the passphrase of the export")
	}
	by.SetMaxWorkFactor(mostWork)
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(strings.TrimSpace(text)+"\n")), by)
	if err != nil {
		return exported{}, trading.Errorf(trading.Unauthorized, "the passphrase does not open this export, or the export is damaged")
	}
	plain, err := io.ReadAll(io.LimitReader(r, LargestExport))
	if err != nil {
		return exported{}, trading.Errorf(trading.Unauthorized, "the passphrase does not open this export, or the export is damaged")
	}
	defer clear(plain)
	var in exported
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	if d.Decode(&in) != nil || in.Hoox != 1 || len(in.Secrets) > mostImported {
		return none()
	}
	for name, value := range in.Secrets {
		if CheckName(name) != nil || checkValue(NewSecret(value)) != nil {
			return exported{}, trading.FieldError("text", "the export holds something that is no secret: %q", name)
		}
	}
	return in, nil
}
