package chart_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"

	"hoox/backend/chart"
	"hoox/backend/trading"
)

var (
	white  = color.RGBA{0xe6, 0xed, 0xf3, 0xff}
	blue   = color.RGBA{0x7d, 0xd3, 0xfc, 0xff}
	red    = color.RGBA{0xff, 0x7a, 0x85, 0xff}
	green  = color.RGBA{0x2d, 0xd4, 0xbf, 0xff}
	grey   = color.RGBA{0x9a, 0xa7, 0xb4, 0xff}
	filled = time.Date(2026, 11, 22, 12, 34, 56, 0, time.UTC)
)

// card is a long on paper with a stop 100 below and a target 300 above.
func card() chart.Card {
	c := chart.Card{
		Symbol: "BTCUSDT", Account: "bybit:paper", Side: trading.Buy, At: filled, Zone: time.FixedZone("CET", 3600), Interval: time.Minute,
		Levels: []chart.Level{
			{chart.Entry, trading.MustPrice("60000")}, {chart.Stop, trading.MustPrice("59900")}, {chart.Target, trading.MustPrice("60300")},
		},
	}
	for n := range int64(60) {
		open := trading.PriceUnits(59950+(n*37)%80, 0)
		end := open.Add(trading.PriceUnits((n*53)%90-40, 0))
		c.Candles = append(c.Candles, trading.Candle{
			Start: filled.Truncate(time.Minute).Add(time.Duration(n-59) * time.Minute),
			Open:  open, Close: end, High: open.Max(end).Add(trading.MustPrice("9")), Low: open.Min(end).Sub(trading.MustPrice("7")),
		})
	}
	return c
}

func draw(t *testing.T, c chart.Card) image.Image {
	t.Helper()
	raw, err := chart.Draw(c)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// rows are the rows of a colour in the columns from one to another, below the title.
func rows(picture image.Image, c color.RGBA, from, to int) (list []int) {
	for y := 110; y < picture.Bounds().Dy(); y++ {
		for x := from; x < to; x++ {
			if picture.At(x, y) == c {
				list = append(list, y)
				break
			}
		}
	}
	return list
}

// height is the row of a level's line, between the numbers at the left and the tags at the right.
func height(t *testing.T, picture image.Image, c color.RGBA) int {
	t.Helper()
	list := rows(picture, c, 150, 600)
	if len(list) != 3 || list[2]-list[0] != 2 {
		t.Fatalf("the colour %v is in the rows %v, want one line of three", c, list)
	}
	return list[1]
}

func TestEachLevelStandsAtItsHeight(t *testing.T) {
	for name, candles := range map[string][]trading.Candle{"with candles": card().Candles, "with levels only": nil} {
		c := card()
		c.Candles = candles
		picture := draw(t, c)
		if size := picture.Bounds().Size(); size != image.Pt(chart.Width, chart.Height) {
			t.Errorf("%s: had %v", name, size)
		}
		entry, stop, target := height(t, picture, blue), height(t, picture, red), height(t, picture, green)
		// 300 above and 100 below: three to one, whatever the scale, within the pixel that each is moved by.
		if above, below := entry-target, stop-entry; below < 40 || above < 3*below-4 || above > 3*below+4 {
			t.Errorf("%s: the target stands %d rows above the entry and the stop %d below, want three to one", name, above, below)
		}
	}
}

func TestTheTriangleStandsUnderABuyAndOverASell(t *testing.T) {
	for side, under := range map[trading.Side]bool{trading.Buy: true, trading.Sell: false} {
		c := card()
		c.Side = side
		picture := draw(t, c)
		entry := height(t, picture, blue)
		list := rows(picture, white, 150, 723)
		if len(list) < 20 || list[0] > entry != under || list[len(list)-1] > entry != under {
			t.Errorf("%s: the triangle is in the rows %v, the price in %d", side, list, entry)
		}
		c.Candles = nil
		if list := rows(draw(t, c), white, 150, 723); len(list) < 20 {
			t.Errorf("%s without candles: the triangle is in the rows %v", side, list)
		}
	}
}

func TestCandlesAreDrawnOnlyWhereThereAreAny(t *testing.T) {
	c := card()
	if n := len(rows(draw(t, c), grey, 150, 600)); n < 30 {
		t.Errorf("candles cover %d rows", n)
	}
	c.Candles = nil
	if list := rows(draw(t, c), grey, 150, 300); len(list) > 0 {
		t.Errorf("without candles there is something like one in the rows %v", list)
	}
}

func TestTheSameCardIsTheSamePictureAndAnotherIsNot(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string]func(*chart.Card){
		"as it is": func(*chart.Card) {}, "another symbol": func(c *chart.Card) { c.Symbol = "ETHUSDT" }, "another mode": func(c *chart.Card) { c.Account = "bybit:live" },
		"another account": func(c *chart.Card) { c.Account = "mexc:paper" }, "another side": func(c *chart.Card) { c.Side = trading.Sell },
		"another moment": func(c *chart.Card) { c.At = c.At.Add(-20 * time.Minute) }, "another zone": func(c *chart.Card) { c.Zone = time.UTC },
		"another level": func(c *chart.Card) { c.Levels[2].Price = trading.MustPrice("60200") }, "an exit": func(c *chart.Card) { c.Levels[0].Kind = chart.Exit },
		"another candle": func(c *chart.Card) { c.Candles[30].High = trading.MustPrice("60280") }, "no candles": func(c *chart.Card) { c.Candles = nil },
	} {
		c, again := card(), card()
		change(&c)
		change(&again)
		first, err := chart.Draw(c)
		if err != nil {
			t.Fatal(name, err)
		}
		if second, _ := chart.Draw(again); !bytes.Equal(first, second) {
			t.Errorf("%s: drawn twice it is two pictures", name)
		}
		if other, same := seen[string(first)]; same {
			t.Errorf("%s and %s are the same picture", name, other)
		}
		seen[string(first)] = name
	}
}

func TestTagsOfNearLevelsDoNotCoverEachOther(t *testing.T) {
	for _, far := range []string{"99999", "0.001"} {
		c := card()
		c.Candles, c.Levels = nil, nil
		for n := range int64(chart.MaxLevels) {
			c.Levels = append(c.Levels, chart.Level{Kind: chart.Target, Price: trading.PriceUnits(5000+n, -1)})
		}
		// The others huddle at one edge.
		c.Levels[0].Kind, c.Levels[1].Kind, c.Levels[1].Price = chart.Entry, chart.Stop, trading.MustPrice(far)
		picture, tags := draw(t, c), 0
		for y, before := 105, (color.Color)(nil); y < chart.Height; y++ {
			now := picture.At(chart.Width-25, y)
			if tag := now == blue || now == red || now == green; tag && now != before {
				tags++
			}
			before = now
		}
		if tags != chart.MaxLevels {
			t.Errorf("with one at %s: %d tags can be told apart, want %d", far, tags, chart.MaxLevels)
		}
	}
}

func TestWhatCanBeTradedCanBeDrawn(t *testing.T) {
	for name, change := range map[string]func(*chart.Card){
		"one level": func(c *chart.Card) { c.Levels, c.Candles = c.Levels[:1], nil },
		"tiny prices": func(c *chart.Card) {
			c.Candles, c.Levels = nil, []chart.Level{{chart.Entry, trading.MustPrice("0.0000000000012345")}, {chart.Stop, trading.MustPrice("0.0000000000012344")}}
		},
		"huge prices": func(c *chart.Card) {
			c.Candles, c.Levels = nil, []chart.Level{{chart.Entry, trading.MustPrice("999999999999999999")}, {chart.Stop, trading.MustPrice("0.000000000001")}}
		},
		"equal levels": func(c *chart.Card) { c.Candles = nil; c.Levels[1].Price = c.Levels[0].Price },
		"a long name": func(c *chart.Card) {
			c.Symbol, c.Account = strings.Repeat("LONG", 60), "bybit:live:"+trading.AccountID(strings.Repeat("x", 200))
		},
		"other letters": func(c *chart.Card) { c.Symbol = "币安人生_USDT\n\x00\xff" },
		"one candle":    func(c *chart.Card) { c.Candles = c.Candles[59:] },
		"flat candles": func(c *chart.Card) {
			p := trading.MustPrice("60000")
			c.Candles, c.Levels = []trading.Candle{{Start: filled, Open: p, High: p, Low: p, Close: p}}, c.Levels[:1]
		},
		"the most candles, by the day": func(c *chart.Card) {
			k := c.Candles[0]
			c.Candles, c.Interval = nil, 24*time.Hour
			for n := range chart.MaxCandles {
				k.Start = filled.AddDate(0, 0, n-chart.MaxCandles)
				c.Candles = append(c.Candles, k)
			}
		},
	} {
		c := card()
		change(&c)
		if size := draw(t, c).Bounds().Size(); size != image.Pt(chart.Width, chart.Height) {
			t.Errorf("%s: had %v", name, size)
		}
	}
}

func TestWhatMakesNoPictureIsRefusedInWords(t *testing.T) {
	for name, change := range map[string]func(*chart.Card){
		"nothing": func(c *chart.Card) { *c = chart.Card{} }, "no symbol": func(c *chart.Card) { c.Symbol = "" }, "no mode": func(c *chart.Card) { c.Account = "bybit" },
		"no side": func(c *chart.Card) { c.Side = "" }, "no moment": func(c *chart.Card) { c.At = time.Time{} }, "no zone": func(c *chart.Card) { c.Zone = nil },
		"no levels": func(c *chart.Card) { c.Levels = nil }, "no fill": func(c *chart.Card) { c.Levels = c.Levels[1:] },
		"two fills":          func(c *chart.Card) { c.Levels[1].Kind = chart.Exit },
		"an unknown kind":    func(c *chart.Card) { c.Levels[1].Kind = "hope" },
		"a price of nothing": func(c *chart.Card) { c.Levels[1].Price = trading.Price{} },
		"a negative price":   func(c *chart.Card) { c.Levels[1].Price = trading.MustPrice("-1") },
		"a price too long":   func(c *chart.Card) { c.Levels[1].Price = trading.MustPrice("1.00000000000000001") },
		"too many levels": func(c *chart.Card) {
			for len(c.Levels) <= chart.MaxLevels {
				c.Levels = append(c.Levels, c.Levels[1])
			}
		},
		"too many candles": func(c *chart.Card) {
			for len(c.Candles) <= chart.MaxCandles {
				k := c.Candles[0]
				k.Start = k.Start.Add(-time.Minute)
				c.Candles = append([]trading.Candle{k}, c.Candles...)
			}
		},
		"no interval":           func(c *chart.Card) { c.Interval = 0 },
		"candles out of order":  func(c *chart.Card) { c.Candles[3], c.Candles[4] = c.Candles[4], c.Candles[3] },
		"candles far apart":     func(c *chart.Card) { c.Candles[0].Start = c.Candles[0].Start.AddDate(-1, 0, 0) },
		"candles of yesterday":  func(c *chart.Card) { c.At = c.At.AddDate(0, 0, 1) },
		"candles of tomorrow":   func(c *chart.Card) { c.At = c.At.AddDate(0, 0, -1) },
		"a candle upside down":  func(c *chart.Card) { c.Candles[5].High, c.Candles[5].Low = c.Candles[5].Low, c.Candles[5].High },
		"a candle without low":  func(c *chart.Card) { c.Candles[5].Low = trading.Price{} },
		"an opening beyond all": func(c *chart.Card) { c.Candles[5].Open = trading.MustPrice("70000") },
	} {
		c := card()
		change(&c)
		if picture, err := chart.Draw(c); trading.KindOf(err) != trading.Invalid || picture != nil {
			t.Errorf("%s: had %d bytes and %v, want Invalid", name, len(picture), err)
		}
	}
}
