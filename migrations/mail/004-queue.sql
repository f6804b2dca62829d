-- Mail that leaves. A recipient's row is a promise made with 250: only the transaction that settles it takes it away, together with
-- the report to the sender where there is one. What is on its way is not written down: a crash leaves it due, and it is tried again.

CREATE TABLE outgoing (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  body INTEGER NOT NULL,                  -- counted among the references of the body
  prefix TEXT NOT NULL,                   -- trace headers in front of it
  size INTEGER NOT NULL,                  -- prefix and body
  arrival TEXT NOT NULL,                  -- its id in the log
  account INTEGER,                        -- who signed in to send it; NULL: it only passes through, or is a report
  sender TEXT NOT NULL,                   -- '' is the null reverse-path
  smtp_utf8 INTEGER NOT NULL,             -- RFC 6531
  require_tls INTEGER NOT NULL,           -- RFC 8689
  envelope_id TEXT,                       -- RFC 3461 §4.4
  return_content TEXT,                    -- RFC 3461 §4.3: full, headers
  accepted_at INTEGER NOT NULL
) STRICT;

CREATE TABLE outgoing_recipient (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER NOT NULL,
  destination TEXT NOT NULL,              -- the domain of the address
  address TEXT NOT NULL,
  notify TEXT,                            -- RFC 3461 §4.1, comma separated; NULL: the client said nothing
  original TEXT,                          -- RFC 3461 §4.2
  held INTEGER NOT NULL DEFAULT 0,        -- 1: nobody tries until it is released
  due INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  expires INTEGER NOT NULL,
  notice INTEGER,                         -- when the sender is told of the delay; NULL: never, or it was
  last TEXT                               -- what the last attempt came to, JSON
) STRICT;
CREATE INDEX outgoing_recipient_due ON outgoing_recipient (destination, due) WHERE held = 0;
CREATE INDEX outgoing_recipient_message ON outgoing_recipient (message);

-- The earliest due of each destination that has one waiting: what to do next is found without looking at what waits behind it.
CREATE TABLE outgoing_destination (
  name TEXT PRIMARY KEY,
  due INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outgoing_destination_due ON outgoing_destination (due);
