package settings

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"sync/atomic"

	"hoox/backend/trading"
)

// Live is the manifest with the values in force. Reading is lock-free; a reader that needs several keys to fit together
// takes one Snapshot.
type Live struct {
	list  []Setting
	byKey map[string]Setting
	now   atomic.Pointer[Snapshot]
}

// Snapshot is every value at one moment, in canonical form.
type Snapshot struct{ values map[string]string }

// NewLive starts with the defaults.
func NewLive() *Live {
	l := &Live{list: Manifest(), byKey: map[string]Setting{}}
	for _, s := range l.list {
		l.byKey[s.Key] = s
	}
	l.now.Store(l.defaults())
	return l
}

func (l *Live) defaults() *Snapshot {
	values := make(map[string]string, len(l.list))
	for _, s := range l.list {
		values[s.Key] = s.Default
	}
	return &Snapshot{values}
}

// List is the manifest in the order shown.
func (l *Live) List() []Setting { return l.list }

// Find is the setting of a key, following an alias; NotFound when there is none.
func (l *Live) Find(key string) (Setting, error) {
	s, ok := l.byKey[key]
	if !ok {
		return Setting{}, trading.Errorf(trading.NotFound, "there is no setting %q: `hoox config list` shows them all", key)
	}
	if s.Alias != "" {
		return l.Find(s.Alias)
	}
	return s, nil
}

// Load replaces all values by stored ones; a stored value that is no longer allowed is left out and reported, and the
// default stays in force for it.
func (l *Live) Load(stored map[string]string) (refused []error) {
	next := l.defaults()
	for key, value := range stored {
		s, err := l.Find(key)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		canonical, err := s.Canonical(value)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		next.put(l, s.Key, canonical)
	}
	l.now.Store(next)
	return refused
}

// Put brings one canonical value into force.
func (l *Live) Put(key, canonical string) {
	for {
		old := l.now.Load()
		next := &Snapshot{make(map[string]string, len(old.values))}
		for k, v := range old.values {
			next.values[k] = v
		}
		next.put(l, key, canonical)
		if l.now.CompareAndSwap(old, next) {
			return
		}
	}
}

func (s *Snapshot) put(l *Live, key, canonical string) {
	s.values[key] = canonical
	for _, other := range l.list {
		if other.Alias == key {
			s.values[other.Key] = canonical
		}
	}
}

// Now is the snapshot in force.
func (l *Live) Now() Snapshot { return *l.now.Load() }

// Text is the canonical value of a key. It panics for a key that is not in the manifest: that is our bug.
func (s Snapshot) Text(key string) string {
	v, ok := s.values[key]
	if !ok {
		panic("settings: no such key " + key)
	}
	return v
}

// Bool is a boolean value.
func (s Snapshot) Bool(key string) bool { return s.Text(key) == "true" }

// Int is an integer value.
func (s Snapshot) Int(key string) int {
	n, err := strconv.Atoi(s.Text(key))
	if err != nil {
		panic("settings: " + key + " is no integer")
	}
	return n
}

// Ratio is a decimal value.
func (s Snapshot) Ratio(key string) trading.Ratio { return trading.MustRatio(s.Text(key)) }

// Money is a decimal value that is an amount of money.
func (s Snapshot) Money(key string) trading.Money { return trading.MustMoney(s.Text(key)) }

// List is a list value.
func (s Snapshot) List(key string) []string {
	var items []string
	if err := json.Unmarshal([]byte(s.Text(key)), &items); err != nil {
		panic("settings: " + key + " is no list")
	}
	return items
}

// Locks is a list of locked symbols, those that have ended among them.
func (s Snapshot) Locks(key string) []trading.Lock {
	locks, err := locksIn(s.Text(key))
	if err != nil {
		panic("settings: " + key + " holds no locks")
	}
	return locks
}

// Prefixes is a list of addresses and ranges.
func (s Snapshot) Prefixes(key string) []netip.Prefix {
	items := s.List(key)
	out := make([]netip.Prefix, 0, len(items))
	for _, item := range items {
		p, err := ParsePrefix(item)
		if err != nil {
			panic("settings: " + key + " holds " + item)
		}
		out = append(out, p)
	}
	return out
}
