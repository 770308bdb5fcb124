-- Knowledge sheets.

CREATE TABLE sheets (
    id          @ID@,
    -- short, can be dictated: ANA-01
    code        TEXT NOT NULL UNIQUE,
    category_id BIGINT REFERENCES categories (id),
    unit_id     BIGINT REFERENCES units (id),
    -- public, internal
    audience    TEXT NOT NULL,
    -- information, start, whole
    maturity    TEXT NOT NULL,
    version     BIGINT NOT NULL DEFAULT 1,
    updated_at  BIGINT NOT NULL,
    retired_at  BIGINT
);

CREATE TABLE sheet_texts (
    sheet_id        BIGINT NOT NULL REFERENCES sheets (id),
    lang            TEXT NOT NULL,
    title           TEXT NOT NULL,
    -- how a citizen asks it
    question        TEXT NOT NULL,
    summary         TEXT NOT NULL,
    -- Markdown
    public_text     TEXT NOT NULL,
    -- ready to send, without greeting and signature
    reply           TEXT NOT NULL,
    internal_text   TEXT NOT NULL DEFAULT '',
    -- one a line
    keywords        TEXT NOT NULL DEFAULT '',
    requirements    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (sheet_id, lang)
);
