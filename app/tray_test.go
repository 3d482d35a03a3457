package app

import (
	"bytes"
	"image/png"
	"testing"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

func TestTheTraySaysModeAndStateInWords(t *testing.T) {
	tests := []struct {
		mode  trading.Mode
		state risk.State
		want  trayLook
	}{
		{trading.ModePaper, risk.Active, trayLook{facePaper, "Hoox PAPER: trading is active, nothing open", "PAPER: trading is active", true, true}},
		{trading.ModeLive, risk.Active, trayLook{faceLive, "Hoox LIVE: trading is active, nothing open", "LIVE: trading is active", true, true}},
		{trading.ModeLive, risk.Reducing, trayLook{facePaused, "Hoox LIVE: entries are paused, nothing open", "LIVE: entries are paused", true, false}},
		{trading.ModeTestnet, risk.Halted, trayLook{faceHalted, "Hoox TESTNET: HALTED, nothing open", "TESTNET: HALTED", false, false}},
	}
	for _, test := range tests {
		if had := lookOf(test.mode, test.state, "nothing open"); had != test.want {
			t.Errorf("had %+v\nwant %+v", had, test.want)
		}
	}
	if had := lookOf(trading.ModeLive, "odd", ""); had.face != faceHalted || !had.halt {
		t.Errorf("had %+v, want the worst shown and a halt to press when the state is not known", had)
	}
}

func TestTheIconsOfTheTrayDifferInShape(t *testing.T) {
	faces := []trayFace{facePaper, faceLive, facePaused, faceHalted}
	for i, a := range faces {
		for _, b := range faces[i+1:] {
			// Without colour: how many points are covered by one and not by the other.
			pa, pb, differ := a.draw(), b.draw(), 0
			for p := 3; p < len(pa.Pix); p += 4 {
				if (pa.Pix[p] > 127) != (pb.Pix[p] > 127) {
					differ++
				}
			}
			if least := traySize * traySize / 20; differ < least {
				t.Errorf("%s and %s differ in %d points, want at least %d: colours are not seen by everybody", a, b, differ, least)
			}
		}
	}
	for _, f := range faces {
		if _, err := png.Decode(bytes.NewReader(f.png())); err != nil {
			t.Errorf("%s: %v", f, err)
		}
		ico := f.ico()
		if _, err := png.Decode(bytes.NewReader(ico[22:])); err != nil || !bytes.HasPrefix(ico, []byte{0, 0, 1, 0, 1, 0, 64, 64}) {
			t.Errorf("%s as .ico: %v, begins %v", f, err, ico[:8])
		}
	}
}
