-- What is asked for beside the password: code generators and passkeys. `secret` is sealed, or a public key; `counter` is what was used last.
-- A sign-in begins a session only while `sign_in_version` is what it was when the password was checked.

CREATE TABLE factors (
  id           VARCHAR(64) NOT NULL PRIMARY KEY,
  account      BIGINT      NOT NULL,
  kind         VARCHAR(20) NOT NULL,
  name         TEXT        NOT NULL,
  secret       TEXT        NOT NULL,
  counter      BIGINT      NOT NULL,
  created_at   BIGINT      NOT NULL,
  last_used_at BIGINT,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE
);
CREATE INDEX factors_by_account ON factors (account);

CREATE TABLE recovery_codes (
  id      VARCHAR(64) NOT NULL PRIMARY KEY,
  account BIGINT      NOT NULL,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_by_account ON recovery_codes (account);

ALTER TABLE users ADD COLUMN sign_in_version BIGINT NOT NULL DEFAULT 0;
