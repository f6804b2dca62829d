-- A key may be for one domain alone. One that a manager made works for as long as he manages it.

ALTER TABLE api_keys ADD COLUMN domain VARCHAR(446);
ALTER TABLE api_keys ADD COLUMN owner BIGINT;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_domain FOREIGN KEY (domain) REFERENCES domains (name) ON DELETE CASCADE;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_owner FOREIGN KEY (owner) REFERENCES users (account) ON DELETE CASCADE;
