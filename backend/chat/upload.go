package chat

import "time"

// Uploaded is a picture or a document that somebody sent and that is kept.
type Uploaded struct {
	// ID is the store's.
	ID int64
	At time.Time
	// User and Who are who sent it.
	User int64
	Who  string
	// Name is its file; Title what the sender called it, outside text.
	Name, Title string
	// Type is its media type, by its bytes.
	Type string
	// Size is in bytes.
	Size    int64
	SHA256  string
	Caption string
}
