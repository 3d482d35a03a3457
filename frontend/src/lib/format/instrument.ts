const quotes = ['USDT', 'USDC', 'FDUSD', 'USD', 'EUR', 'BTC', 'ETH']

/** The quote asset of a symbol such as "BTCUSDT", "" when it cannot be told. */
export function quoteOf(symbol: string): string {
  return quotes.find((quote) => symbol.endsWith(quote) && symbol.length > quote.length) ?? ''
}

/** The base asset of a symbol such as "BTCUSDT" or "BTC_USDT", "" when it cannot be told. */
export function baseOf(symbol: string): string {
  const quote = quoteOf(symbol)
  return quote === '' ? '' : symbol.slice(0, -quote.length).replace(/[-_/:]$/, '')
}

/** The one quote asset that all these symbols share, "" when there are none or several. */
export function commonQuote(rows: readonly { symbol: string }[]): string {
  const first = quoteOf(rows[0]?.symbol ?? '')
  return rows.every((row) => quoteOf(row.symbol) === first) ? first : ''
}
