-- Who somebody is at the provider that signs people in: `id` is a digest of issuer and subject.
-- Of a session: how it began, and when its owner last showed who he is (0: not known).

CREATE TABLE links (
  id           TEXT    NOT NULL PRIMARY KEY,
  account      INTEGER NOT NULL REFERENCES users (account) ON DELETE CASCADE,
  issuer       TEXT    NOT NULL,
  subject      TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL
) STRICT;
CREATE INDEX links_by_account ON links (account);

ALTER TABLE sessions ADD COLUMN signed_in_by TEXT NOT NULL DEFAULT 'password';
ALTER TABLE sessions ADD COLUMN proved_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET proved_at = created_at;
