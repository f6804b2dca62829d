-- A key may be for one domain alone. One that a manager made works for as long as he manages it.

ALTER TABLE api_keys ADD COLUMN domain TEXT REFERENCES domains (name) ON DELETE CASCADE;
ALTER TABLE api_keys ADD COLUMN owner INTEGER REFERENCES users (account) ON DELETE CASCADE;
