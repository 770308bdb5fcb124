-- Emergency mode: plans prepared in time, and the emergencies in which one of them was in force.

CREATE TABLE emergency_plans (
    id          @ID@,
    slug        TEXT NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL
);

-- What a plan said; the highest number is the plan as it is now.
CREATE TABLE emergency_plan_versions (
    id          @ID@,
    plan_id     BIGINT NOT NULL REFERENCES emergency_plans (id),
    number      BIGINT NOT NULL,
    -- JSON
    content     TEXT NOT NULL,
    saved_at    BIGINT NOT NULL,
    -- user:12, token:3, system
    saved_by    TEXT NOT NULL,
    UNIQUE (plan_id, number)
);

CREATE TABLE emergencies (
    id          @ID@,
    version_id  BIGINT NOT NULL REFERENCES emergency_plan_versions (id),
    -- running (one at most), ended, drill
    state       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    started_at  BIGINT NOT NULL,
    started_by  TEXT NOT NULL,
    ended_at    BIGINT,
    ended_by    TEXT,
    end_reason  TEXT NOT NULL DEFAULT '',
    -- what the start changed, with what was there before: JSON
    changed     TEXT NOT NULL,
    -- what the end did not take back, because people had changed it meanwhile: JSON
    left_alone  TEXT NOT NULL DEFAULT '[]'
);
CREATE UNIQUE INDEX emergencies_running ON emergencies (state) WHERE state = 'running';
