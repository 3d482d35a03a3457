-- How far the protection of an entry is at its exchange. Of one position at most one is not gone.
CREATE TABLE protections (
  order_id TEXT PRIMARY KEY REFERENCES orders (id),
  signal_id TEXT NOT NULL,
  account TEXT NOT NULL,
  product TEXT NOT NULL,
  symbol TEXT NOT NULL,
  slot TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'standing', 'failed', 'gone')),
  since INTEGER NOT NULL,
  confirmed_at INTEGER NOT NULL,
  covers TEXT NOT NULL,
  closes INTEGER NOT NULL,
  closed_at INTEGER NOT NULL,
  detail TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX protections_place ON protections (account, product, symbol, slot) WHERE state IN ('asked', 'standing', 'failed');

-- In what the ledger and an exchange do not agree. Ended ones are kept for some days.
CREATE TABLE drifts (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('size', 'external', 'missing', 'lost_order', 'recovered_order', 'foreign_order')),
  product TEXT NOT NULL,
  symbol TEXT NOT NULL,
  slot TEXT NOT NULL,
  order_id TEXT NOT NULL,
  exchange_id TEXT NOT NULL,
  side TEXT NOT NULL,
  type TEXT NOT NULL,
  price TEXT NOT NULL,
  ours TEXT NOT NULL,
  theirs TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  rounds INTEGER NOT NULL,
  ignored TEXT NOT NULL,
  ended_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Positions that were set to what the exchange has, without a fill. after_fill is the last fill that came before.
CREATE TABLE adoptions (
  seq INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  product TEXT NOT NULL,
  symbol TEXT NOT NULL,
  slot TEXT NOT NULL,
  from_qty TEXT NOT NULL,
  from_cost TEXT NOT NULL,
  qty TEXT NOT NULL,
  cost TEXT NOT NULL,
  after_fill INTEGER NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs_wider (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('submit', 'resolve', 'cancel', 'protect')),
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

INSERT INTO jobs_wider SELECT * FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_wider RENAME TO jobs;

CREATE INDEX jobs_ready ON jobs (run_at) WHERE state = 'ready';
CREATE INDEX jobs_dead ON jobs (seq) WHERE state = 'dead';
CREATE INDEX jobs_lane ON jobs (lane, seq) WHERE kind = 'submit' AND state = 'ready';
