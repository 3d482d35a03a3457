CREATE TABLE signals (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('accepted', 'enqueued', 'executing', 'filled', 'partial', 'no_op', 'rejected', 'refused', 'blocked', 'expired', 'not_placed', 'needs_review')),
  reason TEXT NOT NULL,
  answered INTEGER NOT NULL DEFAULT 0,
  deliveries INTEGER NOT NULL DEFAULT 1,
  source TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  account TEXT NOT NULL,
  product TEXT NOT NULL,
  symbol TEXT NOT NULL,
  action TEXT NOT NULL,
  quantity TEXT NOT NULL,
  strategy TEXT NOT NULL,
  comment TEXT NOT NULL,
  warnings TEXT NOT NULL,
  checks TEXT NOT NULL,
  notify TEXT NOT NULL,
  raw TEXT NOT NULL,
  UNIQUE (scope, key)
) STRICT;

CREATE INDEX signals_received ON signals (received_at);
CREATE INDEX signals_symbol ON signals (symbol);
-- The statuses that nearly every signal passes or ends in are left out: they need no index to be found.
CREATE INDEX signals_rare ON signals (status) WHERE status NOT IN ('executing', 'filled');

CREATE TABLE orders (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  signal_id TEXT REFERENCES signals (id),
  leg INTEGER NOT NULL,
  account TEXT NOT NULL,
  product TEXT NOT NULL,
  symbol TEXT NOT NULL,
  slot TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  type TEXT NOT NULL,
  reduce_only INTEGER NOT NULL CHECK (reduce_only IN (0, 1)),
  closes_all INTEGER NOT NULL CHECK (closes_all IN (0, 1)),
  qty TEXT NOT NULL,
  price TEXT NOT NULL,
  leverage INTEGER NOT NULL,
  margin_mode TEXT NOT NULL,
  protection TEXT NOT NULL,
  deadline INTEGER NOT NULL,
  quote TEXT NOT NULL,
  child INTEGER NOT NULL CHECK (child IN (0, 1)),
  parent TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('created', 'submitted', 'accepted', 'partially_filled', 'filled', 'canceled', 'rejected', 'expired', 'denied', 'blocked', 'unknown', 'not_placed', 'needs_review')),
  reason TEXT NOT NULL,
  exchange_id TEXT NOT NULL,
  filled TEXT NOT NULL,
  booked TEXT NOT NULL,
  filled_cost TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  armed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX orders_signal ON orders (signal_id);
CREATE INDEX orders_symbol ON orders (symbol);
CREATE INDEX orders_open ON orders (status) WHERE status IN ('created', 'submitted', 'accepted', 'partially_filled', 'unknown', 'needs_review');
CREATE INDEX orders_armed ON orders (armed_at) WHERE armed_at > 0 AND reduce_only = 0;

CREATE TABLE fills (
  seq INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  order_id TEXT NOT NULL REFERENCES orders (id),
  signal_id TEXT NOT NULL,
  product TEXT NOT NULL,
  symbol TEXT NOT NULL,
  slot TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  qty TEXT NOT NULL,
  price TEXT NOT NULL,
  fee TEXT NOT NULL,
  fee_asset TEXT NOT NULL,
  maker INTEGER NOT NULL CHECK (maker IN (0, 1)),
  realized TEXT NOT NULL,
  quote TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (account, id)
) STRICT;

CREATE INDEX fills_order ON fills (order_id);
CREATE INDEX fills_at ON fills (at);

CREATE TABLE positions (
  account TEXT NOT NULL,
  product TEXT NOT NULL,
  symbol TEXT NOT NULL,
  slot TEXT NOT NULL,
  qty TEXT NOT NULL,
  cost TEXT NOT NULL,
  realized TEXT NOT NULL,
  leverage INTEGER NOT NULL,
  protection TEXT NOT NULL,
  liquidation TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  reconciled_at INTEGER NOT NULL,
  PRIMARY KEY (account, product, symbol, slot)
) STRICT, WITHOUT ROWID;

-- What moved money without a fill; the fills themselves are the postings of profit and fee.
CREATE TABLE cash (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('deposit', 'funding', 'fee', 'pnl')),
  asset TEXT NOT NULL,
  amount TEXT NOT NULL,
  symbol TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE INDEX cash_at ON cash (at);

CREATE TABLE balances (
  account TEXT NOT NULL,
  asset TEXT NOT NULL,
  amount TEXT NOT NULL,
  PRIMARY KEY (account, asset)
) STRICT, WITHOUT ROWID;

CREATE TABLE equity (
  at INTEGER NOT NULL,
  account TEXT NOT NULL,
  equity TEXT NOT NULL,
  balance TEXT NOT NULL,
  PRIMARY KEY (at, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  signal_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  stage TEXT NOT NULL,
  from_status TEXT NOT NULL,
  to_status TEXT NOT NULL,
  detail TEXT NOT NULL,
  at INTEGER NOT NULL,
  since_micros INTEGER NOT NULL,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE INDEX journal_signal ON journal (signal_id);

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal is append only');
END;

CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal is append only');
END;

CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('submit', 'resolve', 'cancel')),
  lane TEXT NOT NULL,
  signal_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready', 'dead')),
  attempts INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (order_id, kind)
) STRICT;

CREATE INDEX jobs_ready ON jobs (run_at) WHERE state = 'ready';
CREATE INDEX jobs_dead ON jobs (seq) WHERE state = 'dead';
CREATE INDEX jobs_lane ON jobs (lane, seq) WHERE kind = 'submit' AND state = 'ready';

CREATE TABLE standing (
  epoch INTEGER PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('active', 'reducing', 'halted')),
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT;

INSERT INTO standing (epoch, state, reason, actor, since) VALUES (1, 'active', '', 'install', 0);

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings_history (
  seq INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE INDEX settings_history_key ON settings_history (key);

-- The paper exchange's own book, apart from our rows about it.
CREATE TABLE book (
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
