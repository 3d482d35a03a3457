package app

// QuitSummary is what goes on, and what does not, when the program ends now.
type QuitSummary struct {
	Mode  string     `json:"mode"`
	Items []QuitLine `json:"items"`
	// Notes are what ends with the program besides, one sentence each.
	Notes []string `json:"notes"`
	// Hide says how the window can go on without being seen: tray, minimised, or "" when nothing but quitting is left.
	Hide string `json:"hide"`
	// OnClose is what closing the window does now: ask, hide or quit.
	OnClose string `json:"onClose"`
}

// QuitLine is one thing that is open.
type QuitLine struct {
	// Kind is position, order, doubt or waiting.
	Kind    string `json:"kind"`
	Account string `json:"account"`
	Mode    string `json:"mode"`
	What    string `json:"what"`
	// After says what becomes of it.
	After string `json:"after"`
	// Stands tells where it is looked after then: exchange, program (nowhere until the next start) or none (never was).
	Stands string `json:"stands"`
}

// LeaveWindow is the answer to what closing the window should do.
type LeaveWindow struct {
	// How is hide, quit or stay.
	How string `json:"how"`
	// Remember makes hide or quit what closing does from now on.
	Remember bool `json:"remember"`
}

// About is what this program is.
type About struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	SQLite  string `json:"sqlite"`
	Go      string `json:"go"`
	System  string `json:"system"`
	Window  bool   `json:"window"`
	DataDir string `json:"dataDir"`
	// Licenses are those of what is built in.
	Licenses []License `json:"licenses"`
}

// License is one work that is built in, and on what terms.
type License struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Kind is the short name of the licence: MIT, BSD-3-Clause.
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// UpdateState is what is known of newer versions.
type UpdateState struct {
	// State is off, never (this build has nobody to ask), unasked, current, newer or failed.
	State string `json:"state"`
	// Detail says it in words.
	Detail  string `json:"detail"`
	Version string `json:"version"`
	// URL is where a person can read about it; nothing opens it by itself.
	URL       string `json:"url"`
	CheckedAt string `json:"checkedAt"`
}

// AskSupport says what goes into a support bundle.
type AskSupport struct {
	// Balances adds what the accounts are worth.
	Balances bool `json:"balances"`
}

// SupportBundle is every file of it, as it would be saved.
type SupportBundle struct {
	Items []SupportFile `json:"items"`
	// Digest stands for all of it, so that nothing else is saved.
	Digest string `json:"digest"`
}

// SaveSupport names the bundle that somebody has looked at.
type SaveSupport struct {
	Digest string `json:"digest"`
}

// SupportFile is one file of it.
type SupportFile struct {
	Name string `json:"name"`
	// Why says what it is good for.
	Why  string `json:"why"`
	Text string `json:"text"`
}

// SavedSupport is where a bundle was written.
type SavedSupport struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}
