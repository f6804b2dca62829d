-- Senders whose mail people always want, or never.
CREATE TABLE listed_sender (
  account INTEGER NOT NULL,               -- who says so; 0: the administrator, for everybody
  sender TEXT NOT NULL,                   -- an address, or a domain with all that lies below it
  wanted INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account, sender)
) STRICT, WITHOUT ROWID;
