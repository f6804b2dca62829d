-- Letters to many people, and how far they are: everybody up to the address `reached` has it.

CREATE TABLE announcements (
  id         INTEGER NOT NULL PRIMARY KEY,
  subject    TEXT    NOT NULL,
  body       TEXT    NOT NULL,
  domain     TEXT    NOT NULL,
  actor      TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  reached    TEXT    NOT NULL,
  sent       INTEGER NOT NULL,
  skipped    INTEGER NOT NULL,
  state      TEXT    NOT NULL
) STRICT;
INSERT INTO counters (name, value) VALUES ('announcement', 0);

-- Who is new, and not welcomed yet.
CREATE TABLE welcomes (
  account INTEGER NOT NULL PRIMARY KEY REFERENCES users (account) ON DELETE CASCADE
) STRICT;
