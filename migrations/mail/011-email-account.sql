-- The emails of an account in the order they came: what is new to the text index.
CREATE INDEX email_account ON email (account, id);
