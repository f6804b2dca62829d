-- What clients note about mailboxes, or about all mail of an account. RFC 5464.
CREATE TABLE annotation (
  account INTEGER NOT NULL,
  mailbox INTEGER NOT NULL,               -- 0: the account
  name TEXT NOT NULL,                     -- in lower case, begins with /private/ or /shared/
  value BLOB NOT NULL,
  PRIMARY KEY (account, mailbox, name)
) STRICT;
