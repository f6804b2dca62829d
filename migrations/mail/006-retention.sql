-- How long mailboxes keep what comes into them. By name, so that a mailbox that is emptied by deleting and making it anew obeys it still.
CREATE TABLE retention (
  account INTEGER NOT NULL,
  name TEXT NOT NULL,
  days INTEGER NOT NULL,                  -- 0: for ever, whatever the server's standard is
  PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
