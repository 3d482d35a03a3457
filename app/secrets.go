package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"hoox/backend/audit"
	"hoox/backend/events"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// Secrets is the vault: which secrets are set, how they are sealed, and moving them. No answer holds a secret.
type Secrets struct {
	in  *house
	who actor
}

// List is every secret that is set or that this program would use, also while the vault is locked.
func (s *Secrets) List(_ Empty) (SecretList, error) {
	return answer(s.in, "list secrets", func(context.Context) (SecretList, error) {
		names, err := s.in.vault.Names()
		if err != nil {
			return SecretList{}, err
		}
		list := SecretList{Items: []SecretRow{}, Vault: s.in.vaultState()}
		for _, k := range knownSecrets() {
			list.Items = append(list.Items, s.in.secretRow(k, slices.Contains(names, k.name)))
			names = slices.DeleteFunc(names, func(name string) bool { return name == k.name })
		}
		for _, name := range names {
			list.Items = append(list.Items, s.in.secretRow(knownAs(name), true))
		}
		return list, nil
	})
}

// Set stores a secret. It fails with Invalid for a bad name or value or an internal key that could be guessed, with Refused for
// what is made once, and with Unavailable while the vault is locked.
func (s *Secrets) Set(req SetSecret) (Receipt, error) {
	d := &deed{what: "set a secret", action: audit.SetSecret, subject: subjectOf(req.Name)}
	return act(s.in, s.who, d, func(context.Context) (Receipt, error) {
		if req.Name == vault.InstallKey {
			return Receipt{}, trading.Errorf(trading.Refused, "%s is made once and seeds every order id: it cannot be set", req.Name)
		}
		if req.Name == vault.InternalKey && guessable(req.Value) {
			return Receipt{}, trading.FieldError("value", "%s opens the whole program, so it has at least %d characters: `hoox token rotate` makes a good one", req.Name, shortestKey)
		}
		if err := s.in.vault.Set(req.Name, req.Value.secret()); err != nil {
			return Receipt{}, err
		}
		if err := s.in.secretChanged(req.Name); err != nil {
			return Receipt{}, err
		}
		s.changed()
		reason := req.Name + " is in the vault"
		if s.in.vault.FromEnvironment(req.Name) {
			d.detail = "this run goes on with the value of " + vault.EnvPrefix + req.Name
			reason += "; " + d.detail
		}
		return Receipt{Status: "ok", Reason: reason}, nil
	})
}

// shortestKey is the least length of a key that lets others in.
const shortestKey = 24

// guessable tells whether a key that lets others in is too short to keep them out.
func guessable(key Hidden) bool { return len(key) < shortestKey }

// Delete forgets a secret. It fails with NotFound, with Refused for what others depend on, and with Unavailable while the
// vault is locked.
func (s *Secrets) Delete(req SecretName) (Receipt, error) {
	d := &deed{what: "delete a secret", action: audit.DeleteSecret, subject: subjectOf(req.Name)}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		if req.Name == vault.InstallKey {
			return Receipt{}, trading.Errorf(trading.Refused, "%s seeds every order id: without it a repeated alert could trade twice", req.Name)
		}
		if err := s.in.mayForget(ctx, req.Name); err != nil {
			return Receipt{}, err
		}
		if err := s.in.vault.Delete(req.Name); err != nil {
			return Receipt{}, err
		}
		if err := s.in.secretChanged(req.Name); err != nil {
			return Receipt{}, err
		}
		s.changed()
		reason := req.Name + " is deleted"
		switch {
		case s.in.vault.FromEnvironment(req.Name):
			reason += "; that of the environment stays in force"
		case s.in.vault.Has(req.Name):
			reason += "; a new random one took its place, and alerts with the old one are refused"
		}
		return Receipt{Status: "ok", Reason: reason}, nil
	})
}

// Lock forgets the vault's key: nothing is read or changed until it is unlocked. Accounts that are connected go on. It fails
// with Refused where it would protect nothing.
func (s *Secrets) Lock(_ Empty) (VaultState, error) {
	d := &deed{what: "lock the vault", action: audit.LockVault, subject: theVault}
	return act(s.in, s.who, d, func(context.Context) (VaultState, error) {
		if err := s.in.vault.Lock(); err != nil {
			return VaultState{}, err
		}
		s.changed()
		return s.in.vaultState(), nil
	})
}

// Unlock opens the vault, and lets a start go on that waits for it. It fails with Unauthorized for a wrong passphrase, with
// Limited while too many were wrong, and with Unavailable when the keychain does not answer.
func (s *Secrets) Unlock(req UnlockVault) (VaultState, error) {
	d := &deed{what: "unlock the vault", action: audit.UnlockVault, subject: theVault}
	return act(s.in, s.who, d, func(ctx context.Context) (VaultState, error) {
		if err := s.in.vault.Unlock(req.Passphrase.secret()); err != nil {
			return VaultState{}, err
		}
		// What follows may fail; the vault is open all the same.
		d.after = "unlocked"
		s.changed()
		return s.in.vaultState(), s.in.unlocked(ctx)
	})
}

// Seal moves the vault to another seal with new keys. It fails like Unlock, and with Invalid for a short passphrase.
func (s *Secrets) Seal(req SealVault) (VaultState, error) {
	d := &deed{what: "seal the vault", action: audit.SealVault, subject: theVault, before: string(s.in.vault.Kind())}
	return act(s.in, s.who, d, func(context.Context) (VaultState, error) {
		if err := s.in.vault.SealBy(vault.Kind(req.Kind), req.Passphrase.secret(), req.Current.secret()); err != nil {
			return VaultState{}, err
		}
		d.after = string(s.in.vault.Kind())
		s.changed()
		return s.in.vaultState(), nil
	})
}

// Rotate makes the vault's keys anew and leaves it where it is. It fails like Unlock.
func (s *Secrets) Rotate(req RotateVault) (VaultState, error) {
	d := &deed{what: "rotate the vault's keys", action: audit.RotateVault, subject: theVault}
	return act(s.in, s.who, d, func(context.Context) (VaultState, error) {
		if err := s.in.vault.Rotate(req.Current.secret()); err != nil {
			return VaultState{}, err
		}
		s.changed()
		return s.in.vaultState(), nil
	})
}

// Export is every secret of the vault in a text that only the passphrase opens.
func (s *Secrets) Export(req ExportSecrets) (ExportedSecrets, error) {
	d := &deed{what: "export secrets", action: audit.ExportSecrets, subject: theVault}
	return act(s.in, s.who, d, func(context.Context) (ExportedSecrets, error) {
		text, count, err := s.in.vault.Export(req.Passphrase.secret(), req.Current.secret())
		if err != nil {
			return ExportedSecrets{}, err
		}
		d.after = plural(count, "secret") + " in an encrypted text"
		return ExportedSecrets{File: "hoox-secrets-" + s.in.now().UTC().Format("20060102-150405") + ".age", Text: text, Count: count}, nil
	})
}

// Import brings an export into the vault, whole or not at all. It fails with Unauthorized for a wrong passphrase, with
// Invalid for what is no export, and with Unavailable while the vault is locked.
func (s *Secrets) Import(req ImportSecrets) (ImportReport, error) {
	d := &deed{what: "import secrets", action: audit.ImportSecrets, subject: theVault}
	return act(s.in, s.who, d, func(context.Context) (ImportReport, error) {
		merge := vault.Merge(req.Merge)
		list, err := s.in.vault.Import(req.Text, req.Passphrase.secret(), merge)
		if err != nil {
			return ImportReport{}, err
		}
		report := ImportReport{Items: each(list, func(c vault.Change) ImportedSecret { return ImportedSecret{c.Name, c.What} })}
		var stored []string
		for _, c := range list {
			if merge != vault.MergeLook && c.What == vault.ImportNew || merge == vault.MergeReplace && c.What == vault.ImportDiffers {
				stored = append(stored, c.Name)
			}
		}
		report.Changed, d.after = len(stored), "nothing changed"
		if len(stored) > 0 {
			d.after = plural(len(stored), "secret") + " stored: " + strings.Join(stored, ", ")
			s.changed()
		}
		return report, nil
	})
}

// changed has the pages look again.
func (s *Secrets) changed() {
	if s.in.hub != nil {
		s.in.hub.Publish(events.Health)
	}
}

// theVault is the subject of an act on all of it.
const theVault = "the vault"

// subjectOf is a secret's name in the audit. What is no name is not repeated: it may be a secret in the wrong field.
func subjectOf(name string) string {
	if vault.CheckName(name) != nil {
		return "no name of a secret"
	}
	return name
}

func (h *house) vaultState() VaultState {
	state := VaultState{Kind: string(h.vault.Kind()), Detail: h.vault.Words(), Fix: h.vault.Offer()}
	if err := h.vault.Locked(); err != nil {
		state.Locked, state.Fix = true, "unlock it, here or with `hoox vault unlock`"
		state.Detail = "locked; it is " + state.Detail
		if why := h.vault.Trouble(); why != "" {
			state.Detail = "locked: " + why
		}
		state.WaitSeconds = int((trading.WaitOf(err) + time.Second - 1) / time.Second)
	}
	return state
}

func (h *house) secretRow(k knownSecret, stored bool) SecretRow {
	row := SecretRow{Name: k.name, Help: k.help, Fixed: k.effect == madeOnce, TakesEffect: string(k.effect)}
	switch {
	case h.vault.FromEnvironment(k.name):
		row.Set, row.Source = true, "environment"
		if k.effect != madeOnce && k.effect != unused {
			row.TakesEffect = "after a restart without " + vault.EnvPrefix + k.name + " in the environment"
		}
	case stored:
		row.Set, row.Source = true, "vault"
	}
	if row.Set && hinted(k.name) && h.vault.Locked() == nil {
		if value, _, err := h.vault.Get(k.name); err == nil {
			row.Hint = value.LastFour()
		}
	}
	return row
}

// hinted tells whether the end of a secret may be shown: that of a key which has a secret beside it, and of the webhook's,
// which stands in every alert.
func hinted(name string) bool { return strings.Contains(name, "API_KEY") }
