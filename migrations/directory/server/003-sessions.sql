-- Who is signed in with a browser. `id` is a digest of what the cookie holds.

CREATE TABLE sessions (
  id         VARCHAR(64) NOT NULL PRIMARY KEY,
  account    BIGINT      NOT NULL,
  created_at BIGINT      NOT NULL,
  seen_at    BIGINT      NOT NULL,
  seen_from  TEXT        NOT NULL,
  browser    TEXT        NOT NULL,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE
);
CREATE INDEX sessions_by_account ON sessions (account);
