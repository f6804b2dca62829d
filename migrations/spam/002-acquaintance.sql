-- What is known of senders, beside what their mail says. Names are kept as hashes of 48 bits. Scope 0 is everybody, the others are accounts.

CREATE TABLE reputation (
  scope INTEGER NOT NULL,
  subject INTEGER NOT NULL,               -- an address, a domain, a network, who signed
  ham INTEGER NOT NULL,
  spam INTEGER NOT NULL,
  at INTEGER NOT NULL,                    -- last seen
  PRIMARY KEY (scope, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX reputation_at ON reputation (at);

-- Whose message it was, for as long as somebody may still say what it is.
CREATE TABLE sighting (
  digest BLOB PRIMARY KEY,                -- as in lesson
  subjects BLOB NOT NULL,                 -- 64-bit floats
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_at ON sighting (at);

-- Messages that our people sent, and to whom each wrote.
CREATE TABLE written (
  scope INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (scope, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX written_at ON written (at);

-- Texts and files of messages that were moved to Junk, known again where they are nearly the same.
CREATE TABLE print (
  number INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  digest BLOB NOT NULL,                   -- of the lesson
  print BLOB NOT NULL,                    -- smallest hashes of a text, 32 bits each; the digest of a file
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX print_lesson ON print (account, digest);
CREATE INDEX print_at ON print (at);

CREATE TABLE print_band (
  band INTEGER NOT NULL,                  -- some of the hashes together: what is alike shares one
  number INTEGER NOT NULL,
  PRIMARY KEY (band, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX print_band_number ON print_band (number);

CREATE TRIGGER print_gone AFTER DELETE ON print BEGIN
  DELETE FROM print_band WHERE number = OLD.number;
END;

-- Whom a lesson was about, so that it can be taken back.
ALTER TABLE lesson ADD COLUMN subjects BLOB NOT NULL DEFAULT x'';
-- How many there are of each kind is asked whenever an account is first judged.
CREATE INDEX lesson_said ON lesson (account, spam);
