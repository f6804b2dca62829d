-- What rules remember, what they decided, and what people teach the spam filter.

-- Whom an account has answered, which messages it has seen: kept until the hour that the rule said. RFC 5230 §4.2, RFC 7352.
CREATE TABLE remembered (
  account INTEGER NOT NULL,
  key TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX remembered_until ON remembered (until);

-- Why a message went where it went, also where none was kept. Bounded in time, and per account in number.
CREATE TABLE decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL,
  at INTEGER NOT NULL,
  arrival TEXT NOT NULL,                  -- its id in the log
  sender TEXT NOT NULL,                   -- '' is the null reverse-path
  recipient TEXT NOT NULL,                -- the address that led to the account
  steps TEXT NOT NULL                     -- JSON, an array of sentences
) STRICT;
CREATE INDEX decision_account ON decision (account, id);
CREATE INDEX decision_at ON decision (at);

-- What a message is to its owner, and what the filter has been told of it. A row goes with its email.
CREATE TABLE lesson (
  email INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  spam INTEGER NOT NULL,                  -- 1 spam, 0 wanted
  taught INTEGER,                         -- the same, as it was told last; NULL: never
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX lesson_waiting ON lesson (at, email) WHERE taught IS NOT spam;
