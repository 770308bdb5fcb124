-- Where citizens find units, how referents are called, and which unit sent a leg.

CREATE TABLE sites (
    id          @ID@,
    -- lower-case letters, digits and hyphens; never used twice
    slug        TEXT NOT NULL UNIQUE,
    unit_id     BIGINT NOT NULL REFERENCES units (id),
    name        TEXT NOT NULL,
    address     TEXT NOT NULL,
    phone       TEXT NOT NULL DEFAULT '',
    email       TEXT NOT NULL DEFAULT '',
    -- how to get in, whether by appointment; the English one may be empty
    note        TEXT NOT NULL DEFAULT '',
    note_en     TEXT NOT NULL DEFAULT '',
    -- opening of the week, of seasons, and closures: JSON
    hours       TEXT NOT NULL,
    -- first and last day, YYYY-MM-DD; empty: always, until further notice
    valid_from  TEXT NOT NULL DEFAULT '',
    valid_to    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sites_unit ON sites (unit_id, id);

ALTER TABLE referents ADD COLUMN phone TEXT NOT NULL DEFAULT '';
