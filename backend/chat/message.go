package chat

import "time"

// MaxText is how many characters one message holds, in UTF-16 units and after markup is taken out.
// Source: core.telegram.org/bots/api#sendmessage.
const MaxText = 4096

// MaxCaption is the same beside a picture.
const MaxCaption = 1024

// Message is one that goes out.
type Message struct {
	// ID is the store's.
	ID   int64
	Chat int64
	// HTML is the text in the messenger's small HTML: make it with Escape, Bold, Code and Sheet, and nothing else.
	HTML string
	// Silent asks for no sound.
	Silent  bool
	Buttons [][]Button
	// Edits is the number of our message that this one takes the place of; zero for a new one.
	Edits int64
	// Picture is a PNG that is shown above the text.
	Picture []byte
	// Key makes a message that is posted again the same one: "" is always another. One key names one message for ever.
	Key string
	// Kind is why it goes out: the name of a notice, "reply" for an answer.
	Kind string
	// PostedAt is when it was posted and Attempts how often it was tried.
	PostedAt time.Time
	Attempts int
}

// Button is one that can be pressed under a message. Data comes back with the press: at most 64 bytes, and never the deed itself.
type Button struct{ Label, Data string }

// Delivery is what became of a message.
type Delivery string

// What may become of a message.
const (
	// Waiting: it is to be sent, or was tried and will be again.
	Waiting Delivery = "waiting"
	// Sent: the messenger has it.
	Sent Delivery = "sent"
	// Failed: the messenger said for certain that it never will, or it grew too old to be of use.
	Failed Delivery = "failed"
)

// LogLine is one thing that was said in a chat, by a person or to one.
type LogLine struct {
	// ID is unique together with In.
	ID int64
	At time.Time
	// In is true for what came.
	In   bool
	Chat int64
	// Who is the name of the person, "" for what goes out.
	Who string
	// Kind is an UpdateKind or the kind of a message.
	Kind string
	// Words are plain text.
	Words string
	// State is what came of it: of an update "begun", "done", "refused" or "broken off", of a message its Delivery.
	State string
	// Detail says why.
	Detail string
}

// The states of an update in the log.
const (
	Begun     = "begun"
	Done      = "done"
	Refused   = "refused"
	BrokenOff = "broken off"
)

// Answer is what came of an update, and the messages that tell of it.
type Answer struct {
	// State is Done or Refused, and Detail says in plain words what was done or why not.
	State, Detail string
	Messages      []Message
}
