-- Pictures and documents that people sent. The files lie beside, under name.
CREATE TABLE uploads (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  user INTEGER NOT NULL,
  who TEXT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  type TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  caption TEXT NOT NULL
) STRICT;

CREATE INDEX uploads_at ON uploads (at);
