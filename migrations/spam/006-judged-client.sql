-- How whoever brought it introduced himself, JSON: what rules look at beside the message. NULL: judged by an older version.
ALTER TABLE judged ADD COLUMN client TEXT;
