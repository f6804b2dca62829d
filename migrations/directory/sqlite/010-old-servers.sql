-- The server that still has the mail of a domain's people, or of one of them.

ALTER TABLE domains ADD COLUMN old_server TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN old_server TEXT NOT NULL DEFAULT '';
