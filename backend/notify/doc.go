// Package notify decides which fact becomes which message, to whom, and how loud.
//
// It reads the journal from where it last was and posts messages together with how far it came, so that no fact is told twice or
// left out, whenever the program ends. It runs beside the trading path and never holds it up. It sends nothing itself: what it
// posts waits in the outbox until the messenger has it.
package notify
