package market

import (
	"sort"
	"strings"

	"hoox/backend/trading"
)

// Catalogue is a list of instruments that can be searched. It does not change and is safe for concurrent use.
type Catalogue struct {
	bySymbol map[listing]trading.Instrument
	byAssets map[assets]trading.Instrument
	all      []trading.Instrument
}

type listing struct {
	exchange trading.Exchange
	key      trading.InstrumentKey
}

type assets struct {
	exchange    trading.Exchange
	product     trading.Product
	base, quote string
}

func listingOf(i trading.Instrument) listing { return listing{i.Exchange, i.Key()} }

// NewCatalogue makes a catalogue. Of two instruments with the same exchange, product and symbol the later counts.
func NewCatalogue(instruments []trading.Instrument) *Catalogue {
	c := &Catalogue{bySymbol: map[listing]trading.Instrument{}, byAssets: map[assets]trading.Instrument{}}
	for _, i := range instruments {
		c.bySymbol[listingOf(i)] = i
		c.byAssets[assets{i.Exchange, i.Product, i.Base, i.Quote}] = i
	}
	for _, i := range c.bySymbol {
		c.all = append(c.all, i)
	}
	sort.Slice(c.all, func(a, b int) bool { return sortKey(c.all[a]) < sortKey(c.all[b]) })
	return c
}

// Instrument finds an instrument by the exchange's own spelling.
func (c *Catalogue) Instrument(e trading.Exchange, key trading.InstrumentKey) (trading.Instrument, bool) {
	i, ok := c.bySymbol[listing{e, key}]
	return i, ok
}

// Instruments lists what an exchange trades, linear before spot, by symbol; everything for "".
func (c *Catalogue) Instruments(e trading.Exchange) []trading.Instrument {
	list := []trading.Instrument{}
	for _, i := range c.all {
		if e == "" || i.Exchange == e {
			list = append(list, i)
		}
	}
	return list
}

// multiplied finds a contract on a multiple of an asset ("1000PEPE" for "PEPE"), to name it in a refusal.
func (c *Catalogue) multiplied(e trading.Exchange, p trading.Product, base, quote string) (trading.Instrument, bool) {
	for _, i := range c.all {
		if i.Exchange == e && i.Product == p && i.Quote == quote && i.Base != base &&
			strings.TrimLeft(i.Base, "10") == strings.TrimLeft(base, "10") {
			return i, true
		}
	}
	return trading.Instrument{}, false
}

func sortKey(i trading.Instrument) string {
	return string(i.Exchange) + "/" + string(i.Product) + "/" + i.Symbol
}
