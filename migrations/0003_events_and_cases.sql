-- What a session says to trainees, who steers it, and what it goes on from.
-- depends: 0002_sync_log

ALTER TABLE sessions
    ADD COLUMN public_title text NOT NULL DEFAULT '',
    ADD COLUMN co_trainer_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN shows_conditions boolean NOT NULL DEFAULT false,
    ADD COLUMN forked_from jsonb;
DROP TRIGGER sessions_in_log ON sessions;
CREATE TRIGGER sessions_in_log BEFORE UPDATE OF school_id, trainer_id, template_id, code, title, trainee_name,
    created_at, expires_at, closed_at, close_reason, limits, deleted_at, version, public_title, co_trainer_ids,
    shows_conditions, forked_from ON sessions FOR EACH ROW
    WHEN (NEW.sync_version <= OLD.sync_version) EXECUTE FUNCTION needs_new_version();

-- `made_at` is null where an event was stored as it was made; no row that is there has to be rewritten for it.
ALTER TABLE session_events
    ADD COLUMN made_at timestamptz,
    ADD COLUMN step text,
    ADD COLUMN marker text,
    DROP CONSTRAINT session_events_kind_check,
    ADD CONSTRAINT session_events_kind_check CHECK (kind IN ('vitals', 'note', 'action', 'case', 'lifecycle'));
-- As the way back left them: a note has no details otherwise.
UPDATE session_events SET kind = 'case' WHERE kind = 'note' AND details ? 'action';

-- What a session took of its template when it opened. Not in the row of the session, which every push rewrites.
CREATE TABLE session_cases (
    session_id uuid PRIMARY KEY REFERENCES sessions (id),
    template_id uuid NOT NULL REFERENCES session_templates (id),
    template_version integer NOT NULL,
    description text NOT NULL,
    steps jsonb NOT NULL,
    checklist jsonb NOT NULL,
    targets jsonb NOT NULL
);

-- What happened to a case is little, and asked for by itself.
CREATE INDEX session_events_of_cases ON session_events (session_id, seq) WHERE kind = 'case';

-- Sessions of before take the case as it stands in their template now: it is what their screens showed.
INSERT INTO session_cases (session_id, template_id, template_version, description, steps, checklist, targets)
SELECT session.id, template.id, template.version,
       coalesce(template.content ->> 'description', ''),
       coalesce(template.content -> 'steps', '[]'),
       coalesce(template.content -> 'checklist', '[]'),
       coalesce(template.content -> 'targets', '[]')
FROM sessions AS session
JOIN session_templates AS template ON template.id = session.template_id;

-- What happened was a note in the words of the screens, which have not changed since there are any.
UPDATE session_events AS event
SET marker = label.marker
FROM (VALUES
    ('cpr_started', 'CPR started'), ('cpr_started', 'RCP débutée'),
    ('defibrillation', 'Defibrillation'), ('defibrillation', 'Défibrillation'),
    ('adrenaline', 'Adrenaline given'), ('adrenaline', 'Adrénaline injectée'),
    ('amiodarone', 'Amiodarone given'), ('amiodarone', 'Amiodarone injectée'),
    ('rhythm_check', 'Rhythm check'), ('rhythm_check', 'Analyse du rythme'),
    ('airway', 'Airway secured'), ('airway', 'Voies aériennes sécurisées'),
    ('intubation', 'Intubation'),
    ('oxygen', 'Oxygen given'), ('oxygen', 'Oxygène administré'),
    ('access', 'IV access'), ('access', 'Voie veineuse posée'),
    ('fluid', 'Fluid bolus'), ('fluid', 'Remplissage'),
    ('help', 'Help called'), ('help', 'Appel à l’aide'),
    ('leader', 'Team leader changed'), ('leader', 'Changement de leader')
) AS label (marker, text)
WHERE event.kind = 'note' AND event.text = label.text AND event.marker IS NULL;

-- So was the start of the case; where there are several, the last one was it. Its words stay, for the way back.
UPDATE session_events AS event
SET kind = 'case', details = '{"action": "started"}'
FROM (
    SELECT DISTINCT ON (session_id) id FROM session_events
    WHERE kind = 'note' AND text IN ('Scenario starts', 'Début du scénario')
    ORDER BY session_id, seq DESC
) AS start
WHERE event.id = start.id
  AND NOT EXISTS (SELECT FROM session_events WHERE session_id = event.session_id AND kind = 'case');

-- A step was known by its content alone, a step that changes nothing by the note that it wrote: the nth event of a
-- content was the nth step of that content. Not the start values, which no step has played.
WITH step AS MATERIALIZED (
    SELECT template.id AS template_id, step.place, coalesce(step.value ->> 'key', 'step_' || step.place) AS key,
           CASE WHEN vitals = '{}' AND rhythm IS NULL AND flags = '{}'
                THEN to_jsonb(btrim(coalesce(step.value ->> 'note', step.value ->> 'title'), E' \t\r\n'))
                ELSE jsonb_build_array(
                    vitals -> 'heart_rate', vitals -> 'systolic', vitals -> 'diastolic', vitals -> 'spo2',
                    vitals -> 'respiratory_rate', vitals -> 'etco2', vitals -> 'temperature', rhythm, flags
                )
           END AS content
    FROM session_templates AS template,
         jsonb_array_elements(coalesce(template.content -> 'steps', '[]')) WITH ORDINALITY AS step (value, place),
         LATERAL (
             SELECT coalesce(step.value -> 'vitals', '{}') AS vitals, step.value ->> 'rhythm' AS rhythm,
                    coalesce(step.value -> 'flags', '{}') AS flags
         ) AS change
), numbered_step AS (
    SELECT template_id, content, key, row_number() OVER (PARTITION BY template_id, content ORDER BY place) AS nth
    FROM step
), played AS (
    SELECT event.id, event.session_id, event.seq, session.template_id,
           CASE WHEN event.kind = 'note' THEN to_jsonb(event.text)
                ELSE jsonb_build_array(
                    event.heart_rate, event.systolic, event.diastolic, event.spo2,
                    event.respiratory_rate, event.etco2, event.temperature, event.rhythm, coalesce(event.flags, '{}')
                )
           END AS content
    FROM session_events AS event
    JOIN sessions AS session ON session.id = event.session_id AND session.template_id IS NOT NULL
    WHERE event.kind IN ('vitals', 'note') AND NOT (event.seq = 1 AND event.created_at = session.created_at)
), numbered AS (
    SELECT id, template_id, content, row_number() OVER (PARTITION BY session_id, content ORDER BY seq) AS nth
    FROM played
    WHERE (template_id, content) IN (SELECT template_id, content FROM step)
)
UPDATE session_events AS event
SET step = numbered_step.key
FROM numbered JOIN numbered_step USING (template_id, content, nth)
WHERE event.id = numbered.id AND event.step IS NULL;
