// Package backend is the house. Its rooms stand on floors, and a room imports only rooms on lower floors:
//
//	floor 3  adapters           sqlite · exchange/{bybit,binance,mexc,paper} · market · gateway · telegram · tunnel · vault · objects
//	floor 2  application        admission · execution · notify (and exchange, what the adapters share)
//	floor 1  policy, mechanism  risk · ledger · strategy · queue · events · settings · audit · alarm · disk · wire · tape · chart
//	floor 0  vocabulary         trading · chat
//
// node, above all floors, wires the rooms; app, outside, is what the window, the browser and the command line may call.
// Application rooms declare the small interfaces they need, adapters fulfil them without knowing it, node introduces the
// two.
//
// # The path of a signal
//
// Work moves along stations: door → admission → execution → exchange → fill. Between stations lies a row, never a call
// back. Each station's whole effect is one transaction that also writes the job for the next one; one writer gives every
// fact a total order; a hub in memory says that something changed and carries no truth.
//
// laws_test.go checks the house.
package backend
