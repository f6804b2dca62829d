-- What went wrong at the last visit, by its key, so that pages tell it in their language. JSON.

ALTER TABLE fetches ADD COLUMN said TEXT;
