-- What THREAD joins messages by: 64 bit little endian keys of Message-IDs, the message's own first (0 where it has none), then
-- those it names, the oldest first. RFC 5256 §3. NULL: written by an older version; then they are read from the header.
ALTER TABLE email ADD COLUMN message_ids BLOB;
