-- Who did what, from where, and what came of it. AUTOINCREMENT keeps the last number apart, so that lines cut off at the end
-- are missed.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  origin TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('done', 'refused', 'failed')),
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE INDEX audit_action ON audit (action);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit is append only');
END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit is append only');
END;

-- What must not be missed. While nobody has acknowledged it, the same thing again counts up.
CREATE TABLE alarms (
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  fix TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  acknowledged_at INTEGER NOT NULL,
  acknowledged_by TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX alarms_open ON alarms (kind, subject) WHERE acknowledged_at = 0;

-- How often an alarm had happened when a channel was last told of one of its kind and subject.
CREATE TABLE alarms_told (
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  alarm INTEGER NOT NULL REFERENCES alarms (seq),
  count INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (channel, kind, subject)
) STRICT, WITHOUT ROWID;

-- Keys of the control interface that may do less than the internal key. Only a digest is kept.
CREATE TABLE tokens (
  name TEXT PRIMARY KEY,
  scope TEXT NOT NULL CHECK (scope IN ('read', 'trade')),
  digest TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT, WITHOUT ROWID;
