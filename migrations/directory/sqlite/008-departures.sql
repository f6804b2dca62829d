-- Who is deleted soon. Until then he is hidden, and can be taken back.

CREATE TABLE departures (
  account   INTEGER NOT NULL PRIMARY KEY REFERENCES users (account) ON DELETE CASCADE,
  delete_at INTEGER NOT NULL
) STRICT;
