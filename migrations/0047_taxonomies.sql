-- The classification: what its nodes ask and promise, the versions it had, and how one became the other.

-- What a category says beside its name, as JSON: descriptions, default kind, keywords, notice, fields, phases.
ALTER TABLE categories ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
-- Whether the citizen may choose it on the form.
ALTER TABLE categories ADD COLUMN citizen @FLAG@ NOT NULL DEFAULT TRUE;

CREATE TABLE taxonomies (
    id          @ID@,
    slug        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    name_en     TEXT NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL
);

CREATE TABLE taxonomy_versions (
    id              @ID@,
    taxonomy_id     BIGINT NOT NULL REFERENCES taxonomies (id),
    number          BIGINT NOT NULL,
    -- draft, planned, active (one of all), replaced
    state           TEXT NOT NULL,
    -- the document, JSON
    content         TEXT NOT NULL,
    -- grows with each change of a draft
    edition         BIGINT NOT NULL DEFAULT 1,
    note            TEXT NOT NULL DEFAULT '',
    created_by      TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    -- local day, YYYY-MM-DD, of a planned activation
    planned_on      TEXT,
    planned_by      TEXT,
    activated_at    BIGINT,
    activated_by    TEXT,
    replaced_at     BIGINT,
    UNIQUE (taxonomy_id, number)
);

-- What became of a class at an activation: weights of one old class add up to 1000.
CREATE TABLE category_mappings (
    id          @ID@,
    version_id  BIGINT NOT NULL REFERENCES taxonomy_versions (id),
    old_id      BIGINT NOT NULL REFERENCES categories (id),
    new_id      BIGINT NOT NULL REFERENCES categories (id),
    weight      BIGINT NOT NULL,
    -- open tickets move along it
    main        @FLAG@ NOT NULL,
    at          BIGINT NOT NULL
);
CREATE INDEX category_mappings_old ON category_mappings (old_id, at);

-- Definitions of fields as they were when somebody answered them.
CREATE TABLE field_sets (
    id      @ID@,
    digest  TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL
);

CREATE TABLE ticket_answers (
    ticket_id       BIGINT PRIMARY KEY REFERENCES tickets (id),
    category_id     BIGINT NOT NULL REFERENCES categories (id),
    field_set_id    BIGINT NOT NULL REFERENCES field_sets (id),
    -- JSON: texts by name of the field
    answers         TEXT NOT NULL,
    updated_at      BIGINT NOT NULL
);

-- Open tickets of a class, to be moved when the class is replaced.
CREATE INDEX tickets_open_category ON tickets (category_id, id) WHERE category_id IS NOT NULL AND state <> 'closed';
