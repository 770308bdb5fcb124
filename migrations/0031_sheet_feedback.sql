-- What readers say of a sheet: citizens with stars, agents while they answer. Nobody's data: no citizen is named,
-- and addresses and numbers are taken out of comments before they come here.

CREATE TABLE sheet_feedback (
    id          @ID@,
    sheet_id    BIGINT NOT NULL REFERENCES sheets (id),
    -- the version that was in force and the language that was read
    version     BIGINT NOT NULL,
    lang        TEXT NOT NULL,
    -- citizen, agent
    source      TEXT NOT NULL,
    -- stars, 1 to 5; NULL from agents
    rate        BIGINT,
    -- why, as a closed list of the source
    reason      TEXT NOT NULL DEFAULT '',
    comment     TEXT NOT NULL DEFAULT '',
    at          BIGINT NOT NULL,
    -- the agent and the ticket that was being answered; NULL from citizens
    user_id     BIGINT REFERENCES users (id),
    ticket_id   BIGINT REFERENCES tickets (id),
    -- when somebody who looks after the sheet had dealt with it
    settled_at  BIGINT,
    settled_by  BIGINT REFERENCES users (id)
);
CREATE INDEX sheet_feedback_sheet ON sheet_feedback (sheet_id, id);
CREATE INDEX sheet_feedback_open ON sheet_feedback (id) WHERE settled_at IS NULL;

-- How often each was said, kept beside every new row.
CREATE TABLE sheet_feedback_counts (
    sheet_id    BIGINT NOT NULL REFERENCES sheets (id),
    version     BIGINT NOT NULL,
    lang        TEXT NOT NULL,
    source      TEXT NOT NULL,
    -- 0 without stars
    rate        BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    n           BIGINT NOT NULL,
    PRIMARY KEY (sheet_id, version, lang, source, rate, reason)
);

-- The latest closings with the sheet that answered: the most used sheets of the public home page.
CREATE INDEX tickets_closing_sheet ON tickets (closed_at, closing_sheet_id) WHERE closing_sheet_id IS NOT NULL;
-- What changed last, for the feed.
CREATE INDEX sheets_updated ON sheets (updated_at, id) WHERE retired_at IS NULL AND audience = 'public';
