package app

// AccountID names an account.
type AccountID struct {
	Account string `json:"account"`
}

// AccountCard is one account as the Accounts page shows it.
type AccountCard struct {
	Account  string `json:"account"`
	Exchange string `json:"exchange"`
	// Mode is paper, testnet or live.
	Mode  string `json:"mode"`
	Name  string `json:"name"`
	Label string `json:"label"`
	// Trades tells that alerts for the exchange go here now.
	Trades    bool `json:"trades"`
	Enabled   bool `json:"enabled"`
	HasKeys   bool `json:"hasKeys"`
	Connected bool `json:"connected"`
	// ModeFixed tells that the configuration decides the mode of the exchange.
	ModeFixed bool       `json:"modeFixed"`
	Health    PartHealth `json:"health"`
	Rights    KeyRights  `json:"rights"`
	// PositionMode is one_way or hedge, MarginMode cross or isolated or "" where every position has its own; "" while unknown.
	PositionMode string `json:"positionMode"`
	MarginMode   string `json:"marginMode"`
	// Known tells that rights and setup are the exchange's word.
	Known      bool `json:"known"`
	StreamLive bool `json:"streamLive"`
	// SkewMillis is the exchange's clock less ours, "" while unknown.
	SkewMillis  string `json:"skewMillis"`
	BannedUntil string `json:"bannedUntil"`
	// RequestsLeft of RequestsLimit may still be made in the window that runs; both 0 while unknown.
	RequestsLeft  int `json:"requestsLeft"`
	RequestsLimit int `json:"requestsLimit"`
	// Money is what the ledger says is on it.
	Money []AccountMoney `json:"money"`
	// KeyName and SecretName are the vault's names of both halves of the key, "" for paper.
	KeyName    string `json:"keyName"`
	SecretName string `json:"secretName"`
}

// KeyRights is what an API key may do; each is yes, no, or "" for not told.
type KeyRights struct {
	Linear    string   `json:"linear"`
	Spot      string   `json:"spot"`
	Withdraw  string   `json:"withdraw"`
	Transfer  string   `json:"transfer"`
	Bound     string   `json:"bound"`
	ExpiresAt string   `json:"expiresAt"`
	Notes     []string `json:"notes"`
}

// AccountMoney is one currency on an account.
type AccountMoney struct {
	Currency string `json:"currency"`
	Balance  string `json:"balance"`
	Equity   string `json:"equity"`
}

// AccountList is every account there is or could be.
type AccountList struct {
	Items []AccountCard `json:"items"`
}

// SaveKeys stores both halves of an API key. They go into the vault and are never shown again.
type SaveKeys struct {
	Account string `json:"account"`
	Key     Hidden `json:"key"`
	Secret  Hidden `json:"secret"`
}

// AddAccount makes a further account of an exchange and mode.
type AddAccount struct {
	Exchange string `json:"exchange"`
	Mode     string `json:"mode"`
	Name     string `json:"name"`
	Label    string `json:"label"`
}

// EnableAccount connects an account or lets go of it.
type EnableAccount struct {
	Account string `json:"account"`
	Enabled bool   `json:"enabled"`
}

// SwitchMode switches the mode of an exchange. Phrase is what a person typed, wanted for live: "live bybit".
type SwitchMode struct {
	Exchange string `json:"exchange"`
	Mode     string `json:"mode"`
	Phrase   string `json:"phrase"`
}

// ModeQuestion asks what to read before an exchange is switched to a mode.
type ModeQuestion struct {
	Exchange string `json:"exchange"`
	Mode     string `json:"mode"`
}

// Canary asks for the smallest resting order and its cancel. Phrase is what a person typed, wanted on a live account: "canary".
type Canary struct {
	Account string `json:"account"`
	Symbol  string `json:"symbol"`
	Phrase  string `json:"phrase"`
	// Key makes a second click no second order.
	Key string `json:"key"`
}

// SetAccount changes the setup of an account at its exchange; "" leaves a mode as it is.
type SetAccount struct {
	Account      string `json:"account"`
	PositionMode string `json:"positionMode"`
	MarginMode   string `json:"marginMode"`
}

// AccountCheck is one line of a test.
type AccountCheck struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Micros int64  `json:"micros"`
}

// AccountChecks is a test line by line; OK when every line is.
type AccountChecks struct {
	OK    bool           `json:"ok"`
	Items []AccountCheck `json:"items"`
}
