CREATE TABLE strategies (
  name TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE strategies_history (
  seq INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  version INTEGER NOT NULL,
  deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  UNIQUE (name, version)
) STRICT;

-- One alert on several accounts is one signal on each; the first has no parent, and nearly all are first.
ALTER TABLE signals ADD COLUMN parent TEXT NOT NULL DEFAULT '';

CREATE INDEX signals_parent ON signals (parent) WHERE parent <> '';
