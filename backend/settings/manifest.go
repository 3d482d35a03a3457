package settings

import "slices"

// tradingViewAddresses are the addresses TradingView sends webhooks from (its help page 43000529348).
const tradingViewAddresses = `["52.89.214.238","34.212.75.30","54.218.53.128","52.32.178.7"]`

// Manifest lists every setting in the order shown. A key is here only if something reads it.
func Manifest() []Setting {
	list := []Setting{
		{Key: "webhook:rate_limit", Tighter: LowerCap, Type: Integer, Default: "10", Min: "0", Max: "100000", Unit: "per 60 s", Group: "Webhook",
			Help: "Alerts accepted per webhook key in any 60 seconds; 0 switches the limit off. Closes have a reserve of the same size on top, so a flood of entries cannot lock out a close."},
		{Key: "webhook:tradingview:ip_check_enabled", Tighter: ToTrue, Type: Boolean, Default: "false", Group: "Webhook",
			Help: "Accept alerts only from the addresses below. Needs a tunnel that passes the sender's address; without one every alert would be refused."},
		{Key: "webhook:tradingview:allowed_ips", Type: List, Default: tradingViewAddresses, Addresses: true, Group: "Webhook",
			Help: "Addresses and ranges alerts may come from while the check is on. TradingView's four are the default."},
		{Key: "webhook:allowed_ips", Type: List, Default: tradingViewAddresses, Addresses: true, Group: "Webhook", Alias: "webhook:tradingview:allowed_ips",
			Help: "Another name of webhook:tradingview:allowed_ips."},
		{Key: "webhook:queue_mode", Type: Enum, Default: "queue_failover", Options: []string{"queue_failover", "queue_everywhere", "direct_only"}, Group: "Webhook",
			Help: "queue_failover sends at once and queues what cannot go yet; queue_everywhere always queues first; direct_only refuses an alert whose lane is busy instead of queueing it."},
		{Key: "webhook:duplicate_window", Type: Integer, Default: "60", Min: "10", Max: "900", Unit: "s", Group: "Webhook",
			Help: "How long an identical alert without a key and without a time counts as the same alert, from the first one. Add \"time\": \"{{timenow}}\" to be exact."},

		{Key: "trade:default_leverage", Tighter: Lower, Type: Integer, Default: "1", Min: "1", Max: "125", Unit: "x", Group: "Orders",
			Help: "Leverage of an entry whose alert names none."},
		{Key: "trade:routing", Type: JSON, Default: "{}", Options: []string{"bybit", "binance", "mexc", "paper"}, Group: "Orders",
			Help: "Which exchange takes an alert that names none, neither itself nor before its symbol, by the symbol as the alert writes it: {\"BTCUSDT\": \"bybit\", \"*\": \"paper\"}. * is every other symbol. The accounts of a strategy go before this. Without a match routing:dynamic:enabled decides, and while that is off the paper account takes it."},
		{Key: "routing:dynamic:enabled", Type: Boolean, Default: "false", Group: "Orders",
			Help: "An alert that names no exchange and has no row in trade:routing goes where its symbol is held or an entry of it is open; on several exchanges, it is refused. Else an entry goes to the one of binance, bybit and mexc with the lowest taker fee and half spread, among those that are switched on, list the symbol, take entries now and have a fresh price. Those switched on must all be in one mode, paper, testnet or live. The signal's story shows the numbers. Off, the paper account takes it."},
		{Key: "trade:max_age_market", Tighter: Lower, Type: Integer, Default: "60", Min: "5", Max: "300", Unit: "s", Group: "Orders",
			Help: "A market entry older than this never leaves."},
		{Key: "trade:max_age_limit", Tighter: Lower, Type: Integer, Default: "600", Min: "10", Max: "86400", Unit: "s", Group: "Orders",
			Help: "A limit entry older than this never leaves."},
		{Key: "trade:max_age_close", Type: Integer, Default: "900", Min: "30", Max: "3600", Unit: "s", Group: "Orders",
			Help: "A close older than this never leaves."},
		{Key: "protect:within", Type: Integer, Default: "10", Min: "2", Max: "120", Unit: "s", Group: "Orders",
			Help: "How long a filled entry may be without its stop and targets at the exchange, and a triggered stop without its fill, before the rule below is carried out."},
		{Key: "protect:policy", Type: Enum, Default: "close", Options: []string{"close", "retry", "alert"}, Group: "Orders",
			Help: "What happens to a position that cannot be protected in time: close closes it, retry goes on trying, alert only tells and tries now and then."},

		{Key: "trade:max_order_size", Tighter: LowerCap, Type: Decimal, Default: "5000", Min: "0", Max: "1000000000", Unit: "USDT", Group: "Limits",
			Help: "Largest worth of one entry; 0 is no cap."},
		{Key: "trade:max_position_size", Tighter: LowerCap, Type: Decimal, Default: "10000", Min: "0", Max: "1000000000", Unit: "USDT", Group: "Limits",
			Help: "Largest worth of one position after an entry; 0 is no cap."},
		{Key: "trade:max_exposure", Tighter: LowerCap, Type: Decimal, Default: "25000", Min: "0", Max: "1000000000", Unit: "USDT", Group: "Limits",
			Help: "Largest worth of all positions and waiting entries of an account; 0 is no cap."},
		{Key: "trade:max_leverage", Tighter: Lower, Type: Integer, Default: "20", Min: "1", Max: "125", Unit: "x", Group: "Limits",
			Help: "Entries above this leverage are refused."},
		{Key: "trade:max_orders_per_minute", Tighter: LowerCap, Type: Integer, Default: "20", Min: "0", Max: "100000", Unit: "per 60 s", Group: "Limits",
			Help: "Entries an account may send in any 60 seconds; 0 is no cap. Closes are never held back."},

		{Key: "trade:locked_symbols", Tighter: MoreLocked, Type: List, Default: "[]", Locks: true, Group: "Limits",
			Help: "Entries of these symbols are refused on every exchange and of every product; closes go, and an alert that would turn a position is refused whole. BTCUSDT is locked until it is taken off the list, BTCUSDT@2026-11-23T10:00:00Z until then. By messenger: /locks, /lock, /unlock."},

		{Key: "trade:kill_switch", Type: Boolean, Default: "false", ReadOnly: true, Group: "Kill switch",
			Help: "True while trading is halted. Changed by the kill switch itself, not here."},
		{Key: "kill.block_closes", Type: Boolean, Default: "false", Group: "Kill switch",
			Help: "Halted means a full freeze: closes are blocked too."},
		{Key: "kill.trip.unknowns", Tighter: LowerCap, Type: Integer, Default: "3", Min: "0", Max: "100", Group: "Kill switch",
			Help: "Halt by itself when an account has more than this many orders with unknown outcome within 5 minutes; 0 never."},

		{Key: "tunnel:kind", Type: Enum, Default: "config", Options: []string{"config", "none", "cloudflared", "ngrok", "ssh", "tailscale", "command"}, Group: "Tunnel",
			Help: "How the internet reaches the gateway. config leaves it to config.toml; none is your own proxy or port. The Tunnel page explains each and shows what it needs."},
		{Key: "tunnel:hostname", Type: Text, Default: "", Max: "253", Group: "Tunnel",
			Help: "The public address, such as hooks.example.com. Empty leaves it to config.toml; cloudflared without any is a quick tunnel, which is not for live."},
		{Key: "tunnel:ssh_addr", Type: Text, Default: "", Max: "260", Group: "Tunnel",
			Help: "The server of an ssh tunnel, host and port (22 when left out). Empty leaves it to config.toml."},
		{Key: "tunnel:ssh_user", Type: Text, Default: "", Max: "64", Group: "Tunnel",
			Help: "Who logs in at the server of an ssh tunnel. Empty leaves it to config.toml."},

		{Key: "paper:slippage_ticks", Type: Integer, Default: "0", Min: "0", Max: "10000", Unit: "ticks", Group: "Paper exchange",
			Help: "How much worse than the book a paper market order fills."},
		{Key: "paper:latency", Type: Integer, Default: "0", Min: "0", Max: "10000", Unit: "ms", Group: "Paper exchange",
			Help: "How long the paper exchange takes to answer."},
		{Key: "paper:reject_percent", Type: Decimal, Default: "0", Min: "0", Max: "100", Unit: "%", Group: "Paper exchange",
			Help: "Share of paper orders rejected at random, to practise."},
		{Key: "paper:funding_rate", Type: Decimal, Default: "0", Min: "-1", Max: "1", Unit: "% per 8 h", Group: "Paper exchange",
			Help: "Funding longs pay shorts every eight hours; 0 is off."},
	}
	list = append(list, ledgerSettings()...)
	for _, name := range []string{"bybit", "binance", "mexc", "paper"} {
		list = append(list, exchangeSettings(name)...)
	}
	return slices.Concat(list, telegramSettings(), desktopSettings(), setupSettings())
}

// ledgerSettings are how long things are kept, and where twice.
func ledgerSettings() []Setting {
	return []Setting{
		{Key: "backup:enabled", Type: Boolean, Default: "true", Group: "Ledger",
			Help: "Write a checked copy of the ledger into the backups folder every hour, and keep the newest of 24 hours, 7 days and 4 weeks."},
		{Key: "ledger:alert_text_days", Type: Integer, Default: "30", Min: "1", Max: "3650", Unit: "days", Group: "Ledger",
			Help: "How long the text of an alert is kept as it came, without its key. What was read out of it, its comment too, decided and done is kept for good. An alert without its text cannot be requeued."},
		{Key: "idempotency:retention_days", Type: Integer, Default: "30", Min: "7", Max: "365", Unit: "days", Group: "Ledger",
			Help: "How long an alert is known by its key, or by its time, after which the same key is a new alert. A key stays longer while an order of its alert is open, and while nothing proves that so much time has passed: an exchange whose clock agrees, or else the time that the program has run. An identical alert without key and time is known for webhook:duplicate_window."},
	}
}

func exchangeSettings(name string) []Setting {
	list := []Setting{
		{Key: "exchange:" + name + ":enabled", Tighter: ToFalse, Type: Boolean, Default: "true", Group: "Exchanges",
			Help: "Take new entries on " + name + ". Closes always go."},
		{Key: "exchange:" + name + ":product", Type: Enum, Default: "linear", Options: []string{"linear", "spot"}, Group: "Exchanges",
			Help: "What a symbol without TradingView's prefix and .P means on " + name + "."},
		{Key: "exchange:" + name + ":position_mode", Type: Enum, Default: "one_way", Options: []string{"one_way", "hedge"}, Group: "Exchanges",
			Help: "One net position per symbol, or long and short side by side, on the paper twin of " + name + ". Takes effect while no position is open."},
	}
	if name != "paper" {
		list = append(list, Setting{Key: "exchange:" + name + ":mode", Type: Enum, Default: "paper", Options: []string{"paper", "testnet", "live"}, ReadOnly: true, Group: "Exchanges",
			Help: "Whose money an alert for " + name + " moves. Switched on the Accounts page; the configuration's mode goes before it."})
	}
	return list
}
