-- Addresses and numbers whose owners asked, by a word such as STOP, for no more messages on a channel.
CREATE TABLE refusals (
    channel     TEXT NOT NULL,
    -- in normal form
    address     TEXT NOT NULL,
    at          BIGINT NOT NULL,
    -- the message that asked for it
    raw_id      BIGINT NOT NULL,
    PRIMARY KEY (channel, address)
);
