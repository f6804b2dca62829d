-- Who somebody is at the provider that signs people in: `id` is a digest of issuer and subject.
-- Of a session: how it began, and when its owner last showed who he is (0: not known).

CREATE TABLE links (
  id           VARCHAR(64) NOT NULL PRIMARY KEY,
  account      BIGINT      NOT NULL,
  issuer       TEXT        NOT NULL,
  subject      TEXT        NOT NULL,
  created_at   BIGINT      NOT NULL,
  last_used_at BIGINT      NOT NULL,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE
);
CREATE INDEX links_by_account ON links (account);

ALTER TABLE sessions ADD COLUMN signed_in_by VARCHAR(20) NOT NULL DEFAULT 'password';
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
UPDATE sessions SET proved_at = created_at;
