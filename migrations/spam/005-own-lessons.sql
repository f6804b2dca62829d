-- What the filter taught itself stands among the lessons as account -1; the oldest are taken back when there are many.
CREATE INDEX lesson_itself ON lesson (spam, at) WHERE account = -1;
