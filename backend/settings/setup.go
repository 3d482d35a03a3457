package settings

// The keys of the first steps.
const (
	SetupAccepted = "setup:accepted"
	SetupOutcome  = "setup:outcome"
)

// What somebody said of the first steps.
const (
	SetupOpen  = "open"
	SetupLater = "later"
	SetupDone  = "done"
)

// setupSettings are what somebody said in the first steps. Nobody types them: each has a command of its own.
func setupSettings() []Setting {
	return []Setting{
		{Key: SetupAccepted, Type: Text, Default: "", Max: "20", ReadOnly: true, Group: "First steps",
			Help: "The version of the words on what this program does with money that somebody accepted, and who; empty while nobody did. Accepted in the first steps, or with hoox setup accept."},
		{Key: SetupOutcome, Type: Enum, Default: SetupOpen, Options: []string{SetupOpen, SetupLater, SetupDone}, ReadOnly: true, Group: "First steps",
			Help: "open shows the first steps by themselves at the start, later only offers them on Overview, done no longer does. Changed in the first steps, or with hoox setup later and hoox setup finish."},
	}
}
