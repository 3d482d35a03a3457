-- The first answer as it went out, so that a repeat of the alert gets the same bytes.
ALTER TABLE signals ADD COLUMN answer TEXT NOT NULL DEFAULT '';

-- The keys in use: exact ones begin with "=", those that were only known by a time window with "~". One that was set free
-- begins with "!" and is in neither.
CREATE INDEX signals_exact ON signals (seq) WHERE key >= '=' AND key < '>';
CREATE INDEX signals_window ON signals (seq) WHERE key >= '~';
