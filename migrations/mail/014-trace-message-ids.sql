-- Where a message is can be asked by its Message-ID.
ALTER TABLE trace ADD COLUMN message_id TEXT NOT NULL DEFAULT '';
CREATE INDEX trace_message_id ON trace (message_id) WHERE message_id <> '';
