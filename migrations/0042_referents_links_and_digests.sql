-- How referents come to their legs without an account, and which monthly words they had.

CREATE TABLE referent_links (
    -- the random half of the link; the other half seals it with the installation's key
    name        TEXT PRIMARY KEY,
    referent_id BIGINT NOT NULL REFERENCES referents (id),
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    revoked_at  BIGINT
);
CREATE INDEX referent_links_referent ON referent_links (referent_id, expires_at);

CREATE TABLE referent_digests (
    -- the month it is about, YYYY-MM
    month       TEXT NOT NULL,
    referent_id BIGINT NOT NULL REFERENCES referents (id),
    sent_at     BIGINT NOT NULL,
    PRIMARY KEY (month, referent_id)
);
