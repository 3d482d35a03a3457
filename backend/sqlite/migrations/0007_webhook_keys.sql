-- The keys that let alerts in. The id is the credential of their signals and stays when the text changes. The empty list is all.
CREATE TABLE webhook_keys (
  id TEXT PRIMARY KEY,
  label TEXT NOT NULL,
  strategy TEXT NOT NULL,
  accounts TEXT NOT NULL,
  symbols TEXT NOT NULL,
  entries TEXT NOT NULL CHECK (entries IN ('both', 'long', 'short', 'none')),
  max_order TEXT NOT NULL,
  rate_limit INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  seen_from TEXT NOT NULL,
  uses INTEGER NOT NULL,
  version INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What is kept of the texts of a key: several while a rotation overlaps. A text that has ended is dropped with the next rotation.
CREATE TABLE webhook_texts (
  digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
  key_id TEXT NOT NULL REFERENCES webhook_keys (id),
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_texts_key ON webhook_texts (key_id);

-- The key whose text is in the vault. Its row is here for what is known of its use.
INSERT INTO webhook_keys (id, label, strategy, accounts, symbols, entries, max_order, rate_limit, created_at, revoked_at, seen_at, seen_from, uses, version, actor)
VALUES ('webhook', 'master key', '', '', '', 'both', '0', 0, 0, 0, 0, '', 0, 1, 'install');
