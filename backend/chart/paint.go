package chart

import (
	"image/color"
	"math"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"hoox/backend/trading"
)

// The size of a picture in pixels, and of its letters: a phone shows it about a third as large.
const (
	Width, Height = 900, 560

	dots         = 72 // to the inch, so that a point is a pixel
	largeLetters = 34
	smallLetters = 24
)

// The colours of the window's dark theme. Candles are grey, so that a line in colour is always a level.
var (
	ground   = color.RGBA{0x0b, 0x0f, 0x14, 0xff}
	gridLine = color.RGBA{0x23, 0x2d, 0x38, 0xff}
	words    = color.RGBA{0xe6, 0xed, 0xf3, 0xff}
	muted    = color.RGBA{0x9a, 0xa7, 0xb4, 0xff}
	rising   = color.RGBA{0x9a, 0xa7, 0xb4, 0xff}
	falling  = color.RGBA{0x52, 0x60, 0x6d, 0xff}

	ofKind = map[Kind]color.RGBA{
		Entry:  {0x7d, 0xd3, 0xfc, 0xff},
		Exit:   {0x7d, 0xd3, 0xfc, 0xff},
		Stop:   {0xff, 0x7a, 0x85, 0xff},
		Target: {0x2d, 0xd4, 0xbf, 0xff},
	}
	// dashes tell the kinds apart where colours do not.
	dashes = map[Kind][]vg.Length{Stop: {6, 6}, Target: {18, 8}}

	ofMode = map[trading.Mode][2]color.RGBA{
		trading.ModeLive:    {{0xc8, 0x1e, 0x3a, 0xff}, {0xff, 0xff, 0xff, 0xff}},
		trading.ModeTestnet: {{0xfb, 0xbf, 0x24, 0xff}, {0x0b, 0x0f, 0x14, 0xff}},
		trading.ModePaper:   {{0x5b, 0x3f, 0xd6, 0xff}, {0xff, 0xff, 0xff, 0xff}},
	}
)

// painter is an empty picture and the letters for it.
type painter struct {
	draw.Canvas
	image *vgimg.Canvas
	hand  text.Plain
}

const typeface = "Liberation Sans"

func newPainter() (*painter, error) {
	letters, err := opentype.Parse(liberationsansbold.TTF)
	if err != nil {
		return nil, trading.Wrap(trading.Internal, err, "read the letters of pictures")
	}
	image := vgimg.NewWith(vgimg.UseWH(Width, Height), vgimg.UseDPI(dots), vgimg.UseBackgroundColor(ground))
	cache := font.NewCache(font.Collection{{Font: font.Font{Typeface: typeface}, Face: letters}})
	return &painter{Canvas: draw.New(image), image: image, hand: text.Plain{Fonts: cache}}, nil
}

func (p *painter) style(size vg.Length, c color.Color) draw.TextStyle {
	return draw.TextStyle{Color: c, Font: font.Font{Typeface: typeface, Size: size}, YAlign: draw.YCenter, Handler: p.hand}
}

// wide is how much room a text takes.
func (p *painter) wide(size vg.Length, s string) vg.Length { return p.style(size, words).Width(s) }

// write puts a text beside a point, in the middle of its height; align is where the point is along it.
func (p *painter) write(size vg.Length, c color.Color, align draw.XAlignment, x, y vg.Length, s string) {
	style := p.style(size, c)
	style.XAlign = align
	// The library's middle has room for accents above, which none of our words has.
	p.FillText(style, vg.Point{X: x, Y: y + size/9}, s)
}

// fit shortens a text until it has room.
func (p *painter) fit(size, room vg.Length, s string) string {
	if p.wide(size, s) <= room {
		return s
	}
	for letters := []rune(s); len(letters) > 0; letters = letters[:len(letters)-1] {
		if short := string(letters) + "…"; p.wide(size, short) <= room {
			return short
		}
	}
	return ""
}

func (p *painter) box(c color.Color, left, bottom, right, top vg.Length) {
	p.FillPolygon(c, []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}})
}

func (p *painter) line(c color.Color, width vg.Length, dash []vg.Length, from, to vg.Point) {
	p.StrokeLines(draw.LineStyle{Color: c, Width: width, Dashes: dash}, []vg.Point{from, to})
}

// crisp moves a coordinate to the middle of its pixel: a line of an odd width is not blurred there.
func crisp(v vg.Length) vg.Length { return vg.Length(math.Floor(float64(v)) + 0.5) }
