package trading

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MasterKey is the id of the key whose text is in the vault. It has no bounds and is never revoked, only rotated.
const MasterKey = "webhook"

// KeyPrefix starts the text of every webhook key that we make, so that a leaked one is found by whoever looks for it.
const KeyPrefix = "hxw_"

// KeyDigest is what is kept of the text of a webhook key.
type KeyDigest [sha256.Size]byte

// DigestKey is the digest of the text of a key.
func DigestKey(text string) KeyDigest { return sha256.Sum256([]byte(text)) }

// NewKeyText makes the text of a webhook key: 256 random bits behind KeyPrefix.
func NewKeyText() string {
	random := make([]byte, 32)
	rand.Read(random) // ends the program rather than fail
	return KeyPrefix + base64.RawURLEncoding.EncodeToString(random)
}

// WebhookKey is what is kept about a key that lets alerts in. Its id stays when its text is rotated: it is the credential
// of its signals, so that an alert that comes again with the next text is known.
type WebhookKey struct {
	ID    string
	Label string
	// Bounds are what its alerts may ask for, RateLimit how many come through in any 60 s; 0 leaves that to the setting.
	Bounds    Bounds
	RateLimit int
	// Texts are those that open the door or did, newest first. That of the master key is in the vault and not among them.
	Texts     []KeyText
	CreatedAt time.Time
	// RevokedAt is zero while the key lives.
	RevokedAt time.Time
	// SeenAt, SeenFrom and Uses tell of the alerts that it let in.
	SeenAt   time.Time
	SeenFrom string
	Uses     int64
	// Version grows with every change; a change of an older version is a Conflict.
	Version int64
	Actor   string
}

// KeyText is one text of a key.
type KeyText struct {
	Digest KeyDigest
	// Hint is the end of the text, to tell one from another.
	Hint      string
	CreatedAt time.Time
	// EndsAt is when it stops to open, zero for never.
	EndsAt time.Time
	SeenAt time.Time
}

// Opens tells whether a text opens the door at a moment.
func (t KeyText) Opens(at time.Time) bool { return t.EndsAt.IsZero() || at.Before(t.EndsAt) }

// KeyHint is as much of the text of a key as may be shown, "" for a text so short that it would tell too much.
func KeyHint(text string) string {
	if len(text) < 12 {
		return ""
	}
	return text[len(text)-4:]
}

// Rotated is the key with another text. Those before it end at until, or when they would have ended anyway; those that have
// ended are forgotten.
func (k WebhookKey) Rotated(next []KeyText, at, until time.Time) WebhookKey {
	texts := next
	for _, t := range k.Texts {
		if t.EndsAt.IsZero() || until.Before(t.EndsAt) {
			t.EndsAt = until
		}
		if t.Opens(at) {
			texts = append(texts, t)
		}
	}
	k.Texts = texts
	return k
}

// Revoked is the key when nothing of it opens any more.
func (k WebhookKey) Revoked(at time.Time) WebhookKey {
	k = k.Rotated(nil, at, at)
	k.RevokedAt = at
	return k
}

const (
	maxLabel = 64
	// masterWord is how people name the master key.
	masterWord   = "master"
	maxRateLimit = 100000
)

// Checked is the key in the form in which it is kept. It fails with a field error (Invalid) for what cannot be.
func (k WebhookKey) Checked() (WebhookKey, error) {
	k.Label = strings.TrimSpace(k.Label)
	if k.Label == "" || utf8.RuneCountInString(k.Label) > maxLabel || strings.ContainsFunc(k.Label, unicode.IsControl) || !utf8.ValidString(k.Label) {
		return k, FieldError("label", "want 1 to %d characters: it names the key wherever its alerts are shown", maxLabel)
	}
	if strings.EqualFold(k.Label, masterWord) {
		return k, FieldError("label", "%s is the key of the vault: choose another one", masterWord)
	}
	if k.RateLimit < 0 || k.RateLimit > maxRateLimit {
		return k, FieldError("rateLimit", "want 1 to %d alerts in 60 s, or 0 to leave it to webhook:rate_limit", maxRateLimit)
	}
	var err error
	k.Bounds, err = k.Bounds.Checked()
	return k, err
}
