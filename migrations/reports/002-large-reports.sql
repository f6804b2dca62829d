-- Few reports are large; of those that are, fewer are kept.
CREATE INDEX report_large ON report (id) WHERE length(body) > 16384;
