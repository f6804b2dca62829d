-- Who has which address, on PostgreSQL, MySQL and MariaDB: what ../sqlite has, in the words that all of them read.
-- The program counts the statements of this folder, so they are never changed, only followed by new ones.

-- All names are NFC and lower case, domains as A-labels. Every name in use stands here once, whatever it is used for: a
-- domain, an alternative, a relay (no @), a user's address or an alias's address or pattern (with @).
-- Deleting a domain's claim deletes all in it.
CREATE TABLE claims (
  name   VARCHAR(446) NOT NULL PRIMARY KEY CHECK (name = lower(name)),
  domain VARCHAR(446) NOT NULL,
  FOREIGN KEY (domain) REFERENCES claims (name) ON DELETE CASCADE
);
CREATE INDEX claims_by_domain ON claims (domain);

CREATE TABLE domains (
  name             VARCHAR(446) NOT NULL PRIMARY KEY,
  max_users        BIGINT       NOT NULL,
  max_aliases      BIGINT       NOT NULL,
  max_quota_bytes  BIGINT       NOT NULL,
  signup_enabled   SMALLINT     NOT NULL,
  anonmail_enabled SMALLINT     NOT NULL,
  comment          TEXT         NOT NULL,
  created_at       BIGINT       NOT NULL,
  updated_at       BIGINT       NOT NULL,
  FOREIGN KEY (name) REFERENCES claims (name) ON DELETE CASCADE
);

CREATE TABLE alternatives (
  name       VARCHAR(446) NOT NULL PRIMARY KEY,
  domain     VARCHAR(446) NOT NULL,
  created_at BIGINT       NOT NULL,
  FOREIGN KEY (name) REFERENCES claims (name) ON DELETE CASCADE,
  FOREIGN KEY (domain) REFERENCES domains (name) ON DELETE CASCADE
);
CREATE INDEX alternatives_by_domain ON alternatives (domain);

CREATE TABLE relays (
  name       VARCHAR(446) NOT NULL PRIMARY KEY,
  target     TEXT         NOT NULL,
  comment    TEXT         NOT NULL,
  created_at BIGINT       NOT NULL,
  updated_at BIGINT       NOT NULL,
  FOREIGN KEY (name) REFERENCES claims (name) ON DELETE CASCADE
);

-- Every account number ever given, so that none is given twice. After deleted_at the mail store sweeps, swept_at says that
-- it was told.
CREATE TABLE account_ids (
  account    BIGINT NOT NULL PRIMARY KEY CHECK (account > 0),
  created_at BIGINT NOT NULL,
  deleted_at BIGINT,
  swept_at   BIGINT
);
CREATE INDEX account_ids_to_sweep ON account_ids (deleted_at, swept_at);

CREATE TABLE users (
  account              BIGINT       NOT NULL PRIMARY KEY,
  address              VARCHAR(446) NOT NULL UNIQUE,
  domain               VARCHAR(446) NOT NULL,
  password             TEXT         NOT NULL,
  scram                TEXT         NOT NULL,
  quota_bytes          BIGINT       NOT NULL,
  enabled              SMALLINT     NOT NULL,
  global_admin         SMALLINT     NOT NULL,
  enable_imap          SMALLINT     NOT NULL,
  enable_pop           SMALLINT     NOT NULL,
  allow_spoofing       SMALLINT     NOT NULL,
  forward_enabled      SMALLINT     NOT NULL,
  forward_destination  TEXT         NOT NULL,
  forward_keep         SMALLINT     NOT NULL,
  reply_enabled        SMALLINT     NOT NULL,
  reply_subject        TEXT         NOT NULL,
  reply_body           TEXT         NOT NULL,
  reply_start          VARCHAR(10)  NOT NULL,
  reply_end            VARCHAR(10)  NOT NULL,
  displayed_name       TEXT         NOT NULL,
  spam_enabled         SMALLINT     NOT NULL,
  spam_mark_as_read    SMALLINT     NOT NULL,
  spam_threshold       BIGINT       NOT NULL,
  must_change_password SMALLINT     NOT NULL,
  time_zone            VARCHAR(64)  NOT NULL,
  message_rate         TEXT         NOT NULL,
  comment              TEXT         NOT NULL,
  created_at           BIGINT       NOT NULL,
  updated_at           BIGINT       NOT NULL,
  FOREIGN KEY (account) REFERENCES account_ids (account),
  FOREIGN KEY (address) REFERENCES claims (name) ON DELETE CASCADE,
  FOREIGN KEY (domain) REFERENCES domains (name) ON DELETE CASCADE
);
CREATE INDEX users_by_domain ON users (domain);

CREATE TABLE aliases (
  address     VARCHAR(446) NOT NULL PRIMARY KEY,
  domain      VARCHAR(446) NOT NULL,
  wildcard    SMALLINT     NOT NULL,
  destination TEXT         NOT NULL,
  disabled    SMALLINT     NOT NULL,
  owner       VARCHAR(446) NOT NULL,
  hostname    TEXT         NOT NULL,
  comment     TEXT         NOT NULL,
  created_at  BIGINT       NOT NULL,
  updated_at  BIGINT       NOT NULL,
  FOREIGN KEY (address) REFERENCES claims (name) ON DELETE CASCADE,
  FOREIGN KEY (domain) REFERENCES domains (name) ON DELETE CASCADE
);
CREATE INDEX aliases_by_domain ON aliases (domain);
CREATE INDEX aliases_by_owner ON aliases (owner);

CREATE TABLE tokens (
  id               BIGINT NOT NULL PRIMARY KEY,
  account          BIGINT NOT NULL,
  password         TEXT   NOT NULL,
  networks         TEXT   NOT NULL,
  services         TEXT   NOT NULL,
  expires_at       BIGINT,
  last_used_at     BIGINT,
  last_used_by     TEXT   NOT NULL,
  last_used_client TEXT   NOT NULL,
  comment          TEXT   NOT NULL,
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE
);
CREATE INDEX tokens_by_account ON tokens (account);

-- The password is sealed with a key that is not in this database.
CREATE TABLE fetches (
  id         BIGINT      NOT NULL PRIMARY KEY,
  account    BIGINT      NOT NULL,
  protocol   VARCHAR(10) NOT NULL,
  host       TEXT        NOT NULL,
  port       BIGINT      NOT NULL,
  tls        SMALLINT    NOT NULL,
  username   TEXT        NOT NULL,
  password   TEXT        NOT NULL,
  keep       SMALLINT    NOT NULL,
  scan       SMALLINT    NOT NULL,
  invisible  SMALLINT    NOT NULL,
  folders    TEXT        NOT NULL,
  last_check BIGINT,
  error      TEXT        NOT NULL,
  comment    TEXT        NOT NULL,
  created_at BIGINT      NOT NULL,
  updated_at BIGINT      NOT NULL,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE
);
CREATE INDEX fetches_by_account ON fetches (account);

CREATE TABLE grants (
  kind    VARCHAR(10)  NOT NULL,
  domain  VARCHAR(446) NOT NULL,
  account BIGINT       NOT NULL,
  PRIMARY KEY (kind, domain, account),
  FOREIGN KEY (domain) REFERENCES domains (name) ON DELETE CASCADE,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE
);
CREATE INDEX grants_by_domain ON grants (domain);
CREATE INDEX grants_by_account ON grants (account);

CREATE TABLE settings (
  name       VARCHAR(255) NOT NULL PRIMARY KEY,
  value      TEXT         NOT NULL,
  created_at BIGINT       NOT NULL,
  updated_at BIGINT       NOT NULL
);

-- What is counted over a moving window: failed sign-ins, sent messages. Held in memory, written here in batches.
CREATE TABLE limits (
  kind       VARCHAR(32)  NOT NULL,
  name       VARCHAR(446) NOT NULL,
  marks      TEXT         NOT NULL,
  expires_at BIGINT       NOT NULL,
  PRIMARY KEY (kind, name)
);
CREATE INDEX limits_by_expiry ON limits (expires_at);

-- Every change, with who made it. Secrets stand here as <hidden>.
CREATE TABLE audit (
  id      BIGINT      NOT NULL PRIMARY KEY,
  at      BIGINT      NOT NULL,
  actor   TEXT        NOT NULL,
  kind    VARCHAR(32) NOT NULL,
  name    TEXT        NOT NULL,
  did     VARCHAR(10) NOT NULL,
  changes TEXT        NOT NULL
);

-- version goes up with every change, so that others notice it, the rest are the last ids given. Who writes has version's
-- row to himself until he is done.
CREATE TABLE counters (
  name  VARCHAR(32) NOT NULL PRIMARY KEY,
  value BIGINT      NOT NULL
);
INSERT INTO counters (name, value) VALUES ('version', 0), ('token', 0), ('fetch', 0), ('audit', 0);
