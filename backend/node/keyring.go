package node

import (
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

// keyring is every webhook key in memory: those of the ledger, and the text of the master key, which is the vault's. The
// gateway reads it for every request; a change is in force when put or shut returns. Safe for concurrent use.
type keyring struct {
	// changing lets one change through at a time, from the ledger to memory.
	changing sync.Mutex

	mu   sync.Mutex
	keys []trading.WebhookKey
	// master is the vault's text of the master key, nil while the vault has none.
	master *trading.KeyText
	// closed are keys that open nothing any more, whatever the ledger says.
	closed map[string]bool
	// used are keys whose use is not in the ledger yet.
	used map[string]bool

	open atomic.Pointer[gateway.Keys]
}

// fill takes over what the ledger has.
func (r *keyring) fill(keys []trading.WebhookKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys, r.closed, r.used = keys, map[string]bool{}, map[string]bool{}
	r.cut()
}

// follow takes the text of the master key; "" for none.
func (r *keyring) follow(master string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := &trading.KeyText{Digest: trading.DigestKey(master), Hint: trading.KeyHint(master)}
	switch {
	case master == "":
		r.master = nil
	case r.master == nil || r.master.Digest != next.Digest:
		r.master = next
	}
	r.cut()
}

// put takes over a key as it is in the ledger now. What memory knows of its use stays.
func (r *keyring) put(k trading.WebhookKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k.Texts = slices.Clone(k.Texts)
	n := slices.IndexFunc(r.keys, func(have trading.WebhookKey) bool { return have.ID == k.ID })
	if n < 0 {
		r.keys = append(r.keys, k)
		r.cut()
		return
	}
	have := r.keys[n]
	k.SeenAt, k.SeenFrom, k.Uses = have.SeenAt, have.SeenFrom, have.Uses
	for i := range k.Texts {
		for _, t := range have.Texts {
			if t.Digest == k.Texts[i].Digest {
				k.Texts[i].SeenAt = t.SeenAt
			}
		}
	}
	r.keys[n] = k
	r.cut()
}

// shut closes a key at once.
func (r *keyring) shut(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed[id] = true
	r.cut()
}

// cut makes the keys that the gateway goes by.
func (r *keyring) cut() {
	var list []gateway.Key
	for _, k := range r.keys {
		if !k.RevokedAt.IsZero() || r.closed[k.ID] {
			continue
		}
		for _, t := range k.Texts {
			// What is in the vault now is no old text, also when a rotation was not finished.
			if r.master != nil && t.Digest == r.master.Digest {
				continue
			}
			list = append(list, gateway.Key{Credential: k.ID, Digest: t.Digest, EndsAt: t.EndsAt, RateLimit: k.RateLimit, Bounds: k.Bounds})
		}
	}
	if r.master != nil {
		list = append(list, gateway.Key{Credential: trading.MasterKey, Digest: r.master.Digest})
	}
	open := gateway.NewKeys(list...)
	r.open.Store(&open)
}

// seen counts one use of a key, in memory.
func (r *keyring) seen(key gateway.Key, from netip.Addr, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := slices.IndexFunc(r.keys, func(k trading.WebhookKey) bool { return k.ID == key.Credential })
	if n < 0 {
		return
	}
	k := &r.keys[n]
	k.Uses, k.SeenAt, k.SeenFrom = k.Uses+1, at, ""
	if from.IsValid() {
		k.SeenFrom = from.String()
	}
	r.used[k.ID] = true
	for i := range k.Texts {
		if k.Texts[i].Digest == key.Digest {
			k.Texts[i].SeenAt = at
		}
	}
	if r.master != nil && r.master.Digest == key.Digest {
		r.master.SeenAt = at
	}
}

// unwritten are the keys whose use is not in the ledger yet, and takes them for written.
func (r *keyring) unwritten() []trading.WebhookKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []trading.WebhookKey
	for _, k := range r.keys {
		if r.used[k.ID] {
			k.Texts = slices.Clone(k.Texts)
			list = append(list, k)
		}
	}
	clear(r.used)
	return list
}

// list is every key as memory has it.
func (r *keyring) list() []trading.WebhookKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.Clone(r.keys)
	for i := range list {
		list[i].Texts = slices.Clone(list[i].Texts)
	}
	return list
}

// shown are the keys for a person: the master key with its text in front.
func (r *keyring) shown() []trading.WebhookKey {
	list := r.list()
	for i := range list {
		list[i] = r.show(list[i])
	}
	return list
}

// show is a key with all its texts, also the one in the vault.
func (r *keyring) show(k trading.WebhookKey) trading.WebhookKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k.ID != trading.MasterKey || r.master == nil {
		return k
	}
	old := slices.DeleteFunc(slices.Clone(k.Texts), func(t trading.KeyText) bool { return t.Digest == r.master.Digest })
	k.Texts = append([]trading.KeyText{*r.master}, old...)
	return k
}

// find is one key as memory has it. It fails with NotFound.
func (r *keyring) find(id string) (trading.WebhookKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.keys {
		if k.ID == id {
			k.Texts = slices.Clone(k.Texts)
			return k, nil
		}
	}
	return trading.WebhookKey{}, trading.Errorf(trading.NotFound, "there is no webhook key %q", id)
}
