-- Keys of the API beside API_TOKEN. `id` is a digest of the secret.

CREATE TABLE api_keys (
  id           VARCHAR(64) NOT NULL PRIMARY KEY,
  name         VARCHAR(64) NOT NULL,
  scopes       TEXT NOT NULL,
  networks     TEXT NOT NULL,
  expires_at   BIGINT,
  created_at   BIGINT NOT NULL,
  last_used_at BIGINT,
  last_used_by TEXT NOT NULL
);
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name);
