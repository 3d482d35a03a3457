-- What is kept about an account at a real exchange, and the instruments that were listed when they were last read.
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  label TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  banned_until INTEGER NOT NULL,
  complete_until INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT;

CREATE TABLE instruments (
  exchange TEXT NOT NULL,
  mode TEXT NOT NULL,
  product TEXT NOT NULL,
  symbol TEXT NOT NULL,
  body TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (exchange, mode, product, symbol)
) STRICT, WITHOUT ROWID;
