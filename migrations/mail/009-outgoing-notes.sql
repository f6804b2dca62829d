-- What sending has learnt of others and keeps for a while: policies of domains, what TLS came to, ways that a destination takes.
CREATE TABLE outgoing_note (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,                    -- the owner's of the kind
  until INTEGER NOT NULL,                 -- forgotten after it
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX outgoing_note_until ON outgoing_note (until);
