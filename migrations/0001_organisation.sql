-- Agencies, units, users, classification. Instants are microseconds since 1970 (UTC).

CREATE TABLE agencies (
    id      @ID@,
    slug    TEXT NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    -- own: the body that runs this installation; agency: another public body; utility: a service operator
    kind    TEXT NOT NULL,
    email   TEXT NOT NULL DEFAULT ''
);

CREATE TABLE units (
    id          @ID@,
    slug        TEXT NOT NULL UNIQUE,
    agency_id   BIGINT NOT NULL REFERENCES agencies (id),
    parent_id   BIGINT REFERENCES units (id),
    name        TEXT NOT NULL,
    name_en     TEXT NOT NULL DEFAULT '',
    -- collection_point, entry_point, back_office
    kind        TEXT NOT NULL,
    email       TEXT NOT NULL DEFAULT '',
    valid_from  BIGINT NOT NULL DEFAULT 0,
    valid_to    BIGINT
);

CREATE TABLE users (
    id              @ID@,
    -- e-mail address, lower case
    login           TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    -- argon2id, PHC string
    password_hash   TEXT NOT NULL,
    -- agent, supervisor, referent, admin
    role            TEXT NOT NULL,
    language        TEXT NOT NULL DEFAULT 'it',
    failures        BIGINT NOT NULL DEFAULT 0,
    locked_until    BIGINT,
    disabled_at     BIGINT,
    created_at      BIGINT NOT NULL
);

CREATE TABLE user_units (
    user_id BIGINT NOT NULL REFERENCES users (id),
    unit_id BIGINT NOT NULL REFERENCES units (id),
    PRIMARY KEY (user_id, unit_id)
);

CREATE TABLE sessions (
    -- SHA-256 of the cookie
    token_hash  TEXT PRIMARY KEY,
    user_id     BIGINT NOT NULL REFERENCES users (id),
    csrf        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE api_tokens (
    id          @ID@,
    token_hash  TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    revoked_at  BIGINT
);

CREATE TABLE categories (
    id          @ID@,
    -- `area` or `area/topic`
    slug        TEXT NOT NULL UNIQUE,
    parent_id   BIGINT REFERENCES categories (id),
    name        TEXT NOT NULL,
    name_en     TEXT NOT NULL DEFAULT '',
    -- the unit that is competent for it
    unit_id     BIGINT REFERENCES units (id),
    position    BIGINT NOT NULL DEFAULT 0,
    -- tickets of this class end as not competent
    not_competent @FLAG@ NOT NULL DEFAULT FALSE,
    retired_at  BIGINT
);
