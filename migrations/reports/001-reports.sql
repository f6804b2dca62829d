-- Reports on mail: what others told us about ours, and what we will tell them about theirs.

-- What arrived from domains whose owners want to know, added up for one report per domain and day (UTC). Gone once it was told.
CREATE TABLE seen_domain (
  day TEXT NOT NULL,                      -- 2026-11-21
  domain TEXT NOT NULL,                   -- whose record of DMARC it is
  policy TEXT NOT NULL,                   -- JSON: the record as it was found last
  facts INTEGER NOT NULL,                 -- rows in `seen`
  missed INTEGER NOT NULL,                -- messages beyond the most rows
  PRIMARY KEY (day, domain)
) STRICT, WITHOUT ROWID;

CREATE TABLE seen (
  day TEXT NOT NULL,
  domain TEXT NOT NULL,
  facts TEXT NOT NULL,                    -- JSON: what messages have in common
  messages INTEGER NOT NULL,
  PRIMARY KEY (day, domain, facts)
) STRICT, WITHOUT ROWID;

-- What others told us. A report is kept once, whoever sends it how often.
CREATE TABLE report (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,                     -- dmarc, tls
  domain TEXT NOT NULL,                   -- of ours, about which it is
  reporter TEXT NOT NULL,                 -- the domain that has proven to have sent it
  report_id TEXT NOT NULL,
  ends INTEGER NOT NULL,                  -- UTC milliseconds
  received INTEGER NOT NULL,
  body TEXT NOT NULL,                     -- JSON: what it says
  UNIQUE (kind, domain, reporter, report_id)
) STRICT;
CREATE INDEX report_ends ON report (kind, ends);
