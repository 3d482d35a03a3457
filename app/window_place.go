package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"hoox/backend/disk"
)

// The smallest window the pages are made for, and the one of a first start.
const (
	leastWidth, leastHeight = 1024, 640
	firstWidth, firstHeight = 1280, 832
)

// grip is how much of a window's top must be on a screen, so that a hand can take it and pull the rest there.
const grip = 80

// largestPlace bounds the file of the window's place; anything longer is none of ours.
const largestPlace = 4 << 10

// spot is where the window was and how it looked when it was last open.
type spot struct {
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised"`
	// Placed is false until the window has been somewhere: then the desktop chooses.
	Placed bool `json:"placed"`
	// Theme is dark or light, so that the window has its colour before the page is there.
	Theme string `json:"theme"`
}

// screen is the size of one screen.
type screen struct{ width, height int }

func firstPlace() spot { return spot{Width: firstWidth, Height: firstHeight, Theme: "dark"} }

func placePath(dataDir string) string { return filepath.Join(dataDir, "window.json") }

// readPlace is the place of the last run. A file that is missing or damaged is the place of a first start: nothing depends
// on it but comfort.
func readPlace(dataDir string) (spot, error) {
	p := firstPlace()
	path := placePath(dataDir)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil || !info.Mode().IsRegular() || info.Size() > largestPlace {
		return p, fmt.Errorf("read the window's place: %s is no file of ours", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return p, fmt.Errorf("read the window's place: %w", err)
	}
	kept := p
	if err := json.Unmarshal(text, &kept); err != nil {
		return p, fmt.Errorf("read the window's place: %w", err)
	}
	if kept.Width < leastWidth || kept.Height < leastHeight {
		kept.Width, kept.Height = p.Width, p.Height
	}
	if kept.Theme != "light" {
		kept.Theme = "dark"
	}
	return kept, nil
}

// writePlace keeps a place for the next start.
func writePlace(dataDir string, p spot) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("write the window's place: %w", err)
	}
	return disk.WriteWhole(placePath(dataDir), append(text, '\n'))
}

// fit is the place on the screens that are there now. The window's toolkit tells how large screens are and not where, so
// with several the desktop chooses the place, as it does for a window that would not be seen.
func (p spot) fit(screens []screen) spot {
	var largest screen
	for _, s := range screens {
		largest.width, largest.height = max(largest.width, s.width), max(largest.height, s.height)
	}
	if largest.width == 0 {
		p.Placed = false
		return p
	}
	p.Width, p.Height = min(p.Width, max(largest.width, leastWidth)), min(p.Height, max(largest.height, leastHeight))
	seen := p.X+p.Width >= grip && p.X <= largest.width-grip && p.Y >= 0 && p.Y <= largest.height-grip
	p.Placed = p.Placed && seen && len(screens) == 1
	return p
}
