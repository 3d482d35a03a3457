// Package alarm is what must not be missed: the closed list of alarms, and the bell that tells each of them to every channel,
// to a channel that was down once it is up again.
//
// It owns when a channel is told and how often. It stores nothing (sqlite does, often in the transaction of the fact that
// alarms), and it knows no channel but the log: a desktop or a bot is given to the bell by whoever has it.
package alarm
