// Package chat is the vocabulary of a remote control by messages: what comes in, what goes out, who may ask for what, and how
// an answer is laid out so that it fits a phone.
//
// Everything here is pure. telegram speaks to the messenger, sqlite keeps what came and what is to go, notify decides which
// fact is worth a message, and app answers commands.
//
// # What is kept, and when
//
// An update is written down before anything is done about it, and never done twice: a program that ends between the two finds it
// begun at the next start and says that it cannot know whether it happened. A message is written down before it is sent, and sent
// until the messenger has it or says for certain that it never will: at least once, so after a torn connection it may come twice.
package chat
