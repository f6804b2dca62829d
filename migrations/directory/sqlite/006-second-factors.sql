-- What is asked for beside the password: code generators and passkeys. `secret` is sealed, or a public key; `counter` is what was used last.
-- A sign-in begins a session only while `sign_in_version` is what it was when the password was checked.

CREATE TABLE factors (
  id           TEXT    NOT NULL PRIMARY KEY,
  account      INTEGER NOT NULL REFERENCES users (account) ON DELETE CASCADE,
  kind         TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  secret       TEXT    NOT NULL,
  counter      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE INDEX factors_by_account ON factors (account);

CREATE TABLE recovery_codes (
  id         TEXT    NOT NULL PRIMARY KEY,
  account    INTEGER NOT NULL REFERENCES users (account) ON DELETE CASCADE
) STRICT;
CREATE INDEX recovery_codes_by_account ON recovery_codes (account);

ALTER TABLE users ADD COLUMN sign_in_version INTEGER NOT NULL DEFAULT 0;
