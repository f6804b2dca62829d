-- Applications that people let in (OAuth 2.0): who they are, what they were allowed, and what came of it. Secrets stand here as digests; keys are sealed.

CREATE TABLE oauth_clients (
  id         VARCHAR(64) NOT NULL PRIMARY KEY,
  name       TEXT        NOT NULL,
  secret     VARCHAR(64) NOT NULL,
  redirects  TEXT        NOT NULL,
  scopes     TEXT        NOT NULL,
  device     BIGINT      NOT NULL,
  signing    VARCHAR(20) NOT NULL,
  created_at BIGINT      NOT NULL
);

CREATE TABLE oauth_consents (
  account    BIGINT      NOT NULL,
  client     VARCHAR(64) NOT NULL,
  scopes     TEXT        NOT NULL,
  created_at BIGINT      NOT NULL,
  PRIMARY KEY (account, client),
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE,
  FOREIGN KEY (client) REFERENCES oauth_clients (id) ON DELETE CASCADE
);
CREATE INDEX oauth_consents_by_client ON oauth_consents (client);

CREATE TABLE oauth_grants (
  id                 VARCHAR(64) NOT NULL PRIMARY KEY,
  account            BIGINT      NOT NULL,
  client             VARCHAR(64) NOT NULL,
  scopes             TEXT        NOT NULL,
  sign_in_version    BIGINT      NOT NULL,
  session_id         VARCHAR(64) NOT NULL,
  nonce              TEXT        NOT NULL,
  signed_in_at       BIGINT      NOT NULL,
  created_at         BIGINT      NOT NULL,
  code               VARCHAR(64) NOT NULL,
  redirect           TEXT        NOT NULL,
  challenge          VARCHAR(64) NOT NULL,
  access_token       VARCHAR(64) NOT NULL,
  access_scopes      TEXT        NOT NULL,
  access_issued_at   BIGINT      NOT NULL,
  access_expires_at  BIGINT      NOT NULL,
  refresh_token      VARCHAR(64) NOT NULL,
  expires_at         BIGINT      NOT NULL,
  last_used_at       BIGINT,
  last_used_by       TEXT        NOT NULL,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE,
  FOREIGN KEY (client) REFERENCES oauth_clients (id) ON DELETE CASCADE
);
CREATE INDEX oauth_grants_by_account ON oauth_grants (account, client);
CREATE INDEX oauth_grants_by_client ON oauth_grants (client);
CREATE INDEX oauth_grants_by_end ON oauth_grants (expires_at);

CREATE TABLE oauth_devices (
  id               VARCHAR(64) NOT NULL PRIMARY KEY,
  user_code        VARCHAR(64) NOT NULL,
  client           VARCHAR(64) NOT NULL,
  scopes           TEXT        NOT NULL,
  state            VARCHAR(20) NOT NULL,
  grant_id         VARCHAR(64) NOT NULL,
  interval_seconds BIGINT      NOT NULL,
  polled_at        BIGINT      NOT NULL,
  expires_at       BIGINT      NOT NULL,
  FOREIGN KEY (client) REFERENCES oauth_clients (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX oauth_devices_by_code ON oauth_devices (user_code);
CREATE INDEX oauth_devices_by_client ON oauth_devices (client);
CREATE INDEX oauth_devices_by_end ON oauth_devices (expires_at);

CREATE TABLE oauth_keys (
  id         VARCHAR(64) NOT NULL PRIMARY KEY,
  algorithm  VARCHAR(20) NOT NULL,
  sealed     TEXT        NOT NULL,
  created_at BIGINT      NOT NULL
);
