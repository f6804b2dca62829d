-- What the spam filter has learned. Scope 0 is what everybody taught, the others are accounts.

-- How many messages were counted.
CREATE TABLE counted (
  scope INTEGER PRIMARY KEY,
  ham INTEGER NOT NULL,
  spam INTEGER NOT NULL
) STRICT;

-- In how many of them each token stood.
CREATE TABLE token (
  scope INTEGER NOT NULL,
  token INTEGER NOT NULL,                 -- a hash of 32 bits
  ham INTEGER NOT NULL,
  spam INTEGER NOT NULL,
  PRIMARY KEY (scope, token)
) STRICT, WITHOUT ROWID;

-- What was taught, so that it counts once and can be taken back.
CREATE TABLE lesson (
  account INTEGER NOT NULL,               -- 0: the filter taught itself
  digest BLOB NOT NULL,                   -- of the tokens: the same message, however it is stamped on its way
  spam INTEGER NOT NULL,
  shared INTEGER NOT NULL,                -- 1: counted in scope 0; 0: it was well known there
  own INTEGER NOT NULL,                   -- 1: counted for the account
  tokens BLOB NOT NULL,                   -- 32 bits each
  at INTEGER NOT NULL,
  PRIMARY KEY (account, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX lesson_digest ON lesson (digest);
CREATE INDEX lesson_at ON lesson (at);
