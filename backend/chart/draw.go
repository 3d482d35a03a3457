package chart

import (
	"bytes"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"hoox/backend/trading"
)

const (
	margin    = vg.Length(20)
	titleRoom = vg.Length(104)
	timeRoom  = vg.Length(44)
	tagHeight = vg.Length(34)
	// gap is what a level's line has to get to its tag.
	gap = vg.Length(20)
	// candleWidth is the part of its time that a candle covers.
	candleWidth = 0.7
)

// sheet is a picture that is being drawn.
type sheet struct {
	*painter
	card Card
	heights
	moments
	// The field is where prices are drawn.
	left, bottom, right, top vg.Length
}

// Draw makes a PNG of a card. It fails with Invalid for a card that cannot be drawn.
func Draw(c Card) (picture []byte, err error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	// The library panics at what it cannot draw; a picture is not worth the program.
	defer func() {
		if p := recover(); p != nil {
			picture, err = nil, trading.Errorf(trading.Internal, "draw %s: %v", c.Symbol, p)
		}
	}()
	p, err := newPainter()
	if err != nil {
		return nil, err
	}
	s := &sheet{painter: p, card: c, heights: heightsOf(c), moments: momentsOf(c)}
	s.measure()
	s.title()
	for _, draw := range []func() error{s.grid, s.candles, s.levels, s.fill} {
		if err := draw(); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, p.image.Image()); err != nil {
		return nil, trading.Wrap(trading.Internal, err, "write the picture of "+c.Symbol)
	}
	return out.Bytes(), nil
}

// measure leaves as much room at the sides as the numbers there need.
func (s *sheet) measure() {
	var numbers, tags vg.Length
	_, texts := s.heights.marks()
	for _, text := range texts {
		numbers = max(numbers, s.wide(smallLetters, text))
	}
	for _, l := range s.card.Levels {
		tags = max(tags, s.wide(smallLetters, tagOf(l)))
	}
	s.left, s.right = margin+numbers+10, Width-margin-tags-16-gap
	s.bottom, s.top = timeRoom+margin/2, Height-titleRoom
}

func (s *sheet) y(p trading.Price) (vg.Length, error) {
	share, err := s.heights.share(p)
	return s.bottom + vg.Length(share)*(s.top-s.bottom), err
}

func (s *sheet) x(at time.Time) vg.Length {
	return s.left + vg.Length(s.moments.share(at))*(s.right-s.left)
}

// title says what, where, when, and whose money it is.
func (s *sheet) title() {
	mode := strings.ToUpper(string(s.card.Account.Mode()))
	colours := ofMode[s.card.Account.Mode()]
	wide := s.wide(smallLetters, mode) + 24
	high, low := vg.Length(Height-34), vg.Length(Height-76)
	s.box(colours[0], Width-margin-wide, high-19, Width-margin, high+19)
	s.write(smallLetters, colours[1], draw.XCenter, Width-margin-wide/2, high, mode)

	name := strings.ToUpper(string(s.card.Side)) + " " + s.card.Symbol
	s.write(largeLetters, words, draw.XLeft, margin, high, s.fit(largeLetters, Width-2*margin-wide-margin, name))
	about := fmt.Sprintf("%s, %s", s.card.Account, s.card.At.In(s.card.Zone).Format("2 Jan 2006 15:04:05 MST"))
	if len(s.card.Candles) == 0 {
		about += ", levels only"
	}
	s.write(smallLetters, muted, draw.XLeft, margin, low, s.fit(smallLetters, Width-2*margin, about))
}

// grid is the axes: round prices at the left, round times below.
func (s *sheet) grid() error {
	prices, texts := s.heights.marks()
	for i, p := range prices {
		y, err := s.y(p)
		if err != nil {
			return err
		}
		s.line(gridLine, 1, nil, vg.Point{X: s.left, Y: crisp(y)}, vg.Point{X: s.right, Y: crisp(y)})
		s.write(smallLetters, muted, draw.XRight, s.left-10, y, texts[i])
	}
	times, texts := s.moments.marks()
	for i, at := range times {
		x := crisp(s.x(at))
		s.line(gridLine, 1, nil, vg.Point{X: x, Y: s.bottom}, vg.Point{X: x, Y: s.top})
		half := s.wide(smallLetters, texts[i]) / 2
		s.write(smallLetters, muted, draw.XCenter, min(max(x, margin+half), Width-margin-half), s.bottom-timeRoom/2, texts[i])
	}
	return nil
}

func (s *sheet) candles() error {
	for _, k := range s.card.Candles {
		var y [4]vg.Length
		for i, p := range []trading.Price{k.Low, k.Open.Min(k.Close), k.Open.Max(k.Close), k.High} {
			var err error
			if y[i], err = s.y(p); err != nil {
				return err
			}
		}
		from, to := s.x(k.Start), s.x(k.Start.Add(s.card.Interval))
		middle, half := (from+to)/2, max((to-from)*candleWidth/2, 0.5)
		colour := rising
		if k.Close.Less(k.Open) {
			colour = falling
		}
		s.line(colour, max(half/3, 1), nil, vg.Point{X: middle, Y: y[0]}, vg.Point{X: middle, Y: y[3]})
		// A candle that went nowhere is still a stroke.
		s.box(colour, middle-half, y[1], middle+half, max(y[2], y[1]+1))
	}
	return nil
}

func tagOf(l Level) string { return string(l.Kind) + " " + l.Price.String() }

// levels are the lines, each with its tag at the right edge: at its height, or beside it where another tag is in the way.
func (s *sheet) levels() error {
	list := slices.Clone(s.card.Levels)
	slices.SortStableFunc(list, func(a, b Level) int { return a.Price.Cmp(b.Price) })
	lines := make([]vg.Length, len(list))
	for i, l := range list {
		y, err := s.y(l.Price)
		if err != nil {
			return err
		}
		lines[i] = crisp(y)
	}
	tags := apart(lines, s.bottom, s.top)
	for i, l := range list {
		colour := ofKind[l.Kind]
		s.line(colour, 3, dashes[l.Kind], vg.Point{X: s.left, Y: lines[i]}, vg.Point{X: s.right, Y: lines[i]})
		s.line(colour, 2, nil, vg.Point{X: s.right, Y: lines[i]}, vg.Point{X: s.right + gap, Y: tags[i]})
		s.box(colour, s.right+gap, tags[i]-tagHeight/2+1, Width-margin, tags[i]+tagHeight/2-1)
		s.write(smallLetters, ground, draw.XLeft, s.right+gap+8, tags[i], tagOf(l))
	}
	return nil
}

// apart moves heights, lowest first, until no two tags overlap and all are between bottom and top.
func apart(heights []vg.Length, bottom, top vg.Length) []vg.Length {
	out := slices.Clone(heights)
	least := bottom + tagHeight/2
	for i := range out {
		out[i] = max(out[i], least)
		least = out[i] + tagHeight
	}
	most := top - tagHeight/2
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = min(out[i], most)
		most = out[i] - tagHeight
	}
	return out
}

// fill is the triangle whose tip is where the order filled: from below for a buy, from above for a sell.
func (s *sheet) fill() error {
	y, err := s.y(s.card.filled().Price)
	if err != nil {
		return err
	}
	x, down := s.x(s.card.At), vg.Length(-1)
	if s.card.Side == trading.Sell {
		down = 1
	}
	triangle := func(tip, half, long vg.Length) []vg.Point {
		return []vg.Point{{X: x, Y: y + down*tip}, {X: x - half, Y: y + down*long}, {X: x + half, Y: y + down*long}}
	}
	s.FillPolygon(ground, triangle(-1, 19, 32))
	s.FillPolygon(words, triangle(4, 14, 29))
	return nil
}
