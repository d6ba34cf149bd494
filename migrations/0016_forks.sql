-- A session that goes on from another one is found by that one: its trainees are told where it went.
-- depends: 0015_scores_reflections_shares

CREATE INDEX sessions_by_fork ON sessions ((forked_from ->> 'session_id'), created_at) WHERE forked_from IS NOT NULL;
