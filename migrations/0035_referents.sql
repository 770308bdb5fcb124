-- Whom units named to deal with what is sent to them, and when they are away.

CREATE TABLE referents (
    id          @ID@,
    unit_id     BIGINT NOT NULL REFERENCES units (id),
    -- NULL: no account, only an address
    user_id     BIGINT REFERENCES users (id),
    name        TEXT NOT NULL,
    -- empty: the login of the account
    email       TEXT NOT NULL DEFAULT '',
    -- operative, executive, director
    rank        TEXT NOT NULL,
    valid_from  BIGINT NOT NULL,
    -- NULL: until further notice
    valid_to    BIGINT
);
CREATE INDEX referents_unit ON referents (unit_id, id);
CREATE INDEX referents_user ON referents (user_id);

CREATE TABLE absences (
    id              @ID@,
    referent_id     BIGINT NOT NULL REFERENCES referents (id),
    from_at         BIGINT NOT NULL,
    to_at           BIGINT NOT NULL,
    -- NULL: nobody stands in
    substitute_id   BIGINT REFERENCES referents (id),
    reason          TEXT NOT NULL DEFAULT ''
);
CREATE INDEX absences_referent ON absences (referent_id, to_at);
CREATE INDEX absences_end ON absences (to_at);
