package app

// TelegramState is the bot and who may talk to it.
type TelegramState struct {
	Enabled bool `json:"enabled"`
	// HasToken tells whether a bot's token is in the vault.
	HasToken bool `json:"hasToken"`
	// Phase is off, starting, polling, webhook, conflict, unauthorized or down.
	Phase string `json:"phase"`
	Since string `json:"since"`
	// Next is when something that failed is tried again.
	Next string `json:"next"`
	// Bot is what the bot is called, without "@", "" until Telegram told it.
	Bot string `json:"bot"`
	// Public is the address that Telegram posts to, "" when it is asked instead.
	Public        string `json:"public"`
	HeardAt       string `json:"heardAt"`
	LatencyMicros int64  `json:"latencyMicros"`
	Detail        string `json:"detail"`
	// Fix says what to do, "" when nothing is to be done.
	Fix string `json:"fix"`
	// Waiting counts the messages that are to go out, OldestAt is since when the oldest waits, and Stuck why the last one that failed did.
	Waiting  int              `json:"waiting"`
	OldestAt string           `json:"oldestAt"`
	Stuck    string           `json:"stuck"`
	People   []TelegramPerson `json:"people"`
	// PairingUntil is how long a code for pairing is good, "" while there is none; PairingRole what it makes.
	PairingUntil string `json:"pairingUntil"`
	PairingRole  string `json:"pairingRole"`
	// Authenticator tells whether a secret for codes of an authenticator is in the vault.
	Authenticator bool            `json:"authenticator"`
	Levels        []TelegramLevel `json:"levels"`
}

// TelegramPerson is somebody who was paired.
type TelegramPerson struct {
	// User is their number at Telegram, as text: it may be larger than a browser counts.
	User string `json:"user"`
	// Name is what they called themselves: outside text.
	Name string `json:"name"`
	// Role is viewer, operator or owner.
	Role     string `json:"role"`
	PairedAt string `json:"pairedAt"`
	PairedBy string `json:"pairedBy"`
	SeenAt   string `json:"seenAt"`
}

// TelegramLevel is how loud one kind of notice is.
type TelegramLevel struct {
	Kind string `json:"kind"`
	// Level is on, silent or off; Key is the setting.
	Level string `json:"level"`
	Key   string `json:"key"`
	Help  string `json:"help"`
}

// OfferPairing asks for a code that makes a person of whoever sends it.
type OfferPairing struct {
	// Role is viewer, operator or owner.
	Role string `json:"role"`
}

// PairingCode is shown once, to whoever is at the desktop.
type PairingCode struct {
	Code string `json:"code"`
	// Link opens the chat with the bot and has the code ready, "" until the bot's name is known.
	Link  string `json:"link"`
	Until string `json:"until"`
	Role  string `json:"role"`
}

// TelegramUser names a person.
type TelegramUser struct {
	User string `json:"user"`
}

// SetTelegramRole gives a person another role.
type SetTelegramRole struct {
	User string `json:"user"`
	Role string `json:"role"`
}

// TelegramLogPage is what was said, newest first.
type TelegramLogPage struct {
	Items []TelegramLine `json:"items"`
	Next  string         `json:"next"`
}

// TelegramLine is one thing that was said.
type TelegramLine struct {
	ID string `json:"id"`
	At string `json:"at"`
	// In is true for what a person said.
	In   bool   `json:"in"`
	Chat string `json:"chat"`
	Who  string `json:"who"`
	Kind string `json:"kind"`
	// Words are plain text, of outside or of ours: show them as text only.
	Words string `json:"words"`
	// State is begun, done, refused or broken off for what came; waiting, sent or failed for what goes out.
	State  string `json:"state"`
	Detail string `json:"detail"`
}

// UploadPage is what people sent and is kept, newest first.
type UploadPage struct {
	Items []UploadRow `json:"items"`
	Next  string      `json:"next"`
}

// UploadRow is one file.
type UploadRow struct {
	ID string `json:"id"`
	At string `json:"at"`
	// Who, Title and Caption are outside text.
	Who     string `json:"who"`
	Title   string `json:"title"`
	Type    string `json:"type"`
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
	Caption string `json:"caption"`
}

// UploadID names a file.
type UploadID struct {
	ID string `json:"id"`
}

// UploadContent is a file's bytes.
type UploadContent struct {
	Type string `json:"type"`
	// Base64 is the content.
	Base64 string `json:"base64"`
}

// Authenticator is the secret of codes, shown once.
type Authenticator struct {
	Secret string `json:"secret"`
	// URI is what an authenticator takes whole.
	URI string `json:"uri"`
}
