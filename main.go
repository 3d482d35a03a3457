// Command hoox is Hoox Desktop: a local-first trading app in one program, with a window, a browser page or a terminal
// as its face. Everything it can do is in package app.
package main

import (
	"embed"
	"io/fs"
	"os"

	"hoox/app"
)

// The folder holds only a placeholder until the front end is built, so the Go side compiles on a fresh clone.
//
//go:embed all:frontend/dist
var dist embed.FS

func main() {
	ui, err := fs.Sub(dist, "frontend/dist")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	os.Exit(app.Main(os.Args[1:], ui))
}
