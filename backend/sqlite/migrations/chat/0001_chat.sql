-- Who may talk to the program by messenger. A person is a number there; names can be changed by anybody.
CREATE TABLE people (
  user INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'owner')),
  chat INTEGER NOT NULL,
  paired_at INTEGER NOT NULL,
  paired_by TEXT NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;

-- How far the messenger's updates were taken, and when.
CREATE TABLE taken (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  update_id INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;

INSERT INTO taken (one, update_id, at) VALUES (1, 0, 0);

-- What came. It is written down before anything is done about it; body is the whole of it until something was done.
CREATE TABLE updates (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  update_id INTEGER NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  chat INTEGER NOT NULL,
  user INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  words TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('begun', 'done', 'refused', 'broken off')),
  detail TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE INDEX updates_begun ON updates (seq) WHERE state = 'begun';
CREATE INDEX updates_at ON updates (at);

-- What is to go out, and what went.
CREATE TABLE messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  chat INTEGER NOT NULL,
  kind TEXT NOT NULL,
  html TEXT NOT NULL,
  silent INTEGER NOT NULL CHECK (silent IN (0, 1)),
  buttons TEXT NOT NULL,
  edits INTEGER NOT NULL,
  picture BLOB,
  key TEXT UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
  detail TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  number INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_waiting ON messages (chat, seq) WHERE state = 'waiting';
CREATE INDEX messages_at ON messages (at);

-- How far the facts of the ledger were made into messages.
CREATE TABLE marks (
  name TEXT PRIMARY KEY,
  mark INTEGER NOT NULL
) STRICT;
