package gateway_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

// body is an alert of exactly n bytes.
func body(n int) string {
	s := with(long + `,"comment":"`)
	s = strings.TrimSuffix(s, "}")
	pad := n - len(s) - len(`"}`)
	out := s + `"}`
	// The filling is white space, which no bound on texts counts.
	return out + strings.Repeat(" ", pad)
}

func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(make([]byte, 10<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMalformedAndOversizeBodiesGetTheirExactStatus(t *testing.T) {
	tests := map[string]struct {
		body    string
		headers []string
		status  int
		words   string
	}{
		"64 KiB - 1":              {body: body(65535), status: 200},
		"64 KiB":                  {body: body(65536), status: 200},
		"64 KiB + 1":              {body: body(65537), status: 413},
		"200 KiB":                 {body: body(200 << 10), status: 413},
		"10 MB":                   {body: body(10 << 20), status: 413},
		"gzip bomb":               {body: bomb(t), headers: []string{"Content-Encoding", "gzip"}, status: 415},
		"identity encoding":       {body: with(long), headers: []string{"Content-Encoding", "identity"}, status: 415},
		"form":                    {body: "apiKey=x", headers: []string{"Content-Type", "", "Content-Type", "application/x-www-form-urlencoded"}, status: 400, words: "not JSON"},
		"page":                    {body: with(long), headers: []string{"Content-Type", "", "Content-Type", "text/html"}, status: 415},
		"no content type at all":  {body: with(long), headers: []string{"Content-Type", "", "Content-Type", ";;"}, status: 415},
		"empty":                   {body: "", status: 400, words: "the body is empty"},
		"blanks":                  {body: " \n ", status: 400, words: "the body is empty"},
		"depth 20,000 of lists":   {body: `{"a":` + strings.Repeat("[", 20000), status: 400, words: "nested deeper than 8"},
		"depth 20,000 of objects": {body: strings.Repeat(`{"a":`, 10000), status: 400, words: "nested deeper than 8"},
		"depth 8":                 {body: with(long + `,"x":` + strings.Repeat("[", 7) + strings.Repeat("]", 7)), status: 200},
		"depth 9":                 {body: with(long + `,"x":` + strings.Repeat("[", 8) + strings.Repeat("]", 8)), status: 400, words: "nested deeper than 8"},
		"33 items":                {body: with(long + `,"x":[` + strings.Repeat("1,", 32) + `1]`), status: 400, words: "more than 32 items"},
		"65 fields":               {body: `{` + many(65) + `}`, status: 400, words: "more than 64 fields"},
		"long text":               {body: with(`"comment":"` + strings.Repeat("a", 4097) + `"`), status: 400, words: "longer than 4096 bytes"},
		"1e308":                   {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":1e308`), status: 400, words: "without an exponent"},
		"1e-30":                   {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":"1e-30"`), status: 400, words: "without an exponent"},
		"-0":                      {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":-0`), status: 400, words: "above 0"},
		"-1":                      {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":-1`), status: 400, words: "above 0"},
		"0":                       {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":"0.00"`), status: 400, words: "above 0"},
		"hex":                     {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":"0x10"`), status: 400, words: "plain decimal"},
		"19 decimals":             {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":0.1234567890123456789`), status: 400, words: "more than 18 digits"},
		"huge":                    {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":` + strings.Repeat("9", 4000)), status: 400, words: "more than 18 digits"},
		"NaN text":                {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":"NaN"`), status: 400, words: "quantity: NaN is not a number"},
		"NaN bare":                {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":NaN`), status: 400, words: "quantity: NaN is not a number"},
		"n/a bare":                {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":n/a`), status: 400, words: "quantity: n/a is not a number"},
		"-Infinity bare":          {body: with(`"quantity":-Infinity`), status: 400, words: "not a number"},
		"comma in a number":       {body: with(`"action":"LONG","symbol":"BTCUSDT","quantity":"0,01"`), status: 400, words: "with a point"},
		"duplicate field":         {body: with(`"action":"BUY","action":"SELL"`), status: 400, words: `the field "action" stands twice`},
		"duplicate in case":       {body: with(`"action":"BUY","Action":"SELL"`), status: 400, words: `"action" and "Action" differ only in case`},
		"duplicate by long s":     {body: with(`"symbol":"A","ſymbol":"B"`), status: 400, words: "differ only in case"},
		"duplicate by escape":     {body: with(`"action":"BUY","\u0061ction":"SELL"`), status: 400, words: "stands twice"},
		"duplicate inside":        {body: with(`"notify":{"chatId":"1","chatID":"2"}`), status: 400, words: "differ only in case"},
		"mixed-case field":        {body: with(`"Action":"BUY","symbol":"BTCUSDT","quantity":1`), status: 400, words: `write "action" exactly so, not "Action"`},
		"invalid UTF-8":           {body: with("\"comment\":\"a\xffb\""), status: 400, words: "UTF-8"},
		"lone surrogate":          {body: with(`"comment":"\ud800"`), status: 400, words: "half a character"},
		"NUL raw":                 {body: with("\"comment\":\"a\x00b\""), status: 400, words: "control character"},
		"NUL escaped":             {body: with(`"comment":"a\u0000b"`), status: 400, words: "U+0000"},
		"escape character":        {body: with(`"comment":"\u001b[31m"`), status: 400, words: "U+001B"},
		"raw line break":          {body: with("\"comment\":\"a\nb\""), status: 400, words: "line break"},
		"CRLF in strategy":        {body: with(`"strategy":"a\r\nb",` + long), status: 400, words: "strategy"},
		"line break in comment":   {body: with(`"comment":"a\nb",` + long), status: 200},
		"BOM":                     {body: "\ufeff" + with(long), status: 400, words: "byte order mark"},
		"right-to-left comment":   {body: with(`"comment":"שלום",` + long), status: 200},
		"right-to-left symbol":    {body: with(`"action":"CLOSE","symbol":"BTC\u202eTDSU"`), status: 400, words: "U+202E"},
		"look-alike symbol":       {body: with(`"action":"CLOSE","symbol":"ВTCUSDT"`), status: 400, words: "symbol"},
		"path as symbol":          {body: with(`"action":"CLOSE","symbol":"../etc"`), status: 400, words: "symbol"},
		"symbol of 33":            {body: with(`"action":"CLOSE","symbol":"` + strings.Repeat("A", 33) + `"`), status: 400, words: "symbol"},
		"space in symbol":         {body: with(`"action":"CLOSE","symbol":"BTC USDT"`), status: 400, words: "symbol"},
		"trailing comma":          {body: `{"apiKey":"` + key + `","action":"LONG",}`, status: 400, words: "remove the comma"},
		"trailing comma in list":  {body: with(`"takeProfit":[1,]`), status: 400, words: "remove the comma"},
		"curly quotes":            {body: `{“apiKey”:“x”}`, status: 400, words: "curly quotes"},
		"curly quotes in a value": {body: with(`"action":”LONG”`), status: 400, words: "action: curly quotes"},
		"single quotes":           {body: `{'apiKey':'x'}`, status: 400, words: "single quotes"},
		"bare placeholder":        {body: with(`"quantity":{{plot_0}}`), status: 400, words: "quantity: TradingView left {{plot_0}} unfilled"},
		"placeholder in text":     {body: with(`"action":"{{strategy.order.action}}","symbol":"BTCUSDT"`), status: 400, words: "TradingView left {{strategy.order.action}} unfilled"},
		"placeholder in comment":  {body: with(`"comment":"{{strategy.order.comment}}",` + long), status: 200},
		"two objects":             {body: with(long) + with(long), status: 400, words: "more text after the closing }"},
		"trailing data":           {body: with(long) + " x", status: 400, words: "more text after the closing }"},
		"a list":                  {body: `[` + with(long) + `]`, status: 400, words: "must be one JSON object"},
		"a text":                  {body: `"LONG"`, status: 400, words: "must be one JSON object"},
		"plain words":             {body: `BTCUSDT crossing 50000`, status: 400, words: "the body is not JSON"},
		"unquoted names":          {body: `{action: "LONG"}`, status: 400, words: "without quotes"},
		"cut off":                 {body: `{"apiKey":"` + key + `","action":"LO`, status: 400, words: "ends too early"},
		"missing comma":           {body: `{"apiKey":"x" "action":"LONG"}`, status: 400, words: "missing"},
		"bad escape":              {body: with(`"comment":"C:\x"`), status: 400, words: "backslash"},
		"plus sign":               {body: with(`"quantity":+1`), status: 400, words: "digit first"},
		"comment in JSON":         {body: with(`"quantity":1 // lots` + "\n"), status: 400, words: "comments are not JSON"},
	}
	h := newHouse()
	base := open(t, h)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := len(h.signals())
			had := send(t, "POST", base+"/webhook", test.body, test.headers...)
			if had.status != test.status {
				t.Fatalf("want %d, had %d: %s", test.status, had.status, had.body)
			}
			if words, _ := had.at("error").(string); !strings.Contains(words, test.words) {
				t.Errorf("want words that say %q, had %q", test.words, words)
			}
			if strings.Contains(had.body, key) {
				t.Errorf("want no key in the answer, had %s", had.body)
			}
			if stored := len(h.signals()) > before; stored != (test.status == 200) {
				t.Errorf("want stored only what is right, had stored=%v", stored)
			}
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"f` + strings.Repeat("x", i) + `":1`)
	}
	return b.String()
}
