-- Applications that people let in (OAuth 2.0): who they are, what they were allowed, and what came of it. Secrets stand here as digests; keys are sealed.

CREATE TABLE oauth_clients (
  id         TEXT    NOT NULL PRIMARY KEY,
  name       TEXT    NOT NULL,
  secret     TEXT    NOT NULL,
  redirects  TEXT    NOT NULL,
  scopes     TEXT    NOT NULL,
  device     INTEGER NOT NULL,
  signing    TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE oauth_consents (
  account    INTEGER NOT NULL REFERENCES users (account) ON DELETE CASCADE,
  client     TEXT    NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
  scopes     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account, client)
) STRICT;
CREATE INDEX oauth_consents_by_client ON oauth_consents (client);

CREATE TABLE oauth_grants (
  id                 TEXT    NOT NULL PRIMARY KEY,
  account            INTEGER NOT NULL REFERENCES users (account) ON DELETE CASCADE,
  client             TEXT    NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
  scopes             TEXT    NOT NULL,
  sign_in_version    INTEGER NOT NULL,
  session_id         TEXT    NOT NULL,
  nonce              TEXT    NOT NULL,
  signed_in_at       INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  code               TEXT    NOT NULL,
  redirect           TEXT    NOT NULL,
  challenge          TEXT    NOT NULL,
  access_token       TEXT    NOT NULL,
  access_scopes      TEXT    NOT NULL,
  access_issued_at   INTEGER NOT NULL,
  access_expires_at  INTEGER NOT NULL,
  refresh_token      TEXT    NOT NULL,
  expires_at         INTEGER NOT NULL,
  last_used_at       INTEGER,
  last_used_by       TEXT    NOT NULL
) STRICT;
CREATE INDEX oauth_grants_by_account ON oauth_grants (account, client);
CREATE INDEX oauth_grants_by_client ON oauth_grants (client);
CREATE INDEX oauth_grants_by_end ON oauth_grants (expires_at);

CREATE TABLE oauth_devices (
  id               TEXT    NOT NULL PRIMARY KEY,
  user_code        TEXT    NOT NULL,
  client           TEXT    NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
  scopes           TEXT    NOT NULL,
  state            TEXT    NOT NULL,
  grant_id         TEXT    NOT NULL,
  interval_seconds INTEGER NOT NULL,
  polled_at        INTEGER NOT NULL,
  expires_at       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX oauth_devices_by_code ON oauth_devices (user_code);
CREATE INDEX oauth_devices_by_client ON oauth_devices (client);
CREATE INDEX oauth_devices_by_end ON oauth_devices (expires_at);

CREATE TABLE oauth_keys (
  id         TEXT    NOT NULL PRIMARY KEY,
  algorithm  TEXT    NOT NULL,
  sealed     TEXT    NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
