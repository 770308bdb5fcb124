-- Calls as their events tell them, the agents who answer, and the promises to call back.

CREATE TABLE calls (
    id          @ID@,
    -- its name at whoever tells of it
    call        TEXT NOT NULL UNIQUE,
    -- the account that told of it first
    account     TEXT NOT NULL,
    -- in, out; empty when not told
    direction   TEXT NOT NULL DEFAULT '',
    -- as told; empty when withheld
    caller      TEXT NOT NULL DEFAULT '',
    caller_name TEXT NOT NULL DEFAULT '',
    called      TEXT NOT NULL DEFAULT '',
    queue       TEXT NOT NULL DEFAULT '',
    -- the telephone that rings, talks or talked last
    agent       TEXT NOT NULL DEFAULT '',
    -- waiting, ringing, talking, ended
    stage       TEXT NOT NULL DEFAULT 'waiting',
    -- answered, missed, abandoned, voicemail, closed, busy, failed; empty while it goes on
    outcome     TEXT NOT NULL DEFAULT '',
    started_at  BIGINT NOT NULL,
    answered_at BIGINT,
    ended_at    BIGINT,
    wait_seconds BIGINT,
    talk_seconds BIGINT,
    -- JSON: name, seconds and kind of each recording
    recordings  TEXT NOT NULL DEFAULT '[]',
    -- when something was heard of it last, by our clock
    heard_at    BIGINT NOT NULL,
    -- when its contact is to be made, or made anew; none is due without
    settle_at   BIGINT,
    -- the ticket an agent chose while talking
    chosen_id   BIGINT REFERENCES tickets (id),
    -- where it ended
    ticket_id   BIGINT REFERENCES tickets (id),
    contact_id  BIGINT
);
CREATE INDEX calls_live ON calls (stage, id) WHERE stage <> 'ended';
CREATE INDEX calls_settle ON calls (settle_at, id) WHERE settle_at IS NOT NULL;
CREATE INDEX calls_ticket ON calls (ticket_id) WHERE ticket_id IS NOT NULL;

-- What was told of calls, each thing once.
CREATE TABLE call_events (
    id          @ID@,
    call        TEXT NOT NULL,
    -- offered, queued, ringing, declined, answered, transferred, recorded, ended
    kind        TEXT NOT NULL,
    -- its name within the call
    event       TEXT NOT NULL,
    account     TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    -- JSON: the event as it was understood
    data        TEXT NOT NULL,
    -- the request as it came
    raw         TEXT NOT NULL DEFAULT '',
    UNIQUE (call, kind, event)
);

-- The telephones of agents.
CREATE TABLE phone_agents (
    user_id     BIGINT PRIMARY KEY REFERENCES users (id),
    -- name under which edge and exchange know it
    extension   TEXT NOT NULL UNIQUE,
    -- SIP address or number that rings
    address     TEXT NOT NULL DEFAULT '',
    -- internal, counter
    post        TEXT NOT NULL DEFAULT 'internal',
    -- words with blanks between
    skills      TEXT NOT NULL DEFAULT '',
    languages   TEXT NOT NULL DEFAULT '',
    -- ready, pause, off
    state       TEXT NOT NULL DEFAULT 'off',
    -- since when they are in this state without a call
    since       BIGINT NOT NULL
);

-- Promises to call back.
CREATE TABLE callbacks (
    id          @ID@,
    call_id     BIGINT NOT NULL UNIQUE REFERENCES calls (id),
    ticket_id   BIGINT NOT NULL REFERENCES tickets (id),
    -- E.164 where it can be read, else as told
    number      TEXT NOT NULL,
    -- missed, voicemail
    reason      TEXT NOT NULL,
    due_at      BIGINT NOT NULL,
    -- open, done, called_again, given_up, dropped
    state       TEXT NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL,
    closed_at   BIGINT
);
CREATE INDEX callbacks_open ON callbacks (due_at, id) WHERE state = 'open';
CREATE INDEX callbacks_number ON callbacks (number) WHERE state = 'open';
CREATE INDEX callbacks_ticket ON callbacks (ticket_id);

CREATE TABLE callback_attempts (
    id          @ID@,
    callback_id BIGINT NOT NULL REFERENCES callbacks (id),
    -- the call that it was, when we were told of one: it counts once
    call_id     BIGINT,
    at          BIGINT NOT NULL,
    user_id     BIGINT REFERENCES users (id),
    -- answered, no_answer, busy, wrong_number
    outcome     TEXT NOT NULL
);
CREATE INDEX callback_attempts_callback ON callback_attempts (callback_id, id);
CREATE UNIQUE INDEX callback_attempts_call ON callback_attempts (call_id) WHERE call_id IS NOT NULL;
