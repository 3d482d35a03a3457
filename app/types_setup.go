package app

// SetupState is how far the first steps are, by what the program knows.
type SetupState struct {
	DataDir string `json:"dataDir"`
	// Market is synthetic or live.
	Market string `json:"market"`
	// VaultSeal says in words how secrets are sealed.
	VaultSeal string `json:"vaultSeal"`
	// FirstRun tells that no signal ever came; Opens that the first steps are to be shown without being asked for.
	FirstRun bool `json:"firstRun"`
	Opens    bool `json:"opens"`
	// Outcome is open, later (put off) or done; OutcomeAt and OutcomeBy are "" while it is open.
	Outcome   string       `json:"outcome"`
	OutcomeAt string       `json:"outcomeAt"`
	OutcomeBy string       `json:"outcomeBy"`
	Terms     SetupTerms   `json:"terms"`
	Arrival   SetupArrival `json:"arrival"`
	Astray    SetupAstray  `json:"astray"`
	Steps     []SetupStep  `json:"steps"`
}

// SetupStep is one of the first steps.
type SetupStep struct {
	// ID is terms, money, tunnel, message or alert.
	ID   string `json:"id"`
	Name string `json:"name"`
	Done bool   `json:"done"`
	// Optional steps may be left out: the detail says what is missing then.
	Optional bool   `json:"optional"`
	Detail   string `json:"detail"`
	// Fix says what to do, "" when nothing is to be done.
	Fix string `json:"fix"`
}

// SetupTerms are the words on what this program does with money.
type SetupTerms struct {
	Version string       `json:"version"`
	Points  []SetupPoint `json:"points"`
	// Accepted tells that somebody accepted this version; AcceptedAt and AcceptedBy are "" while nobody did.
	Accepted   bool   `json:"accepted"`
	AcceptedAt string `json:"acceptedAt"`
	AcceptedBy string `json:"acceptedBy"`
}

// SetupPoint is one of those words.
type SetupPoint struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// SetupArrival is the newest alert that came in through the gateway.
type SetupArrival struct {
	// RequestID is "" while none came.
	RequestID string `json:"requestId"`
	At        string `json:"at"`
	// Way is here (from this computer) or outside, "" when it is not known any more; From is the sender's address as far as the
	// tunnel tells it.
	Way  string `json:"way"`
	From string `json:"from"`
	// Fix is what to do when it led to no trade, "" when it did or is still on its way.
	Fix string `json:"fix"`
}

// SetupAstray is what came to the gateway since the newest alert and became none.
type SetupAstray struct {
	// At is "" when nothing did.
	At    string `json:"at"`
	Words string `json:"words"`
	Fix   string `json:"fix"`
}

// AcceptTerms names the version of the words that somebody has read.
type AcceptTerms struct {
	Version string `json:"version"`
}
