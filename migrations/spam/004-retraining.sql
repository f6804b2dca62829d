-- Whose folders are still to be learned from.
CREATE TABLE retraining (
  account INTEGER PRIMARY KEY
) STRICT;
