-- How legs travel to units, and what the systems that they travel to know of them.

CREATE TABLE leg_ways (
    id          @ID@,
    -- of a unit, or of all units of an agency that have none of their own
    unit_id     BIGINT UNIQUE REFERENCES units (id),
    agency_id   BIGINT UNIQUE REFERENCES agencies (id),
    -- default (none of its own), portal, email, pec, print, webhook, open311
    kind        TEXT NOT NULL,
    -- JSON object by field; secrets only by reference
    settings    TEXT NOT NULL,
    version     BIGINT NOT NULL DEFAULT 1,
    changed_at  BIGINT NOT NULL
);

-- By which way a leg was sent; what is said later goes the same way.
CREATE TABLE leg_dispatches (
    leg_id          BIGINT PRIMARY KEY REFERENCES legs (id),
    -- empty when the unit had no way of its own
    way_id          BIGINT REFERENCES leg_ways (id),
    kind            TEXT NOT NULL,
    -- when a request that cannot be repeated blindly was first tried
    begun_at        BIGINT,
    -- its number in the other system, or a token that stands for it until there is one
    remote_id       TEXT,
    remote_token    TEXT,
    -- what was last heard of it there
    remote_state    TEXT NOT NULL DEFAULT '',
    -- when the other system said that it is over
    remote_over_at  BIGINT
);
CREATE INDEX leg_dispatches_remote ON leg_dispatches (way_id, remote_id);
CREATE INDEX leg_dispatches_asked ON leg_dispatches (way_id, leg_id) WHERE remote_over_at IS NULL;

-- How far the updates of an endpoint were read.
CREATE TABLE leg_way_cursors (
    way_id      BIGINT PRIMARY KEY REFERENCES leg_ways (id),
    read_until  BIGINT NOT NULL,
    next_at     BIGINT NOT NULL,
    last_error  TEXT NOT NULL DEFAULT ''
);

-- Each call to another system, for the log on the page of its way.
CREATE TABLE leg_way_calls (
    id          @ID@,
    way_id      BIGINT NOT NULL REFERENCES leg_ways (id),
    outbox_id   BIGINT NOT NULL REFERENCES outbox (id),
    at          BIGINT NOT NULL,
    event       TEXT NOT NULL,
    -- HTTP status; 0 when nothing answered
    status      BIGINT NOT NULL,
    millis      BIGINT NOT NULL,
    words       TEXT NOT NULL
);
CREATE INDEX leg_way_calls_way ON leg_way_calls (way_id, id);

-- Hosts in private networks that may be called: `erp.lan`, `10.1.2.3:8443`.
CREATE TABLE callable_hosts (
    host        TEXT PRIMARY KEY,
    added_by    BIGINT REFERENCES users (id),
    added_at    BIGINT NOT NULL
);

-- Codes under which other bodies know a leg: letters and digits only, upper case, so that each spelling finds it.
CREATE TABLE leg_codes (
    folded      TEXT NOT NULL,
    leg_id      BIGINT NOT NULL REFERENCES legs (id),
    PRIMARY KEY (folded, leg_id)
);
INSERT INTO leg_codes (folded, leg_id)
SELECT UPPER(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(external_code, ' ', ''), '-', ''), '/', ''), '.', ''), '_', '')), id
FROM legs WHERE external_code <> '';

-- Tokens of another body's system open the legs of one unit and of those below it, and nothing else.
ALTER TABLE api_tokens ADD COLUMN unit_id BIGINT REFERENCES units (id);
