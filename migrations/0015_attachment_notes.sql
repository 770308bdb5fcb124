-- What a reader should know of a file: '', signed (its content is listed too, its signature was not verified),
-- taken_from:<name of the signed file>, unreadable (a container that could not be opened).
ALTER TABLE attachments ADD COLUMN note TEXT NOT NULL DEFAULT '';
