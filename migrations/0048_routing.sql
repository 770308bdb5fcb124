-- Where new requests go: versions of the rules, and the areas that places are looked up in.

CREATE TABLE routing_versions (
    id              @ID@,
    number          BIGINT NOT NULL UNIQUE,
    -- draft, active (one of all), replaced
    state           TEXT NOT NULL,
    -- the rules in their order, JSON
    content         TEXT NOT NULL,
    -- grows with each change of a draft
    edition         BIGINT NOT NULL DEFAULT 1,
    created_by      TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    activated_at    BIGINT,
    activated_by    TEXT,
    replaced_at     BIGINT
);
CREATE INDEX routing_versions_state ON routing_versions (state, id);

CREATE TABLE routing_areas (
    id          @ID@,
    slug        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    -- GeoJSON geometry; empty when the area is known by names alone
    geometry    TEXT NOT NULL DEFAULT '',
    -- streets and places inside, one a line
    names       TEXT NOT NULL DEFAULT '',
    updated_at  BIGINT NOT NULL
);

-- What kind of user a person is (001-16): resident, neighbour, professional, association; empty when unknown.
ALTER TABLE persons ADD COLUMN segment TEXT NOT NULL DEFAULT '';
