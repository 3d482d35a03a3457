package app

// WebhookKeyScope is what the alerts of a key may do. The zero scope lets them do everything.
type WebhookKeyScope struct {
	// Strategy is the only stored strategy that they may follow, and the one that they follow when they name none; "" is any.
	Strategy string `json:"strategy"`
	// Accounts and Symbols are the only ones that they trade; empty is all. A symbol is BTCUSDT everywhere, BTCUSDT.P the
	// perpetual only, BYBIT:BTCUSDT spot there, BYBIT:BTCUSDT.P the perpetual there.
	Accounts []string `json:"accounts"`
	Symbols  []string `json:"symbols"`
	// Entries is both, long, short or none; "" is both. What closes always goes.
	Entries string `json:"entries"`
	// MaxOrder is the largest entry in dollars, "" for any.
	MaxOrder string `json:"maxOrder"`
	// RateLimit is how many alerts come through in any 60 s, with as many closes on top; 0 leaves it to webhook:rate_limit.
	RateLimit int `json:"rateLimit"`
}

// WebhookKeyText is one text of a key that opens the door: several while a rotation overlaps.
type WebhookKeyText struct {
	// Hint is the last four characters.
	Hint      string `json:"hint"`
	CreatedAt string `json:"createdAt"`
	// ExpiresAt is when it stops to open, "" for never.
	ExpiresAt string `json:"expiresAt"`
	// LastSeenAt is when an alert came with it.
	LastSeenAt string `json:"lastSeenAt"`
}

// WebhookKeyRow is a key without its text.
type WebhookKeyRow struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	// Master is the key whose text is in the vault: it has no scope and is never revoked, only rotated.
	Master bool             `json:"master"`
	Scope  WebhookKeyScope  `json:"scope"`
	Texts  []WebhookKeyText `json:"texts"`
	// CreatedAt is "" for the master key, RevokedAt while the key lives.
	CreatedAt string `json:"createdAt"`
	RevokedAt string `json:"revokedAt"`
	// LastSeenAt, LastSeenFrom and Uses tell of the alerts that it let in. LastSeenFrom is the address as far as the tunnel
	// tells it.
	LastSeenAt   string `json:"lastSeenAt"`
	LastSeenFrom string `json:"lastSeenFrom"`
	Uses         int64  `json:"uses"`
	Version      int64  `json:"version"`
	Actor        string `json:"actor"`
}

// WebhookKeyList is every key: the master key, then the others in the order in which they were made.
type WebhookKeyList struct {
	Items []WebhookKeyRow `json:"items"`
}

// WebhookKeyID names a key.
type WebhookKeyID struct {
	ID string `json:"id"`
}

// CreateWebhookKey describes a new key.
type CreateWebhookKey struct {
	Label string          `json:"label"`
	Scope WebhookKeyScope `json:"scope"`
}

// UpdateWebhookKey gives a key another label and scope. Version is the one that was edited.
type UpdateWebhookKey struct {
	ID      string          `json:"id"`
	Version int64           `json:"version"`
	Label   string          `json:"label"`
	Scope   WebhookKeyScope `json:"scope"`
}

// RotateWebhookKey gives a key another text.
type RotateWebhookKey struct {
	ID string `json:"id"`
	// OverlapMinutes is how long the old text opens beside the new one: 0 (it ends at once) to 1440.
	OverlapMinutes int `json:"overlapMinutes"`
}

// NewWebhookKey is a key with its text.
type NewWebhookKey struct {
	// Key is what belongs into apiKey of an alert. It is shown now and never again.
	Key string        `json:"key"`
	Row WebhookKeyRow `json:"row"`
}
