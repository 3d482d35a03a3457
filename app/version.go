package app

// version and commit are set when the program is built: -ldflags "-X hoox/app.version=… -X hoox/app.commit=…".
var (
	version = "dev"
	commit  = "unknown"
)
