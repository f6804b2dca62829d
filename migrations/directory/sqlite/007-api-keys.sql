-- Keys of the API beside API_TOKEN. `id` is a digest of the secret.

CREATE TABLE api_keys (
  id           TEXT    NOT NULL PRIMARY KEY,
  name         TEXT    NOT NULL,
  scopes       TEXT NOT NULL,
  networks     TEXT NOT NULL,
  expires_at   INTEGER,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER,
  last_used_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name);
