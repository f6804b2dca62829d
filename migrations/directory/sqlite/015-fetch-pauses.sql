-- A mailbox elsewhere that is not visited until somebody says so.

ALTER TABLE fetches ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
