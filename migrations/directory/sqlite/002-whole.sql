-- What Mailu keeps and the first version did not.

ALTER TABLE domains ADD COLUMN signup_enabled   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE domains ADD COLUMN anonmail_enabled INTEGER NOT NULL DEFAULT 0;

-- Domains that we take mail for and pass on. Their names are claimed like all others.
CREATE TABLE relays (
  name       TEXT    NOT NULL PRIMARY KEY REFERENCES claims (name) ON DELETE CASCADE,
  target     TEXT    NOT NULL,
  comment    TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- SCRAM verifiers are kept beside the password and go when it changes. Lists are JSON, here as everywhere.
ALTER TABLE users ADD COLUMN scram                TEXT    NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN must_change_password INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN reply_enabled        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN reply_subject        TEXT    NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN reply_body           TEXT    NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN reply_start          TEXT    NOT NULL DEFAULT '1900-01-01';
ALTER TABLE users ADD COLUMN reply_end            TEXT    NOT NULL DEFAULT '2999-12-31';
ALTER TABLE users ADD COLUMN spam_enabled         INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN spam_mark_as_read    INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN spam_threshold       INTEGER NOT NULL DEFAULT 80;
ALTER TABLE users ADD COLUMN time_zone            TEXT    NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN message_rate         TEXT    NOT NULL DEFAULT '"standard"';

-- The owner is an address, empty where there is none; who deletes a user deletes what it owns.
ALTER TABLE aliases ADD COLUMN owner    TEXT NOT NULL DEFAULT '';
ALTER TABLE aliases ADD COLUMN hostname TEXT NOT NULL DEFAULT '';
CREATE INDEX aliases_by_owner ON aliases (owner) WHERE owner <> '';

-- `expires_at` without a value is never. `last_used_*` is written in batches, some minutes late.
CREATE TABLE tokens (
  id               INTEGER NOT NULL PRIMARY KEY,
  account          INTEGER NOT NULL REFERENCES users (account) ON DELETE CASCADE,
  password         TEXT    NOT NULL,
  networks         TEXT    NOT NULL,
  services         TEXT    NOT NULL,
  expires_at       INTEGER,
  last_used_at     INTEGER,
  last_used_by     TEXT    NOT NULL,
  last_used_client TEXT    NOT NULL,
  comment          TEXT    NOT NULL,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX tokens_by_account ON tokens (account);

-- The password is sealed with a key that is not in this database.
CREATE TABLE fetches (
  id         INTEGER NOT NULL PRIMARY KEY,
  account    INTEGER NOT NULL REFERENCES users (account) ON DELETE CASCADE,
  protocol   TEXT    NOT NULL,
  host       TEXT    NOT NULL,
  port       INTEGER NOT NULL,
  tls        INTEGER NOT NULL,
  username   TEXT    NOT NULL,
  password   TEXT    NOT NULL,
  keep       INTEGER NOT NULL,
  scan       INTEGER NOT NULL,
  invisible  INTEGER NOT NULL,
  folders    TEXT    NOT NULL,
  last_check INTEGER,
  error      TEXT    NOT NULL,
  comment    TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX fetches_by_account ON fetches (account);

-- Who may do what in a domain: `manager`, or `access` for making anonymous aliases.
CREATE TABLE grants (
  kind    TEXT    NOT NULL,
  domain  TEXT    NOT NULL REFERENCES domains (name) ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES users (account) ON DELETE CASCADE,
  PRIMARY KEY (kind, domain, account)
) STRICT;
CREATE INDEX grants_by_domain ON grants (domain);
CREATE INDEX grants_by_account ON grants (account);

CREATE TABLE settings (
  name       TEXT    NOT NULL PRIMARY KEY,
  value      TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- Every change, with who made it. Secrets stand here as `<hidden>`.
CREATE TABLE audit (
  id      INTEGER NOT NULL PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT    NOT NULL,
  kind    TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  did     TEXT    NOT NULL,
  changes TEXT    NOT NULL
) STRICT;

-- `version` goes up with every change, so that others notice it; the rest are the last ids given.
CREATE TABLE counters (
  name  TEXT    NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;
INSERT INTO counters (name, value) VALUES ('version', 0), ('token', 0), ('fetch', 0), ('audit', 0);
