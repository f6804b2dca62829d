-- Sieve scripts. Account 0 is the server: its scripts are what `include :global` reaches. RFC 6609.

CREATE TABLE sieve_script (
  id INTEGER PRIMARY KEY AUTOINCREMENT,   -- stays when the script is renamed
  account INTEGER NOT NULL,
  name TEXT NOT NULL,                     -- NFC; octets are compared. RFC 5804 §1.6
  text TEXT NOT NULL,
  size INTEGER NOT NULL,                  -- octets
  active INTEGER NOT NULL DEFAULT 0,
  changed_at INTEGER NOT NULL,
  UNIQUE (account, name)
) STRICT;
CREATE UNIQUE INDEX sieve_script_active ON sieve_script (account) WHERE active = 1;

-- Rises with every change of the account's scripts, so that what was made of them can be kept as long as it holds.
CREATE TABLE sieve_revision (
  account INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT;
