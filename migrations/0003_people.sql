-- Persons and the ways to reach them; an identifier belongs to one person at a time.

CREATE TABLE persons (
    id          @ID@,
    name        TEXT NOT NULL DEFAULT '',
    -- person, organisation
    kind        TEXT NOT NULL DEFAULT 'person',
    language    TEXT NOT NULL DEFAULT 'it',
    created_at  BIGINT NOT NULL
);

CREATE TABLE identifiers (
    id          @ID@,
    person_id   BIGINT NOT NULL REFERENCES persons (id),
    -- email, phone, pec, fax, fiscal_code, external
    kind        TEXT NOT NULL,
    -- normal form: E.164 for numbers, lower case for addresses, upper case for fiscal codes
    value       TEXT NOT NULL,
    -- as it was written
    raw         TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (kind, value)
);
CREATE INDEX identifiers_person ON identifiers (person_id);
CREATE INDEX identifiers_value ON identifiers (value);
