-- Who else may use a mailbox, and for what. RFC 4314.
CREATE TABLE mailbox_grant (
  account INTEGER NOT NULL,               -- whose mailbox it is
  mailbox INTEGER NOT NULL,
  grantee INTEGER NOT NULL,               -- an account; 0: everybody who has one here
  negative INTEGER NOT NULL,              -- 1: these rights are taken away, whatever else gives them
  rights TEXT NOT NULL,                   -- letters, in the order of lrswipkxtea
  PRIMARY KEY (account, mailbox, grantee, negative)
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_grant_grantee ON mailbox_grant (grantee);

-- Others note something about a mailbox too, and it goes with the mailbox.
CREATE INDEX annotation_mailbox ON annotation (mailbox);
