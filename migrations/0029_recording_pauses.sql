-- Pauses in the recordings of talks: while a citizen says the number of a payment card, nobody records.
CREATE TABLE call_pauses (
    id          @ID@,
    call_id     BIGINT NOT NULL REFERENCES calls (id),
    paused_at   BIGINT NOT NULL,
    paused_by   BIGINT REFERENCES users (id),
    -- NULL: it was paused until the end of the talk
    resumed_at  BIGINT,
    resumed_by  BIGINT REFERENCES users (id),
    -- whether the recorder was told; otherwise whoever talked paused it at the telephone
    told        @FLAG@ NOT NULL
);
CREATE INDEX call_pauses_call ON call_pauses (call_id, id);
CREATE UNIQUE INDEX call_pauses_open ON call_pauses (call_id) WHERE resumed_at IS NULL;

-- Since when the recording of the talk is paused; NULL while it goes on.
ALTER TABLE calls ADD COLUMN paused_at BIGINT;
