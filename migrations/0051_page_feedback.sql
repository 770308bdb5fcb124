-- What citizens say of the site's pages that are no sheets (C.SI.2.5). Nobody's data, as in sheet_feedback.

CREATE TABLE page_feedback (
    id          @ID@,
    -- home, services, services/<slug of an area or a topic>
    place       TEXT NOT NULL,
    lang        TEXT NOT NULL,
    -- stars, 1 to 5
    rate        BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    comment     TEXT NOT NULL DEFAULT '',
    at          BIGINT NOT NULL,
    -- when somebody had dealt with it
    settled_at  BIGINT,
    settled_by  BIGINT REFERENCES users (id)
);
CREATE INDEX page_feedback_place ON page_feedback (place, rate);
CREATE INDEX page_feedback_open ON page_feedback (id) WHERE settled_at IS NULL;
