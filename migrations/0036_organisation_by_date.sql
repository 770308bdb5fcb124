-- The organisation by date: what each unit was, what is planned, and who goes on for whom.

-- the organisational scope of 004-09; empty: the agency's
ALTER TABLE units ADD COLUMN scope TEXT NOT NULL DEFAULT '';
-- who took the work over when the unit closed
ALTER TABLE units ADD COLUMN successor_id BIGINT REFERENCES units (id);

-- What was true of a unit from an instant on, until its next version; `units` repeats what is true now.
CREATE TABLE unit_versions (
    unit_id             BIGINT NOT NULL REFERENCES units (id),
    from_at             BIGINT NOT NULL,
    agency_id           BIGINT NOT NULL REFERENCES agencies (id),
    parent_id           BIGINT REFERENCES units (id),
    name                TEXT NOT NULL,
    name_en             TEXT NOT NULL,
    kind                TEXT NOT NULL,
    email               TEXT NOT NULL,
    scope               TEXT NOT NULL,
    -- NULL: as it was first written
    reorganisation_id   BIGINT,
    PRIMARY KEY (unit_id, from_at)
);
INSERT INTO unit_versions (unit_id, from_at, agency_id, parent_id, name, name_en, kind, email, scope)
SELECT id, valid_from, agency_id, parent_id, name, name_en, kind, email, scope FROM units;

CREATE TABLE reorganisations (
    id              @ID@,
    takes_effect_at BIGINT NOT NULL,
    -- planned, done, cancelled, refused
    state           TEXT NOT NULL,
    reason          TEXT NOT NULL,
    -- what opens, changes and closes: JSON
    plan            TEXT NOT NULL,
    -- user:12, token:3, system
    planned_by      TEXT NOT NULL,
    planned_at      BIGINT NOT NULL,
    settled_at      BIGINT,
    -- why it was refused on its day
    problem         TEXT NOT NULL DEFAULT ''
);
CREATE INDEX reorganisations_due ON reorganisations (state, takes_effect_at);

-- Who goes on with the work of a closed unit, where it was divided by category; 0 stands for all others.
CREATE TABLE unit_successions (
    unit_id         BIGINT NOT NULL REFERENCES units (id),
    category_id     BIGINT NOT NULL,
    successor_id    BIGINT NOT NULL REFERENCES units (id),
    PRIMARY KEY (unit_id, category_id)
);
