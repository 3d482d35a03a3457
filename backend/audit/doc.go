// Package audit is who did what, from where, and what came of it: the closed list of acts, the line that is kept of each,
// and how a flood of refusals becomes few lines.
//
// It stores nothing: sqlite keeps the lines and chains them, app and node say what happened. No line carries a secret.
package audit
