package chat

import "time"

// UpdateKind is what came in. The list is closed; anything else of the messenger is passed over.
type UpdateKind string

// The kinds of updates.
const (
	// Text is a message with words.
	Text UpdateKind = "text"
	// Edited is an old message that was changed. It is never a command.
	Edited UpdateKind = "edited"
	// Pressed is a button under one of our messages.
	Pressed UpdateKind = "pressed"
	// Upload is a picture or a document, with or without words.
	Upload UpdateKind = "upload"
	// Other is what we have no use for.
	Other UpdateKind = "other"
)

// ChatKind is where it was said.
type ChatKind string

// The kinds of chats.
const (
	Private ChatKind = "private"
	Group   ChatKind = "group"
	Channel ChatKind = "channel"
)

// Update is one thing that came from the messenger.
type Update struct {
	// ID is the messenger's number of it: it grows, and comes again until it was taken.
	ID   int64
	Kind UpdateKind
	// Chat is where it was said and Where what kind of place that is.
	Chat  int64
	Where ChatKind
	// User is the number of whoever said it, zero when that is nobody's: an anonymous admin or a channel. Name is what they call
	// themselves: for a person's eyes, never believed.
	User int64
	Name string
	// Message is the number of the message, of the one with the button for Pressed.
	Message int64
	// At is when the messenger took it, UTC; zero for Pressed, which says nothing about it.
	At time.Time
	// Words are the text, or what was written beside an upload.
	Words string
	// Button is what the pressed button carries, and Query the messenger's handle of the press.
	Button string
	Query  string
	// Odd says why it can be no command though it reads like one: forwarded, sent through another bot. Empty otherwise.
	Odd  string
	File *File
}

// File is something that came with an update and can be fetched.
type File struct {
	// ID is the messenger's handle to fetch it, Unique what stays the same for the same content.
	ID, Unique string
	// Name is what the sender calls it and Type its media type: both are outside text. Empty for pictures.
	Name, Type string
	// Size is in bytes, as announced.
	Size  int64
	Photo bool
}
