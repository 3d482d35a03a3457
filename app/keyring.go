package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"hoox/backend/sqlite"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// tokenStore keeps tokens, and writes their lines of the audit.
type tokenStore interface {
	Tokens(ctx context.Context) ([]sqlite.Token, error)
	AddToken(ctx context.Context, k sqlite.Token) error
	DeleteToken(ctx context.Context, name, actor string, at time.Time) error
}

// tokenMark begins every token, so that one that got into a file or a log can be told for what it is.
const tokenMark = "hoox_"

// mostTokens bounds how many tokens there may be.
const mostTokens = 50

// keyring knows the keys that callers send: the internal key, which may do everything, and tokens, which may do less.
type keyring struct {
	store tokenStore
	now   func() time.Time
	// table is what a holder of a key may call, under its name.
	table func(actor) map[string]route

	// changing is held while a token is stored or forgotten; who only comes in does not wait for the disk.
	changing sync.Mutex

	mu sync.Mutex
	// internal are the keys of the owner: the vault's, and that of a start which waited for the vault.
	internal []vault.Secret
	owner    *visitor
	// tokens are known by the digest of their key.
	tokens map[string]*holder
}

// holder is a token and whoever holds it.
type holder struct {
	*visitor
	token sqlite.Token
	seen  time.Time
}

func newKeyring(internal vault.Secret, store tokenStore, now func() time.Time, table func(actor) map[string]route) *keyring {
	return &keyring{store: store, now: now, table: table, internal: []vault.Secret{internal}, owner: newVisitor(cliActor(), table(cliActor())), tokens: map[string]*holder{}}
}

// load reads the stored tokens.
func (k *keyring) load(ctx context.Context) error {
	list, err := k.store.Tokens(ctx)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range list {
		if err := k.take(t); err != nil {
			return err
		}
	}
	return nil
}

func (k *keyring) take(t sqlite.Token) error {
	may, err := scopeNamed(t.Scope)
	if err != nil {
		return err
	}
	who := tokenActor(t.Name, may)
	k.tokens[t.Digest] = &holder{visitor: newVisitor(who, k.table(who)), token: t}
	return nil
}

func digestOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// visitor is whose key it is; nil when it is nobody's. An internal key is compared in constant time; a token is looked up by
// its digest, which tells nothing about the key.
func (k *keyring) visitor(key string) *visitor {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.owns(key) {
		return k.owner
	}
	if h, ok := k.tokens[digestOf(key)]; ok {
		h.seen = k.now()
		return h.visitor
	}
	return nil
}

// isInternal tells whether it is an internal key, in constant time.
func (k *keyring) isInternal(key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.owns(key)
}

// owns compares with every internal key.
func (k *keyring) owns(key string) bool {
	found, given := false, vault.NewSecret(key)
	for _, internal := range k.internal {
		found = internal.Equal(given) || found
	}
	return found
}

// accept takes one more internal key beside those that are known.
func (k *keyring) accept(internal vault.Secret) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.internal = append(k.internal, internal)
}

// change takes another internal key. Whoever comes with an old one is a stranger from now on.
func (k *keyring) change(internal vault.Secret) {
	k.mu.Lock()
	defer k.mu.Unlock()
	close(k.owner.gone)
	k.internal, k.owner = []vault.Secret{internal}, newVisitor(cliActor(), k.owner.table)
}

// list is every token by name, without its key.
func (k *keyring) list() []holder {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := make([]holder, 0, len(k.tokens))
	for _, h := range k.tokens {
		list = append(list, *h)
	}
	slices.SortFunc(list, func(a, b holder) int { return strings.Compare(a.token.Name, b.token.Name) })
	return list
}

// make stores a new token and returns its key, which nobody can read again.
func (k *keyring) make(ctx context.Context, name, scope, actor string) (string, error) {
	if _, err := scopeNamed(scope); err != nil {
		return "", err
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	if len(k.list()) >= mostTokens {
		return "", trading.Errorf(trading.Refused, "there are %d tokens already: revoke one that is not used", mostTokens)
	}
	key := tokenMark + randomText()
	t := sqlite.Token{Name: name, Scope: scope, Digest: digestOf(key), CreatedAt: k.now(), Actor: actor}
	if err := k.store.AddToken(ctx, t); err != nil {
		return "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return key, k.take(t)
}

// revoke forgets a token; whoever holds it is shut out at once. NotFound when there is none.
func (k *keyring) revoke(ctx context.Context, name, actor string) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	if err := k.store.DeleteToken(ctx, name, actor, k.now()); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for key, h := range k.tokens {
		if h.token.Name == name {
			close(h.gone)
			delete(k.tokens, key)
		}
	}
	return nil
}
