-- What a sheet tells beside its texts, the versions it had, and the work on the next one.

-- short, can be dictated, never given to another sheet
ALTER TABLE sheets ADD COLUMN number BIGINT;
UPDATE sheets SET number = 100 + id;
CREATE UNIQUE INDEX sheets_number ON sheets (number);
-- JSON: term, offices, forms, unit that requests go to
ALTER TABLE sheets ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
-- who looks after it
ALTER TABLE sheets ADD COLUMN referent_id BIGINT REFERENCES users (id);
-- the unit that requests made from it go to; that of the category without one
ALTER TABLE sheets ADD COLUMN route_id BIGINT REFERENCES units (id);
-- day on which it is to be read again, YYYY-MM-DD; empty for none
ALTER TABLE sheets ADD COLUMN review_on TEXT NOT NULL DEFAULT '';
-- the review day that was already reminded of
ALTER TABLE sheets ADD COLUMN reminded_for TEXT NOT NULL DEFAULT '';
-- when it goes out of use by itself
ALTER TABLE sheets ADD COLUMN withdraw_at BIGINT;
CREATE INDEX sheets_withdraw ON sheets (withdraw_at) WHERE withdraw_at IS NOT NULL;
CREATE INDEX sheets_review ON sheets (review_on) WHERE review_on <> '';

ALTER TABLE sheet_texts ADD COLUMN fee TEXT NOT NULL DEFAULT '';
-- what a voice says
ALTER TABLE sheet_texts ADD COLUMN phone_text TEXT NOT NULL DEFAULT '';
-- the version in which this text was last changed, or compared with the original
ALTER TABLE sheet_texts ADD COLUMN as_of BIGINT NOT NULL DEFAULT 0;

-- What citizens and agents read, each time it changed. Never altered.
CREATE TABLE sheet_versions (
    sheet_id    BIGINT NOT NULL REFERENCES sheets (id),
    version     BIGINT NOT NULL,
    -- JSON
    content     TEXT NOT NULL,
    -- who wrote it and who let it be published: user:12, system, …
    author      TEXT NOT NULL,
    validator   TEXT NOT NULL,
    at          BIGINT NOT NULL,
    why         TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (sheet_id, version)
);

-- The next version, while it is worked on: at most one a sheet.
CREATE TABLE sheet_drafts (
    sheet_id    BIGINT PRIMARY KEY REFERENCES sheets (id),
    -- counts up at each change
    revision    BIGINT NOT NULL,
    -- draft, submitted, returned, scheduled
    state       TEXT NOT NULL,
    content     TEXT NOT NULL,
    author      TEXT NOT NULL,
    why         TEXT NOT NULL DEFAULT '',
    -- the version it was begun on; 0 for a sheet that never was published
    based_on    BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    -- why it was sent back
    reason      TEXT NOT NULL DEFAULT '',
    validator   TEXT NOT NULL DEFAULT '',
    publish_at  BIGINT
);
CREATE INDEX sheet_drafts_publish ON sheet_drafts (publish_at) WHERE publish_at IS NOT NULL;

-- What happened to a sheet, for its history.
CREATE TABLE sheet_steps (
    id          @ID@,
    sheet_id    BIGINT NOT NULL REFERENCES sheets (id),
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    -- drafted, submitted, returned, scheduled, unscheduled, discarded, published, retired, reminded
    step        TEXT NOT NULL,
    -- the version it led to, if it did
    version     BIGINT,
    note        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sheet_steps_sheet ON sheet_steps (sheet_id, id);

-- The version that was in force when somebody answered with a sheet.
ALTER TABLE tickets ADD COLUMN closing_sheet_version BIGINT;
ALTER TABLE ticket_merges ADD COLUMN closing_sheet_version BIGINT;
ALTER TABLE contacts ADD COLUMN sheet_version BIGINT;
