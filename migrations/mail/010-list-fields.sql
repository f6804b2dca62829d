-- The short header fields that mail programs ask for in lists, packed, so that a list reads neither bodies nor the rest of the
-- header. NULL: written by an older version, or not made for it; then the header is read.
ALTER TABLE email ADD COLUMN list_fields TEXT;
