-- Mail to ann+news@ goes into the folder of that name, where she wants it.

ALTER TABLE users ADD COLUMN detail_filing SMALLINT NOT NULL DEFAULT 0;
