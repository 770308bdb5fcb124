-- What a node saw of an account last, so that every node tells the same of it.
CREATE TABLE channel_standing (
    account     TEXT PRIMARY KEY,
    -- the last call of its provider that was accepted; NULL: none yet
    called_at   BIGINT,
    -- when the node that receives from it spoke last; NULL: nobody receives from it
    told_at     BIGINT,
    connected   @FLAG@ NOT NULL DEFAULT FALSE,
    -- messages at the provider not yet stored
    lag         BIGINT NOT NULL DEFAULT 0,
    -- what went wrong last; empty when it works
    last_error  TEXT NOT NULL DEFAULT ''
);
