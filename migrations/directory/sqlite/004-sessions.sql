-- Who is signed in with a browser. `id` is a digest of what the cookie holds.

CREATE TABLE sessions (
  id         TEXT    NOT NULL PRIMARY KEY,
  account    INTEGER NOT NULL REFERENCES users (account) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  seen_from  TEXT    NOT NULL,
  browser    TEXT    NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);
