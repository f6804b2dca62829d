-- What became of each message, for whoever sent it or was to get it. Bounded in time, and per account in number.
CREATE TABLE trace (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL,
  at INTEGER NOT NULL,
  arrival TEXT NOT NULL,                  -- its id in the log
  way TEXT NOT NULL,                      -- in, out
  own TEXT NOT NULL,                      -- the account's address in the envelope; '' is the null reverse-path
  other TEXT NOT NULL,                    -- who sent it, or was to get it
  author TEXT NOT NULL,                   -- From
  subject TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL,                   -- what a server said
  settled_at INTEGER NOT NULL
) STRICT;
CREATE INDEX trace_account ON trace (account, number);
CREATE UNIQUE INDEX trace_message ON trace (arrival, account, way, other);
CREATE INDEX trace_at ON trace (at);

-- What somebody has waiting.
CREATE INDEX outgoing_account ON outgoing (account) WHERE account IS NOT NULL;
