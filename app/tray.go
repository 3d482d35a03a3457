package app

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// traySize is how large the icon in the tray is drawn; a desktop makes it smaller.
const traySize = 64

// trayFace is what the tray shows of the program. Each differs from the others by its shape, not only by its colour.
type trayFace string

// The faces: a dashed ring on paper, a full disc with real money, two bars while entries are paused, an octagon when halted.
const (
	facePaper  trayFace = "paper"
	faceLive   trayFace = "live"
	facePaused trayFace = "paused"
	faceHalted trayFace = "halted"
)

// trayLook is everything the tray shows.
type trayLook struct {
	face trayFace
	// tip is what shows on hover, line the first line of the menu.
	tip  string
	line string
	// halt and pause tell whether those are still to be done.
	halt, pause bool
}

// lookOf says how the tray looks in a mode and a trading state.
func lookOf(mode trading.Mode, state risk.State, open string) trayLook {
	look := trayLook{face: facePaper, halt: true, pause: true}
	if mode == trading.ModeLive {
		look.face = faceLive
	}
	word := "trading is active"
	switch state {
	case risk.Active:
	case risk.Reducing:
		look.face, look.pause, word = facePaused, false, "entries are paused"
	case risk.Halted:
		look.face, look.pause, look.halt, word = faceHalted, false, false, "HALTED"
	default:
		look.face, word = faceHalted, "trading state unknown"
	}
	look.line = modeWord(mode) + ": " + word
	look.tip = "Hoox " + look.line
	if open != "" {
		look.tip += ", " + open
	}
	return look
}

// inside tells whether a point, as seen from the middle and in parts of half the icon, is in the shape of a face.
func (f trayFace) inside(x, y float64) bool {
	far := math.Hypot(x, y)
	switch f {
	case facePaper:
		// Eight dashes.
		turn := (math.Atan2(y, x) + math.Pi) / (2 * math.Pi) * 8
		return far > 0.62 && far < 0.92 && turn-math.Floor(turn) < 0.68
	case faceLive:
		return far < 0.92
	case facePaused:
		return math.Abs(y) < 0.85 && math.Abs(x) > 0.22 && math.Abs(x) < 0.72
	case faceHalted:
		edge := 0.92
		octagon := math.Abs(x) < edge && math.Abs(y) < edge && math.Abs(x)+math.Abs(y) < edge*math.Sqrt2
		slot := math.Abs(y) < 0.16 && math.Abs(x) < 0.55
		return octagon && !slot
	}
	return false
}

// colour is chosen to be seen on a light panel and on a dark one.
func (f trayFace) colour() color.NRGBA {
	switch f {
	case facePaper:
		return color.NRGBA{0x8B, 0x73, 0xF0, 0xFF}
	case faceLive:
		return color.NRGBA{0xE0, 0x4A, 0x5F, 0xFF}
	case facePaused, faceHalted:
		return color.NRGBA{0xE5, 0xA5, 0x00, 0xFF}
	}
	return color.NRGBA{0x80, 0x80, 0x80, 0xFF}
}

// draw is the icon of a face with soft edges.
func (f trayFace) draw() *image.NRGBA {
	const finer = 4
	img := image.NewNRGBA(image.Rect(0, 0, traySize, traySize))
	paint := f.colour()
	for py := range traySize {
		for px := range traySize {
			hits := 0
			for s := range finer * finer {
				x := (float64(px) + (float64(s%finer)+0.5)/finer) / (traySize / 2)
				y := (float64(py) + (float64(s/finer)+0.5)/finer) / (traySize / 2)
				if f.inside(x-1, y-1) {
					hits++
				}
			}
			shade := paint
			shade.A = uint8(hits * 255 / (finer * finer))
			img.SetNRGBA(px, py, shade)
		}
	}
	return img
}

// png is the icon as most systems want it.
func (f trayFace) png() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, f.draw()); err != nil {
		panic(err) // a small picture in memory can always be written
	}
	return b.Bytes()
}

// ico is the icon as Windows wants it: the same picture behind a header.
func (f trayFace) ico() []byte {
	picture := f.png()
	var b bytes.Buffer
	const header = 6 + 16
	for _, part := range []any{
		[3]uint16{0, 1, 1}, [4]uint8{traySize, traySize, 0, 0}, [2]uint16{1, 32}, [2]uint32{uint32(len(picture)), header},
	} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			panic(err) // fixed sizes into memory
		}
	}
	b.Write(picture)
	return b.Bytes()
}
