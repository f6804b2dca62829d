-- What was made of each message, for some weeks, and who has to come again.

CREATE TABLE judged (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,                       -- of the message in the log
  at INTEGER NOT NULL,
  ip TEXT NOT NULL,
  sender TEXT NOT NULL,                   -- '' is the null reverse-path
  recipients TEXT NOT NULL,               -- JSON, the first of them
  author TEXT NOT NULL,                   -- From
  subject TEXT NOT NULL,
  size INTEGER NOT NULL,
  judgement TEXT NOT NULL,                -- JSON: action, score, reasons, what holds for single accounts
  checks TEXT                             -- JSON: SPF, DKIM, DMARC, ARC as DNS answered then
) STRICT;
CREATE INDEX judged_at ON judged (at);

-- Messages that were asked to come again, by what they have in common when they do; and senders who did.
CREATE TABLE greylist (
  key BLOB PRIMARY KEY,
  first INTEGER NOT NULL,
  until INTEGER NOT NULL,
  known INTEGER NOT NULL                  -- 1: a sender who passes at once
) STRICT, WITHOUT ROWID;
CREATE INDEX greylist_until ON greylist (until);
