package app

// AuditFilter narrows the audit; an empty field does not narrow.
type AuditFilter struct {
	// Actor is how the actor begins: "browser" finds every browser.
	Actor string `json:"actor"`
	// Action is one act, such as setting.set.
	Action string `json:"action"`
	// Decision is done, refused or failed.
	Decision string `json:"decision"`
	// From is the first moment wanted and To the first that is not: a time in RFC 3339, or a day in UTC.
	From string `json:"from"`
	To   string `json:"to"`
}

// ListAudit asks for one page of the audit, newest first.
type ListAudit struct {
	AuditFilter
	// Limit is the number of lines wanted, 1 to 500; 0 means 50.
	Limit int `json:"limit"`
	// Cursor is the Next of the page before, "" for the newest.
	Cursor string `json:"cursor"`
}

// AuditPage is one page of the audit.
type AuditPage struct {
	Items []AuditRow `json:"items"`
	Next  string     `json:"next"`
}

// AuditRow is one line: who did what, from where, to what, and what came of it.
type AuditRow struct {
	Line int64  `json:"line"`
	At   string `json:"at"`
	// Actor is window, cli, a browser by its name, a token, or what did it by itself.
	Actor  string `json:"actor"`
	Origin string `json:"origin"`
	Action string `json:"action"`
	// Subject is what it was about; never a secret.
	Subject string `json:"subject"`
	// Decision is done, refused or failed.
	Decision string `json:"decision"`
	Before   string `json:"before"`
	After    string `json:"after"`
	Detail   string `json:"detail"`
	// PrevHash and Hash chain the line to the one before.
	PrevHash string `json:"prevHash"`
	Hash     string `json:"hash"`
}

// AuditLine names a line.
type AuditLine struct {
	Line int64 `json:"line"`
}

// AuditCheck is whether the whole audit is as it was written.
type AuditCheck struct {
	OK bool `json:"ok"`
	// Detail is the first thing that is wrong, "" when nothing is, and Line the line that does not follow from the one before; 0
	// when it is the end that is gone.
	Detail string `json:"detail"`
	Line   int64  `json:"line"`
	// Lines is how many lines are as they were written, from the first one on, which was written Since.
	Lines int64  `json:"lines"`
	Since string `json:"since"`
}

// ExportAudit asks for the next piece of the audit as a file.
type ExportAudit struct {
	AuditFilter
	// Format is csv or jsonl.
	Format string `json:"format"`
	// After is the Next of the piece before, 0 for the first.
	After int64 `json:"after"`
}

// AuditExport is one piece of the file.
type AuditExport struct {
	Text  string `json:"text"`
	Lines int    `json:"lines"`
	// Next asks for the next piece; 0 when this was the last.
	Next int64 `json:"next"`
}

// ListAlarms asks for one page of alarms, newest first.
type ListAlarms struct {
	// Limit is the number of alarms wanted, 1 to 500; 0 means 50.
	Limit int `json:"limit"`
	// Cursor is the Next of the page before, "" for the newest.
	Cursor string `json:"cursor"`
	// OpenOnly leaves out what was acknowledged.
	OpenOnly bool `json:"openOnly"`
}

// AlarmPage is one page of alarms, and how each channel that tells of them is doing.
type AlarmPage struct {
	Items    []AlarmRow     `json:"items"`
	Next     string         `json:"next"`
	Channels []AlarmChannel `json:"channels"`
}

// AlarmRow is one thing that must not be missed.
type AlarmRow struct {
	ID string `json:"id"`
	// Kind is halted, drift, dead_letter, needs_review, reappeared, unsent_close, unprotected, account, address, silent,
	// key_conflict, ledger, vault, disk, backup, clock, audit or test.
	Kind    string `json:"kind"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Fix     string `json:"fix"`
	FirstAt string `json:"firstAt"`
	LastAt  string `json:"lastAt"`
	// Count is how often it happened until somebody acknowledged it.
	Count int64 `json:"count"`
	// AcknowledgedAt is "" while nobody has.
	AcknowledgedAt string `json:"acknowledgedAt"`
	AcknowledgedBy string `json:"acknowledgedBy"`
	// Told is which channels were told of it. A channel of AlarmPage that is not in it was not; of one that was acknowledged it
	// may be forgotten.
	Told []AlarmTold `json:"told"`
}

// AlarmTold is what one channel was told of an alarm.
type AlarmTold struct {
	Channel string `json:"channel"`
	// Count is how often it had happened by then: less than the alarm's own while the channel is yet to be told of the rest.
	Count int64  `json:"count"`
	At    string `json:"at"`
}

// AlarmChannel is one way alarms are told beside the window.
type AlarmChannel struct {
	Name string `json:"name"`
	// Problem is why it cannot be reached, "" when it can, and DownSince from when.
	Problem   string `json:"problem"`
	DownSince string `json:"downSince"`
	ToldAt    string `json:"toldAt"`
}

// AlarmID names an alarm.
type AlarmID struct {
	ID string `json:"id"`
}

// Login signs a browser in: the body of POST /api/Sessions/Login, which answers with a SessionRow and a cookie.
type Login struct {
	Key Hidden `json:"key"`
}

// SessionList is every browser that is signed in.
type SessionList struct {
	Items []SessionRow `json:"items"`
}

// SessionRow is one of them.
type SessionRow struct {
	ID string `json:"id"`
	// Browser is which one it is, such as "Firefox on Linux".
	Browser    string `json:"browser"`
	Address    string `json:"address"`
	SignedInAt string `json:"signedInAt"`
	LastSeen   string `json:"lastSeen"`
	// ExpiresAt is when it ends if it is heard of no more.
	ExpiresAt string `json:"expiresAt"`
	// Current tells that it is the browser that asks.
	Current bool `json:"current"`
}

// SessionID names a session.
type SessionID struct {
	ID string `json:"id"`
}

// TokenList is every token.
type TokenList struct {
	Items []TokenRow `json:"items"`
}

// TokenRow is one token, without its key.
type TokenRow struct {
	Name string `json:"name"`
	// Scope is read or trade.
	Scope     string `json:"scope"`
	CreatedAt string `json:"createdAt"`
	Actor     string `json:"actor"`
	// LastSeen is when it was last used in this run, "" for never.
	LastSeen string `json:"lastSeen"`
}

// CreateToken asks for a token.
type CreateToken struct {
	Name string `json:"name"`
	// Scope is read, which only looks, or trade, which also closes, cancels and halts.
	Scope string `json:"scope"`
}

// NewToken is a token with its key, shown this once.
type NewToken struct {
	Name  string `json:"name"`
	Scope string `json:"scope"`
	Key   string `json:"key"`
}

// TokenName names a token.
type TokenName struct {
	Name string `json:"name"`
}
