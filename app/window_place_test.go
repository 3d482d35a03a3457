package app

import (
	"os"
	"strings"
	"testing"
)

func TestTheWindowOpensWhereItWas(t *testing.T) {
	dir := t.TempDir()
	was := spot{X: 40, Y: 30, Width: 1500, Height: 900, Maximised: true, Placed: true, Theme: "light"}

	if err := writePlace(dir, was); err != nil {
		t.Fatal(err)
	}
	had, err := readPlace(dir)

	if err != nil || had != was {
		t.Errorf("had %+v %v, want %+v: people put a window where they want it", had, err, was)
	}
	info, err := os.Stat(placePath(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("had %v %v, want a file that only its owner reads", info.Mode(), err)
	}
}

func TestAFirstStartAndADamagedFileOpenAnOrdinaryWindow(t *testing.T) {
	dir := t.TempDir()
	if had, err := readPlace(dir); err != nil || had != firstPlace() {
		t.Errorf("without a file: had %+v %v, want %+v and no error", had, err, firstPlace())
	}
	for name, text := range map[string]string{
		"no JSON": "{", "too long": `{"theme":"` + strings.Repeat("x", largestPlace) + `"}`,
	} {
		if err := os.WriteFile(placePath(dir), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if had, err := readPlace(dir); err == nil || had != firstPlace() {
			t.Errorf("%s: had %+v %v, want the first place and an error for the log", name, had, err)
		}
	}
	if err := os.WriteFile(placePath(dir), []byte(`{"width":3,"height":2,"theme":"pink"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if had, err := readPlace(dir); err != nil || had.Width != firstWidth || had.Height != firstHeight || had.Theme != "dark" {
		t.Errorf("had %+v %v, want a size the pages fit into and a theme that exists", had, err)
	}
}

func TestAWindowIsNeverOpenedWhereNobodySeesIt(t *testing.T) {
	one, two := []screen{{1440, 900}}, []screen{{1440, 900}, {1920, 1080}}
	tests := []struct {
		name          string
		x, y          int
		width, height int
		screens       []screen
		placed        bool
	}{
		{"where it was", 100, 50, 1280, 832, one, true},
		{"half off to the left", -1100, 50, 1280, 832, one, true},
		{"a second screen is gone", 1500, 50, 1280, 832, one, false},
		{"several screens, nobody knows where", 100, 50, 1280, 832, two, false},
		{"all off to the left", -1250, 50, 1280, 832, one, false},
		{"its title is above the screen", 100, -40, 1280, 832, one, false},
		{"below the screen", 100, 880, 1280, 832, one, false},
		{"no screen is known", 100, 50, 1280, 832, nil, false},
	}
	for _, test := range tests {
		p := spot{X: test.x, Y: test.y, Width: test.width, Height: test.height, Placed: true}
		if had := p.fit(test.screens); had.Placed != test.placed || had.X != test.x || had.Y != test.y {
			t.Errorf("%s: had %+v, want placed %v: a window off the screens cannot be taken by hand", test.name, had, test.placed)
		}
	}
	if had := (spot{Width: 4000, Height: 3000, Placed: true}).fit(one); had.Width != 1440 || had.Height != 900 {
		t.Errorf("had %dx%d, want it as large as the screen that is there", had.Width, had.Height)
	}
	if had := (spot{Width: 1280, Height: 832}).fit(one); had.Placed {
		t.Error("a window that was nowhere yet is placed, want it left to the desktop")
	}
}
