package chat

import "time"

// Role is what a person may ask for.
type Role string

// The roles, each with all that the one before may.
const (
	// Viewer looks.
	Viewer Role = "viewer"
	// Operator also halts, pauses, closes, cancels and trades within the limits.
	Operator Role = "operator"
	// Owner also ends a pause and tightens limits.
	Owner Role = "owner"
)

// Roles lists every role, the least first.
func Roles() []Role { return []Role{Viewer, Operator, Owner} }

// May tells whether a role is at least another. A role that does not exist may nothing, and nobody may what needs one that does
// not.
func (r Role) May(needed Role) bool { return needed.rank() > 0 && r.rank() >= needed.rank() }

func (r Role) rank() int {
	switch r {
	case Viewer:
		return 1
	case Operator:
		return 2
	case Owner:
		return 3
	}
	return 0
}

// Person is somebody who was paired. A person is their number at the messenger: names can be changed by anybody.
type Person struct {
	User int64
	// Name is what they called themselves when they were paired.
	Name string
	Role Role
	// Chat is their private chat with the bot.
	Chat     int64
	PairedAt time.Time
	PairedBy string
	// SeenAt is when they last asked for something; zero for never.
	SeenAt time.Time
}
