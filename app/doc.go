// Package app is the glass of the house: what the window, the browser and the command line may call.
//
// It owns the services (one type per subject, each method one request and one answer), the two panes over them (Wails
// bindings for the window, HTTP and WebSocket on loopback for browser, command line and tests), the commands of the
// program, and the log. It holds no rule of trading: every method converts, calls a lower room, and converts back.
//
// # Errors
//
// An error crosses as a Fault: its JSON text on the window's side, the same as a body on the HTTP side. Kind, HTTP status
// and exit code of a command belong together:
//
//	kind                          status  exit code
//	invalid                       400     2
//	unauthorized                  403     1  (401 without a key or session at all)
//	not_found                     404     1
//	duplicate, conflict           409     4, 1
//	refused, rejected             422     4
//	limited                       429     4
//	halted                        503     4
//	unavailable                   503     1
//	unknown                       504     5  (the exchange may or may not have it: never repeated blindly)
//	internal                      500     1
package app
