-- Sources in other systems that are asked about a person or a request; what they answer is stored nowhere.
CREATE TABLE lookup_sources (
    id          @ID@,
    slug        TEXT NOT NULL UNIQUE,
    -- JSON
    content     TEXT NOT NULL,
    -- grows with each change
    version     BIGINT NOT NULL DEFAULT 1,
    saved_at    BIGINT NOT NULL,
    -- user:12, token:3, system
    saved_by    TEXT NOT NULL
);
