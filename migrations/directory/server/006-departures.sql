-- Who is deleted soon. Until then he is hidden, and can be taken back.

CREATE TABLE departures (
  account   BIGINT NOT NULL PRIMARY KEY,
  delete_at BIGINT NOT NULL,
  FOREIGN KEY (account) REFERENCES users (account) ON DELETE CASCADE
);
