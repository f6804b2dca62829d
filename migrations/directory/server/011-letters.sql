-- Letters to many people, and how far they are: everybody up to the address `reached` has it.

CREATE TABLE announcements (
  id         BIGINT       NOT NULL PRIMARY KEY,
  subject    TEXT         NOT NULL,
  body       TEXT         NOT NULL,
  domain     VARCHAR(446) NOT NULL,
  actor      VARCHAR(446) NOT NULL,
  created_at BIGINT       NOT NULL,
  recipients BIGINT       NOT NULL,
  reached    VARCHAR(446) NOT NULL,
  sent       BIGINT       NOT NULL,
  skipped    BIGINT       NOT NULL,
  state      VARCHAR(16)  NOT NULL
);
INSERT INTO counters (name, value) VALUES ('announcement', 0);

-- Who is new, and not welcomed yet.
CREATE TABLE welcomes (
  account BIGINT NOT NULL PRIMARY KEY,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE
);
