// Package telegramsim is a Bot API server for tests, with one bot: it takes requests in every form that the real one takes, checks what
// the real one checks, holds questions for updates and forgets confirmed ones as it does, posts updates to a webhook, and keeps all
// that the bot sent.
//
// It owns chats, people's words and scripted faults. It serves on this computer, or within the process for tests in simulated time. It
// knows nothing of the program that is tested and is part of no release.
package telegramsim
