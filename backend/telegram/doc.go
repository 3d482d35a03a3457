// Package telegram is the door to one Telegram bot: it takes what people say to it, and brings them what the program has to say.
//
// It owns the wire of the Bot API, the two ways in which updates come (asked for, or posted to the gateway), and the way of a
// message from the outbox to a chat. It leaves to others who may say what and what comes of it (the handler), what is kept (the
// store), and what is worth a message (notify and app).
//
// # The way of an update
//
//	Telegram → known to the handler, else silence → taken: written down, once → obeyed → ended: outcome and replies, one transaction → postman
//
// Telegram forgets an update when it is asked for the next one, or answered 200. Either happens only after the update was taken. One
// that was taken by a run that ended is never obeyed again: the handler says that nobody knows what came of it. What one person
// says is obeyed in order; what is urgent waits behind nothing.
//
// # The number to ask from
//
// Each time it begins to ask, the runner asks for all that Telegram has, and only then from behind the last one it took. A number that
// was kept from before would make Telegram forget what it has not brought: posted updates may come out of order, another bot
// counts from elsewhere, and after a quiet week the same bot does too. What comes twice is known by the store.
//
// # The way of a message
//
//	outbox → due, in the order of its chat → pace (1/s a chat, 20/min a group, 30/s in all) → sent: written down
//
// A message is sent until Telegram has it, or says for certain that it never will, or it is too old. After a connection that
// broke in the middle it may come twice.
//
// # The token
//
// It is part of every address that is called. No error and no line of a log repeats an address.
//
// # Security items and their tests
//
// They stand with those of all rooms in backend/testdata/security.txt.
package telegram
