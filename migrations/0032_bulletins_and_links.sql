-- News for operators, and whether the links of sheets lead anywhere.

CREATE TABLE bulletins (
    id              @ID@,
    -- counts up at each change
    revision        BIGINT NOT NULL,
    -- whoever read an older revision is asked to read again
    asked_revision  BIGINT NOT NULL,
    -- emergency, service, planning, local
    kind            TEXT NOT NULL,
    title           TEXT NOT NULL,
    -- Markdown
    text            TEXT NOT NULL,
    -- title and text, folded, for searching
    search          TEXT NOT NULL,
    -- names between blanks (' agent supervisor '); empty for all operators
    roles           TEXT NOT NULL,
    pinned          @FLAG@ NOT NULL,
    valid_from      BIGINT NOT NULL,
    -- NULL: until it is withdrawn
    valid_until     BIGINT,
    sheet_id        BIGINT REFERENCES sheets (id),
    category_id     BIGINT REFERENCES categories (id),
    -- user:12, token:3
    author          TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    withdrawn_at    BIGINT,
    -- when the feed told that it began and that it is over
    begun_at        BIGINT,
    over_at         BIGINT
);
CREATE INDEX bulletins_from ON bulletins (valid_from, id);

-- The units it is for; none for all.
CREATE TABLE bulletin_units (
    bulletin_id     BIGINT NOT NULL REFERENCES bulletins (id),
    unit_id         BIGINT NOT NULL REFERENCES units (id),
    PRIMARY KEY (bulletin_id, unit_id)
);

-- What it said each time it changed. Never altered.
CREATE TABLE bulletin_versions (
    bulletin_id     BIGINT NOT NULL REFERENCES bulletins (id),
    revision        BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    actor           TEXT NOT NULL,
    -- published, changed, withdrawn
    step            TEXT NOT NULL,
    -- JSON
    content         TEXT NOT NULL,
    PRIMARY KEY (bulletin_id, revision)
);

-- Who said to have read it, and which revision.
CREATE TABLE bulletin_reads (
    bulletin_id     BIGINT NOT NULL REFERENCES bulletins (id),
    user_id         BIGINT NOT NULL REFERENCES users (id),
    revision        BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    PRIMARY KEY (bulletin_id, user_id)
);

-- The links of sheets in force, as the last look found them.
CREATE TABLE sheet_links (
    sheet_id        BIGINT NOT NULL REFERENCES sheets (id),
    -- as the text has it
    url             TEXT NOT NULL,
    -- good, broken, unsure (failed, but may be passing), refused (an address we do not call)
    state           TEXT NOT NULL,
    -- HTTP status; NULL when there was no answer or none was asked for
    status          BIGINT,
    -- why it is not good: missing, status, dns, timeout, connection, private, redirects, invalid
    reason          TEXT NOT NULL,
    -- looks in a row that failed
    failures        BIGINT NOT NULL,
    failing_since   BIGINT,
    checked_at      BIGINT NOT NULL,
    PRIMARY KEY (sheet_id, url)
);
CREATE INDEX sheet_links_state ON sheet_links (state, sheet_id);

CREATE TABLE sheet_link_runs (
    id              @ID@,
    started_at      BIGINT NOT NULL,
    -- NULL while it goes on, or when it was cut off
    ended_at        BIGINT,
    sheets          BIGINT NOT NULL DEFAULT 0,
    links           BIGINT NOT NULL DEFAULT 0,
    broken          BIGINT NOT NULL DEFAULT 0
);
