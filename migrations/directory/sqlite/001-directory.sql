-- Who has which address. All names are NFC and lower case, domains as A-labels: the checks hold that.

-- Every name in use, once, whatever it is used for: a domain or an alternative (no @), a user's address or an alias's
-- address or pattern (with @). Its primary key is what makes names unique. Deleting a domain's claim deletes all in it.
CREATE TABLE claims (
  name   TEXT NOT NULL PRIMARY KEY CHECK (name = lower(name)),
  domain TEXT NOT NULL REFERENCES claims (name) ON DELETE CASCADE
) STRICT;
CREATE INDEX claims_by_domain ON claims (domain);

CREATE TABLE domains (
  name            TEXT    NOT NULL PRIMARY KEY REFERENCES claims (name) ON DELETE CASCADE,
  max_users       INTEGER NOT NULL DEFAULT -1,
  max_aliases     INTEGER NOT NULL DEFAULT -1,
  max_quota_bytes INTEGER NOT NULL DEFAULT 0,
  comment         TEXT    NOT NULL DEFAULT '',
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE alternatives (
  name       TEXT    NOT NULL PRIMARY KEY REFERENCES claims (name) ON DELETE CASCADE,
  domain     TEXT    NOT NULL REFERENCES domains (name) ON DELETE CASCADE,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX alternatives_by_domain ON alternatives (domain);

-- Every account number ever given, so that none is given twice. After deleted_at the mail store sweeps; swept_at says that
-- it was told.
CREATE TABLE account_ids (
  account    INTEGER NOT NULL PRIMARY KEY CHECK (account > 0),
  created_at INTEGER NOT NULL,
  deleted_at INTEGER,
  swept_at   INTEGER
) STRICT;
CREATE INDEX account_ids_to_sweep ON account_ids (deleted_at) WHERE deleted_at IS NOT NULL AND swept_at IS NULL;

CREATE TABLE users (
  account             INTEGER NOT NULL PRIMARY KEY REFERENCES account_ids (account),
  address             TEXT    NOT NULL UNIQUE REFERENCES claims (name) ON DELETE CASCADE,
  domain              TEXT    NOT NULL REFERENCES domains (name) ON DELETE CASCADE,
  password            TEXT    NOT NULL,
  quota_bytes         INTEGER NOT NULL,
  enabled             INTEGER NOT NULL DEFAULT 1,
  global_admin        INTEGER NOT NULL DEFAULT 0,
  enable_imap         INTEGER NOT NULL DEFAULT 1,
  enable_pop          INTEGER NOT NULL DEFAULT 1,
  allow_spoofing      INTEGER NOT NULL DEFAULT 0,
  forward_enabled     INTEGER NOT NULL DEFAULT 0,
  forward_destination TEXT    NOT NULL DEFAULT '[]',
  forward_keep        INTEGER NOT NULL DEFAULT 1,
  displayed_name      TEXT    NOT NULL DEFAULT '',
  comment             TEXT    NOT NULL DEFAULT '',
  created_at          INTEGER NOT NULL,
  updated_at          INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_domain ON users (domain);

CREATE TABLE aliases (
  address     TEXT    NOT NULL PRIMARY KEY REFERENCES claims (name) ON DELETE CASCADE,
  domain      TEXT    NOT NULL REFERENCES domains (name) ON DELETE CASCADE,
  wildcard    INTEGER NOT NULL DEFAULT 0,
  destination TEXT    NOT NULL DEFAULT '[]',
  disabled    INTEGER NOT NULL DEFAULT 0,
  comment     TEXT    NOT NULL DEFAULT '',
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX aliases_by_domain ON aliases (domain);

-- What is counted over a moving window: failed sign-ins, sent messages. Held in memory, written here in batches.
CREATE TABLE limits (
  kind       TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  marks      TEXT    NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT;
CREATE INDEX limits_by_expiry ON limits (expires_at);
