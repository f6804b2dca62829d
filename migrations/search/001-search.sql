-- What the words of messages are. Made from mail.db alone, and thrown away whenever it does not fit: nothing is ever migrated.

-- What it was made by and of; another value, and it is made anew.
CREATE TABLE setup (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- All emails of the account up to this one are in a segment, or in `unread`, or gone.
CREATE TABLE progress (
  account INTEGER PRIMARY KEY,
  email INTEGER NOT NULL
) STRICT;

-- Some emails of an account that follow each other, and their terms. Never changed: segments are merged into new ones.
CREATE TABLE segment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL,
  first INTEGER NOT NULL,                 -- email
  last INTEGER NOT NULL,                  -- email
  docs INTEGER NOT NULL,
  blocks TEXT NOT NULL,                   -- how many of each dictionary, JSON
  written_at INTEGER NOT NULL,
  emails BLOB NOT NULL                    -- ascending, each as a varint on top of the one before
) STRICT;
CREATE INDEX segment_account ON segment (account, last);

-- Terms in order, each ended by a line feed; and for each the octets and the content of its list of documents.
CREATE TABLE block (
  id INTEGER PRIMARY KEY,
  segment INTEGER NOT NULL,
  dictionary INTEGER NOT NULL,            -- of bodies 0 without accents, 1 as they are where they bear some; of headers 2 and 3
  number INTEGER NOT NULL,
  terms BLOB NOT NULL,
  postings BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX block_number ON block (segment, dictionary, number);

-- Texts found inside the documents of an email, as they are searched: zstd of JSON.
CREATE TABLE document (
  email INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  texts BLOB NOT NULL
) STRICT;
CREATE INDEX document_account ON document (account);

-- Emails whose terms are too many, or that nothing can be made of: whoever searches reads them.
CREATE TABLE unread (
  email INTEGER PRIMARY KEY,
  account INTEGER NOT NULL
) STRICT;
CREATE INDEX unread_account ON unread (account);
