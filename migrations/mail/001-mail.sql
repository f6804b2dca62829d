-- The mail of all accounts. Instants are UTC milliseconds; ids are never reused.

CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  quota INTEGER NOT NULL,                 -- octets, 0 is unlimited
  used INTEGER NOT NULL DEFAULT 0,        -- octets of all placements
  messages INTEGER NOT NULL DEFAULT 0,    -- placements
  modseq INTEGER NOT NULL DEFAULT 1,      -- RFC 7162: one counter for all mail of the account
  next_uidvalidity INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0        -- 0 active, 1 removed: its mail is being swept, 2 swept
) STRICT;

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL,
  name TEXT NOT NULL,
  special_use TEXT,
  uidvalidity INTEGER NOT NULL,
  uidnext INTEGER NOT NULL DEFAULT 1,
  modseq INTEGER NOT NULL,                -- the highest of its messages, living or gone
  log_floor INTEGER NOT NULL,             -- expunges up to this modseq are no longer in the log
  messages INTEGER NOT NULL DEFAULT 0,
  unseen INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX mailbox_name ON mailbox (account, name);

CREATE TABLE subscription (
  account INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- What was written once and is shared by all copies. Small columns first: a record is read from its start.
CREATE TABLE body (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  refs INTEGER NOT NULL,                  -- emails that use it
  size INTEGER NOT NULL,                  -- octets before compression
  crc INTEGER NOT NULL,                   -- CRC-32 of these octets
  codec INTEGER NOT NULL,                 -- 0 as it came, 1 zstd
  key_id INTEGER,                         -- encryption at rest; NULL is none
  blob TEXT,                              -- file below blobs/; NULL: the octets are in this row
  frames BLOB,                            -- zstd in a file: octets of each compressed piece, 32 bit little endian
  trace TEXT,                             -- how it came, JSON; NULL for APPEND
  head BLOB,                              -- the header, never compressed: header fetches stop reading here
  rest BLOB                               -- what follows the head; all octets where head is NULL
) STRICT;
CREATE UNIQUE INDEX body_blob ON body (blob) WHERE blob IS NOT NULL;

-- A message as one account has it. COPY and MOVE keep it, so it carries JMAP's and OBJECTID's ids.
CREATE TABLE email (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL,
  thread INTEGER NOT NULL,
  body INTEGER NOT NULL,
  size INTEGER NOT NULL,                  -- prefix and body
  received_at INTEGER NOT NULL,           -- IMAP's INTERNALDATE
  attachments INTEGER NOT NULL,
  prefix TEXT NOT NULL,                   -- trace headers of this recipient
  envelope TEXT NOT NULL,                 -- IMAP wire text
  structure TEXT NOT NULL,                -- BODYSTRUCTURE, wire text
  basic_structure TEXT NOT NULL,          -- BODY, wire text
  parts TEXT NOT NULL,                    -- offsets from the first octet of prefix and body
  preview TEXT NOT NULL,
  subject TEXT NOT NULL,
  from_text TEXT NOT NULL,
  to_text TEXT NOT NULL,
  cc_text TEXT NOT NULL,
  bcc_text TEXT NOT NULL,
  sent_at INTEGER,
  sent_day INTEGER,
  message_id TEXT,
  base_subject TEXT NOT NULL,             -- RFC 5256 §2.1
  is_reply INTEGER NOT NULL,
  sort_from TEXT NOT NULL,                -- RFC 5256 §3: first mailbox
  sort_to TEXT NOT NULL,
  sort_cc TEXT NOT NULL,
  display_from TEXT NOT NULL,             -- RFC 5957
  display_to TEXT NOT NULL
) STRICT;

-- Where a message is seen. One email may be in several mailboxes, or several times in one.
CREATE TABLE placement (
  mailbox INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  email INTEGER NOT NULL,
  flags INTEGER NOT NULL,                 -- packed: five system flags and a keyword set
  modseq INTEGER NOT NULL,
  size INTEGER NOT NULL,                  -- this and the next as the email has them: lists and searches stay here
  received_at INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,              -- RFC 8514
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX placement_email ON placement (email);

-- The change log: who left a mailbox. Answers VANISHED (RFC 7162), and holds the email until the expunge can no longer be undone.
CREATE TABLE expunged (
  mailbox INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  email INTEGER,                          -- NULL once let go
  flags INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (mailbox, modseq, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX expunged_email ON expunged (email) WHERE email IS NOT NULL;
CREATE INDEX expunged_held ON expunged (at) WHERE email IS NOT NULL;
CREATE INDEX expunged_at ON expunged (at);

-- Sets of keywords, numbered once for the whole folder and never changed; 0 is the empty set and has no row.
CREATE TABLE keyword_set (
  id INTEGER PRIMARY KEY,
  names TEXT NOT NULL UNIQUE              -- JSON array, sorted without regard to case
) STRICT;

-- Which thread a Message-ID belongs to, by a hash of the id and the base subject.
CREATE TABLE thread_key (
  account INTEGER NOT NULL,
  key INTEGER NOT NULL,
  thread INTEGER NOT NULL,
  PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

-- Files whose body is gone; unlinked a day later, so that a backup that runs meanwhile finds them.
CREATE TABLE blob_tombstone (
  blob TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_tombstone_since ON blob_tombstone (since);
