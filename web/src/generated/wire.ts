// Made by `make types` from what the server says of itself; never edited.

export type RhythmJson =
  | "sinus"
  | "atrial_fibrillation"
  | "atrial_flutter"
  | "svt"
  | "av_block_1"
  | "av_block_2_wenckebach"
  | "av_block_2_mobitz"
  | "av_block_3"
  | "junctional"
  | "idioventricular"
  | "ventricular_tachycardia"
  | "torsades"
  | "ventricular_fibrillation"
  | "ventricular_fibrillation_fine"
  | "asystole"
  | "stemi"
  | "paced"
  | "pvc_bigeminy";
/**
 * Seconds in this step, pauses not counted; conditions that are true at once, held for so long; the marker or the action, so often since the step began; or by hand alone.
 */
export type TriggerJson =
  | {
      after: number;
    }
  | {
      /**
       * @minItems 1
       * @maxItems 4
       *
       * Items: Of the value as it is shown, rounded; `mean` is the mean pressure. An absent flag is false.
       */
      when: (
        | {
            sign:
              "heart_rate" | "systolic" | "diastolic" | "spo2" | "respiratory_rate" | "etco2" | "temperature" | "mean";
            op: "lt" | "le" | "gt" | "ge";
            value: number;
          }
        | {
            flag: string;
            is: boolean | string;
          }
        | {
            rhythm:
              | "sinus"
              | "atrial_fibrillation"
              | "atrial_flutter"
              | "svt"
              | "av_block_1"
              | "av_block_2_wenckebach"
              | "av_block_2_mobitz"
              | "av_block_3"
              | "junctional"
              | "idioventricular"
              | "ventricular_tachycardia"
              | "torsades"
              | "ventricular_fibrillation"
              | "ventricular_fibrillation_fine"
              | "asystole"
              | "stemi"
              | "paced"
              | "pvc_bigeminy";
          }
      )[];
      hold?: number;
    }
  | {
      marker: string;
      count?: number;
    }
  | {
      action: string;
      count?: number;
    }
  | {
      manual: true;
    };
export type RefusalCode =
  | "invalid_body"
  | "unauthenticated"
  | "hall_revoked"
  | "forbidden"
  | "device_revoked"
  | "not_found"
  | "method_not_allowed"
  | "conflict"
  | "not_home"
  | "resync_required"
  | "session_closed"
  | "session_expired"
  | "removed"
  | "full"
  | "version_mismatch"
  | "too_large"
  | "unsupported_media_type"
  | "invalid_fields"
  | "rate_limited"
  | "internal_error"
  | "storage_unavailable";

export interface TrainerAnswer {
  id: string;
  school_id: string;
  email: string;
  name: string;
  role: "admin" | "trainer" | "observer";
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
  version: number;
}
export interface LoginAnswer {
  token: string;
  expires_at: string;
  trainer: TrainerAnswer;
}
export interface LoginBody {
  email: string;
  password: string;
}
export interface TrainerPage {
  items: TrainerAnswer[];
  next_cursor: string | null;
}
export interface TrainerBody {
  id?: string | null;
  email: string;
  name: string;
  /**
   * None of those that everybody tries first.
   */
  password: string;
  role?: "admin" | "trainer" | "observer";
}
export interface TrainerChangeBody {
  email?: string | null;
  name?: string | null;
  password?: string | null;
  role?: ("admin" | "trainer" | "observer") | null;
}
export interface PasswordBody {
  password: string;
  /**
   * None of those that everybody tries first.
   */
  new_password: string;
}
/**
 * `agent` is what the browser or program called itself; `is_current`: the login that asks.
 */
export interface OwnLoginAnswer {
  id: string;
  agent: string;
  created_at: string;
  expires_at: string;
  is_current: boolean;
}
export interface OwnLoginPage {
  items: OwnLoginAnswer[];
  next_cursor: string | null;
}
export interface ColleagueAnswer {
  id: string;
  name: string;
  role: "admin" | "trainer" | "observer";
}
export interface ColleaguePage {
  items: ColleagueAnswer[];
  next_cursor: string | null;
}
export interface InvitationAnswer {
  id: string;
  email: string;
  name: string;
  role: "admin" | "trainer" | "observer";
  invited_by: string;
  created_at: string;
  expires_at: string;
}
export interface InvitationPage {
  items: InvitationAnswer[];
  next_cursor: string | null;
}
/**
 * The link is told this once.
 */
export interface InvitedAnswer {
  id: string;
  email: string;
  name: string;
  role: "admin" | "trainer" | "observer";
  invited_by: string;
  created_at: string;
  expires_at: string;
  url: string;
}
export interface InvitationBody {
  email: string;
  name: string;
  role: "admin" | "trainer" | "observer";
}
/**
 * What whoever has the link is told of it.
 */
export interface FoundInvitationAnswer {
  school: string;
  email: string;
  name: string;
  role: "admin" | "trainer" | "observer";
  invited_by: string;
  expires_at: string;
  standing: "open" | "accepted" | "withdrawn" | "expired";
}
/**
 * `token` is what a link that opens once ends with.
 */
export interface LinkBody {
  token: string;
}
export interface AcceptBody {
  token: string;
  /**
   * None of those that everybody tries first.
   */
  password: string;
}
export interface FirstAdminBody {
  token: string;
  school: string;
  name: string;
  email: string;
  /**
   * None of those that everybody tries first.
   */
  password: string;
}
/**
 * `id` is null for what was done by no account, as on the command line.
 */
export interface AuditAuthorAnswer {
  id: string | null;
  name: string;
}
export interface ForkedFromAnswer {
  session_id: string;
  seq: number;
}
/**
 * Where the session runs; `heard_at` is when that hall was last in contact.
 */
export interface HomeHallAnswer {
  id: string;
  name: string;
  heard_at: string;
}
/**
 * Plain numbers are targets; ramps name those that still move, linearly, on the server's clock.
 */
export interface LastValuesJson {
  /**
   * /min
   */
  heart_rate: number;
  /**
   * mmHg
   */
  systolic: number;
  /**
   * mmHg
   */
  diastolic: number;
  /**
   * %
   */
  spo2: number;
  /**
   * /min
   */
  respiratory_rate: number;
  /**
   * mmHg
   */
  etco2: number;
  /**
   * °C, one decimal
   */
  temperature: number;
  rhythm:
    | "sinus"
    | "atrial_fibrillation"
    | "atrial_flutter"
    | "svt"
    | "av_block_1"
    | "av_block_2_wenckebach"
    | "av_block_2_mobitz"
    | "av_block_3"
    | "junctional"
    | "idioventricular"
    | "ventricular_tachycardia"
    | "torsades"
    | "ventricular_fibrillation"
    | "ventricular_fibrillation_fine"
    | "asystole"
    | "stemi"
    | "paced"
    | "pvc_bigeminy";
  /**
   * Known to monitor and debrief: ecg_off, spo2_off, nibp_off, co2_off, temp_off, pulseless, cpr, respiratory_distress, cardiac_arrest, dysglycaemia, haemorrhage, loss_of_consciousness, consciousness, oxygen, spo2_scale_2; others are kept and relayed.
   */
  flags: {
    [k: string]: boolean | string;
  };
  ramps: {
    heart_rate?: {
      from: number;
      started_at: string;
      seconds: number;
    };
    systolic?: {
      from: number;
      started_at: string;
      seconds: number;
    };
    diastolic?: {
      from: number;
      started_at: string;
      seconds: number;
    };
    spo2?: {
      from: number;
      started_at: string;
      seconds: number;
    };
    respiratory_rate?: {
      from: number;
      started_at: string;
      seconds: number;
    };
    etco2?: {
      from: number;
      started_at: string;
      seconds: number;
    };
    temperature?: {
      from: number;
      started_at: string;
      seconds: number;
    };
  };
  /**
   * Null before the first measurement.
   */
  nibp: {
    started_at: string;
    /**
     * mmHg
     */
    systolic: number | null;
    /**
     * mmHg
     */
    diastolic: number | null;
    /**
     * mmHg
     */
    mean: number | null;
    failed: boolean;
    cycle_minutes: 1 | 2 | 2.5 | 3 | 5 | 10 | 15 | 30 | 60 | null;
  } | null;
  /**
   * What else is known of the cuff; there while any of it is not null.
   */
  cuff?: {
    /**
     * When the cycle measures next.
     */
    next_at: string | null;
    /**
     * Until then one measurement follows the other.
     */
    stat_until: string | null;
    /**
     * When somebody stopped the newest measurement.
     */
    stopped_at: string | null;
    before: {
      started_at: string;
      systolic: number;
      diastolic: number;
      mean: number;
    } | null;
  };
  /**
   * There while the session is paused: ramps stand at their `from` until it goes on.
   */
  paused_at?: string;
}
/**
 * Alarm limits; null means no limit on that side.
 */
export interface LimitsJson {
  heart_rate: {
    low: number | null;
    high: number | null;
  };
  spo2: {
    low: number | null;
    high: number | null;
  };
  systolic: {
    low: number | null;
    high: number | null;
  };
  diastolic: {
    low: number | null;
    high: number | null;
  };
  mean: {
    low: number | null;
    high: number | null;
  };
  respiratory_rate: {
    low: number | null;
    high: number | null;
  };
  etco2: {
    low: number | null;
    high: number | null;
  };
  temperature: {
    low: number | null;
    high: number | null;
  };
}
/**
 * Why no retention touches the session, and who says so.
 */
export interface SessionLockAnswer {
  reason: string;
  by: AuditAuthorAnswer;
  at: string;
}
export interface SessionAnswer {
  id: string;
  code: string;
  title: string;
  public_title: string;
  trainee_name: string | null;
  trainer_id: string;
  co_trainer_ids: string[];
  limits: LimitsJson;
  shows_conditions: boolean;
  paused_at: string | null;
  forked_from: ForkedFromAnswer | null;
  school_id: string;
  template_id: string | null;
  created_at: string;
  updated_at: string;
  expires_at: string;
  closed_at: string | null;
  close_reason: ("closed" | "expired") | null;
  last_values: LastValuesJson;
  last_seq: number;
  version: number;
  hall: HomeHallAnswer | null;
  clock_offset_ms: number | null;
  lock: SessionLockAnswer | null;
  names_out_at: string | null;
}
export interface SessionBody {
  id?: string | null;
  title?: string | null;
  public_title?: string | null;
  trainee_name?: string | null;
  duration_minutes?: number | null;
  template_id?: string | null;
  /**
   * Only the named signs change. After the merge, diastolic may not be above systolic.
   */
  vitals?: {
    /**
     * /min
     */
    heart_rate?: number;
    /**
     * mmHg
     */
    systolic?: number;
    /**
     * mmHg
     */
    diastolic?: number;
    /**
     * %
     */
    spo2?: number;
    /**
     * /min
     */
    respiratory_rate?: number;
    /**
     * mmHg
     */
    etco2?: number;
    /**
     * °C, one decimal
     */
    temperature?: number;
  };
}
export interface SessionSummaryAnswer {
  id: string;
  code: string;
  title: string;
  public_title: string;
  trainee_name: string | null;
  trainer_id: string;
  co_trainer_ids: string[];
  limits: LimitsJson;
  shows_conditions: boolean;
  paused_at: string | null;
  forked_from: ForkedFromAnswer | null;
  school_id: string;
  template_id: string | null;
  created_at: string;
  updated_at: string;
  expires_at: string;
  closed_at: string | null;
  close_reason: ("closed" | "expired") | null;
  last_values: LastValuesJson;
  last_seq: number;
  version: number;
  hall: HomeHallAnswer | null;
  clock_offset_ms: number | null;
  lock: SessionLockAnswer | null;
  names_out_at: string | null;
  event_count: number;
  trainee_count: number;
}
export interface SessionPage {
  items: SessionSummaryAnswer[];
  next_cursor: string | null;
}
export interface SessionChangeBody {
  title?: string | null;
  public_title?: string | null;
  trainee_name?: string | null;
  expires_at?: string | null;
  limits?: {
    heart_rate?: {
      low?: number | null;
      high?: number | null;
    };
    spo2?: {
      low?: number | null;
      high?: number | null;
    };
    systolic?: {
      low?: number | null;
      high?: number | null;
    };
    diastolic?: {
      low?: number | null;
      high?: number | null;
    };
    mean?: {
      low?: number | null;
      high?: number | null;
    };
    respiratory_rate?: {
      low?: number | null;
      high?: number | null;
    };
    etco2?: {
      low?: number | null;
      high?: number | null;
    };
    temperature?: {
      low?: number | null;
      high?: number | null;
    };
  } | null;
  co_trainer_ids?: string[] | null;
  shows_conditions?: boolean | null;
}
export interface AnnotationAnswer {
  id: string;
  session_id: string;
  at: string;
  kind: "note" | "bookmark" | "plus" | "delta" | "takeaway";
  text: string;
  marker: string | null;
  by: AuthorAnswer;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
  version: number;
}
export interface AuthorAnswer {
  role: "trainer" | "trainee" | "system";
  id: string | null;
  name: string;
}
/**
 * Signs that the push did not name are null.
 *
 * `created_at` is when it was stored, `made_at` when it was made; `step` and `marker` are keys.
 */
export interface EventAnswer {
  id: string;
  session_id: string;
  seq: number;
  kind: "vitals" | "note" | "action" | "case" | "lifecycle";
  created_at: string;
  made_at: string;
  step: string | null;
  marker: string | null;
  by: AuthorAnswer;
  systolic: number | null;
  diastolic: number | null;
  heart_rate: number | null;
  spo2: number | null;
  respiratory_rate: number | null;
  etco2: number | null;
  temperature: number | null;
  rhythm: RhythmJson | null;
  flags: FlagsJson | null;
  ramp_seconds: number | null;
  text: string | null;
  details: {
    [k: string]: unknown;
  } | null;
}
/**
 * Known to monitor and debrief: ecg_off, spo2_off, nibp_off, co2_off, temp_off, pulseless, cpr, respiratory_distress, cardiac_arrest, dysglycaemia, haemorrhage, loss_of_consciousness, consciousness, oxygen, spo2_scale_2; others are kept and relayed. null removes a flag.
 */
export interface FlagsJson {
  [k: string]: boolean | string | null;
}
export interface VitalsEventBody {
  id: string;
  kind: "vitals";
  /**
   * Only the named signs change. After the merge, diastolic may not be above systolic.
   */
  vitals?: {
    /**
     * /min
     */
    heart_rate?: number;
    /**
     * mmHg
     */
    systolic?: number;
    /**
     * mmHg
     */
    diastolic?: number;
    /**
     * %
     */
    spo2?: number;
    /**
     * /min
     */
    respiratory_rate?: number;
    /**
     * mmHg
     */
    etco2?: number;
    /**
     * °C, one decimal
     */
    temperature?: number;
  };
  rhythm?:
    | "sinus"
    | "atrial_fibrillation"
    | "atrial_flutter"
    | "svt"
    | "av_block_1"
    | "av_block_2_wenckebach"
    | "av_block_2_mobitz"
    | "av_block_3"
    | "junctional"
    | "idioventricular"
    | "ventricular_tachycardia"
    | "torsades"
    | "ventricular_fibrillation"
    | "ventricular_fibrillation_fine"
    | "asystole"
    | "stemi"
    | "paced"
    | "pvc_bigeminy";
  /**
   * Known to monitor and debrief: ecg_off, spo2_off, nibp_off, co2_off, temp_off, pulseless, cpr, respiratory_distress, cardiac_arrest, dysglycaemia, haemorrhage, loss_of_consciousness, consciousness, oxygen, spo2_scale_2; others are kept and relayed. null removes a flag.
   */
  flags?: {
    [k: string]: boolean | string | null;
  };
  ramp_seconds?: number;
  step?: string | null;
  made_at?: string | null;
}
export interface NoteEventBody {
  id: string;
  kind: "note";
  text?: string | null;
  marker?: string | null;
  made_at?: string | null;
}
export interface ActionEventBody {
  id: string;
  kind: "action";
  action: string;
  details?: {
    [k: string]: unknown;
  } | null;
  made_at?: string | null;
}
/**
 * As `case:control`, for a device that has no socket.
 */
export interface CaseEventBody {
  id: string;
  kind: "case";
  action: "start" | "pause" | "resume" | "automation_off" | "automation_on";
  made_at?: string | null;
}
export interface EventsAnswer {
  items: EventAnswer[];
  last_seq: number;
}
export interface ForkBody {
  id?: string | null;
  after_seq: number;
  title?: string | null;
  moves_trainees?: boolean | null;
}
export interface ChecklistItemAnswer {
  key: string;
  text: string;
  critical: boolean;
  marker: string | null;
  target_seconds: number | null;
  from: string | null;
}
/**
 * Only the named signs change. After the merge, diastolic may not be above systolic.
 */
export interface SignsJson {
  /**
   * /min
   */
  heart_rate?: number;
  /**
   * mmHg
   */
  systolic?: number;
  /**
   * mmHg
   */
  diastolic?: number;
  /**
   * %
   */
  spo2?: number;
  /**
   * /min
   */
  respiratory_rate?: number;
  /**
   * mmHg
   */
  etco2?: number;
  /**
   * °C, one decimal
   */
  temperature?: number;
}
export interface TargetAnswer {
  marker: string;
  from: string;
  seconds: number;
}
export interface TemplateStepAnswer {
  key: string;
  title: string;
  at_seconds: number | null;
  ramp_seconds: number;
  vitals: SignsJson;
  rhythm: RhythmJson | null;
  flags: FlagsJson;
  note: string | null;
  transitions: TransitionAnswer[];
}
export interface TransitionAnswer {
  to: string | null;
  label: string | null;
  automatic: boolean;
  on: TriggerJson;
}
/**
 * Nulls and nothing for a session that was opened without a template.
 */
export interface CaseAnswer {
  template_id: string | null;
  template_version: number | null;
  description: string;
  steps: TemplateStepAnswer[];
  checklist: ChecklistItemAnswer[];
  targets: TargetAnswer[];
  pass_percent: number | null;
}
/**
 * For how many months the school keeps names, and records; null: for as long as it wants.
 */
export interface KeptAnswer {
  names_months: number;
  records_months: number | null;
}
/**
 * What a trainee may see; `title` is the session's `public_title`, never the name of its case.
 */
export interface PublicSessionAnswer {
  id: string;
  code: string;
  title: string;
  trainee_name: string | null;
  shows_conditions: boolean;
  paused_at: string | null;
  expires_at: string;
  closed_at: string | null;
  close_reason: ("closed" | "expired") | null;
  last_values: LastValuesJson;
  last_seq: number;
  limits: LimitsJson;
}
/**
 * `kept` is null where nobody can say just now.
 */
export interface JoinAnswer {
  session: PublicSessionAnswer;
  kept: KeptAnswer | null;
}
export interface JoinBody {
  code: string;
}
export interface AnnotationPage {
  items: AnnotationAnswer[];
  next_cursor: string | null;
}
export interface AnnotationBody {
  id: string;
  at: string;
  kind: "note" | "bookmark" | "plus" | "delta" | "takeaway";
  text?: string;
  marker?: string | null;
}
export interface AnnotationChangeBody {
  at?: string | null;
  kind?: ("note" | "bookmark" | "plus" | "delta" | "takeaway") | null;
  text?: string | null;
  marker?: string | null;
}
/**
 * `records_months` is null for as long as the school wants; nothing is done before `begins_at`.
 */
export interface RetentionAnswer {
  names_months: number;
  records_months: number | null;
  begins_at: string | null;
}
export interface RetentionBody {
  names_months: number;
  records_months?: number | null;
}
/**
 * What is done next to a session: `since` is when its months are over, `at` the night in which it is done.
 */
export interface DueAnswer {
  session_id: string;
  title: string;
  created_at: string;
  ended_at: string | null;
  measure: "names_out" | "delete";
  since: string;
  at: string;
}
export interface DuePage {
  items: DueAnswer[];
  next_cursor: string | null;
}
export interface LockBody {
  reason: string;
}
/**
 * By the ids of free texts what is to stand there; null takes a text out.
 */
export interface NamesOutBody {
  texts?: {
    [k: string]: string | null;
  };
}
/**
 * `at` is null where no moment is kept or told, `by` where nobody is named; `longest` is how long it may be.
 */
export interface FreeTextAnswer {
  id: string;
  kind: "title" | "public_title" | "note" | "action" | "annotation" | "score" | "words" | "moment";
  at: string | null;
  by: string | null;
  text: string;
  longest: number;
}
export interface FreeTextsAnswer {
  texts: FreeTextAnswer[];
}
/**
 * An item of the checklist that two evaluators scored apart.
 */
export interface DifferenceAnswer {
  key: string;
}
export interface ItemScoreAnswer {
  score: 0 | 1 | 2 | "na";
  at: string | null;
  comment: string;
}
/**
 * `percent` and `is_passed` are null where nothing was to be scored.
 */
export interface ScoreSheetAnswer {
  by: AuthorAnswer;
  items: {
    [k: string]: ItemScoreAnswer;
  };
  comment: string;
  percent: number | null;
  is_passed: boolean | null;
}
/**
 * Everybody's sheets in the order in which they were begun.
 */
export interface ScoresAnswer {
  sheets: ScoreSheetAnswer[];
  differences: DifferenceAnswer[];
}
/**
 * A moment as somebody called it.
 */
export interface SeatExportMoment {
  seq: number;
  kind:
    | "opened"
    | "rhythm"
    | "step"
    | "arrest"
    | "arrest_end"
    | "news2_5"
    | "news2_7"
    | "silence"
    | "cuff"
    | "sensor_off"
    | "bookmark"
    | "end";
  title: string | null;
}
/**
 * What a colleague typed at the bedside or said in their own words; `text` is null where they gave no name.
 */
export interface SeatExportNamedBy {
  kind: "action" | "words";
  at: string | null;
  by: string | null;
  text: string | null;
}
export interface SeatExportSeat {
  id: string;
  name: string;
  joined_at: string;
  removed_at: string | null;
}
export interface SeatExportSession {
  id: string;
  title: string;
  created_at: string;
  closed_at: string | null;
}
/**
 * `left_at` is null while they are there.
 */
export interface SpanAnswer {
  joined_at: string;
  left_at: string | null;
}
/**
 * `seat_id` and `name` are null where it came without a name.
 */
export interface ToldReflectionAnswer {
  seat_id: string | null;
  name: string | null;
  words: string;
  scores: {
    [k: string]: 0 | 1 | 2 | "na";
  };
}
/**
 * Everything about one seat: `notes`, `annotations` and `moments` are those that name whoever sat there, `scores`
 * those of the team, `own_words` what came from the seat with its name, and `named_by` colleagues' texts that name it.
 */
export interface SeatExportAnswer {
  session: SeatExportSession;
  seat: SeatExportSeat;
  attendance: SpanAnswer[];
  actions: EventAnswer[];
  notes: EventAnswer[];
  annotations: AnnotationAnswer[];
  moments: SeatExportMoment[];
  scores: ScoresAnswer;
  own_words: ToldReflectionAnswer[];
  named_by: SeatExportNamedBy[];
}
export interface ViewBody {
  view: "opened" | "printed";
}
export interface KeyTimeAnswer {
  marker: string;
  from: string;
  seconds: number | null;
  target_seconds: number | null;
  is_met: boolean | null;
}
/**
 * From `at` on, until the next ones.
 */
export interface LimitsSinceAnswer {
  at: string;
  limits: LimitsJson;
}
/**
 * Known by `seq` and `kind`. A screen says it by `text_key` and `details`; `title` is what a person called it.
 */
export interface MomentAnswer {
  at: string;
  seq: number;
  kind:
    | "opened"
    | "rhythm"
    | "step"
    | "arrest"
    | "arrest_end"
    | "news2_5"
    | "news2_7"
    | "silence"
    | "cuff"
    | "sensor_off"
    | "bookmark"
    | "end";
  text_key:
    | "opened"
    | "rhythm"
    | "step"
    | "case_ended"
    | "arrest"
    | "arrest_end"
    | "news2_5"
    | "news2_7"
    | "silence"
    | "cuff"
    | "sensor_off"
    | "marker"
    | "note"
    | "bedside_mark"
    | "end";
  details: {
    [k: string]: unknown;
  };
  is_hidden: boolean;
  title: string | null;
}
/**
 * From `at` on. While `missing` names something, `total` is the least it can be; null while there is no pulse.
 *
 * `mean` is in mmHg.
 */
export interface News2Answer {
  at: string;
  total: number | null;
  parts: News2PartsAnswer;
  band: ("low" | "low_medium" | "medium" | "high") | null;
  missing: ("respiratory_rate" | "spo2" | "oxygen" | "systolic" | "heart_rate" | "consciousness" | "temperature")[];
  mean: number | null;
  shock_index: number | null;
}
/**
 * Null while there is no pulse, and for a sign that nobody could know.
 */
export interface News2PartsAnswer {
  respiratory_rate: number | null;
  spo2: number | null;
  oxygen: number | null;
  systolic: number | null;
  heart_rate: number | null;
  consciousness: number | null;
  temperature: number | null;
}
export interface PauseAnswer {
  at: string;
  seconds: number;
}
/**
 * `end_at` and `end` are null while the arrest lasts. Compressions are what was switched by hand, +-2 s.
 */
export interface ResuscitationAnswer {
  onset_seq: number;
  onset_at: string;
  end_at: string | null;
  end: ("rosc" | "case_end") | null;
  seconds: number;
  compressions_seconds: number;
  no_flow_seconds: number;
  no_flow_fraction: number | null;
  compression_fraction: number | null;
  compression_fraction_from_first: number | null;
  pauses: PauseAnswer[];
  longest_pause_seconds: number | null;
  pauses_over_10: number;
  shocks: ShockAnswer[];
  to_recognition_seconds: number | null;
  to_compressions_seconds: number | null;
  to_shock_seconds: number | null;
  to_adrenaline_seconds: number | null;
  third_shock_to_adrenaline_seconds: number | null;
  to_rosc_seconds: number | null;
  shock_intervals: number[];
  adrenaline_intervals: number[];
  rhythm_check_intervals: number[];
}
/**
 * `pre_seconds` null: there were no compressions before; `post_seconds` null: there were none after.
 */
export interface ShockAnswer {
  at: string;
  pre_seconds: number | null;
  post_seconds: number | null;
}
export interface SeatAttendanceAnswer {
  seat_id: string;
  name: string;
  spans: SpanAnswer[];
}
export interface DebriefAnswer {
  duration_seconds: number;
  moments: MomentAnswer[];
  times: KeyTimeAnswer[];
  resuscitation: ResuscitationAnswer[];
  news2: News2Answer[];
  scores: ScoresAnswer;
  attendance: SeatAttendanceAnswer[];
  limits_since: LimitsSinceAnswer[];
  reflections: ToldReflectionAnswer[];
}
/**
 * What is not sent stays as it is; `title` null or empty: it is called as before.
 */
export interface MomentChangeBody {
  is_hidden?: boolean | null;
  title?: string | null;
}
export interface ScoresBody {
  /**
   * By the keys of the checklist of the session's case; what is left out is not scored.
   */
  items: {
    [k: string]: {
      /**
       * Not done, partly done, done; not applicable.
       */
      score: 0 | 1 | 2 | "na";
      at?: string | null;
      comment?: string | null;
    };
  };
  comment?: string | null;
}
export interface CriterionAnswer {
  key: string;
  text: string;
}
/**
 * `title` is the public one.
 */
export interface ReflectedSessionAnswer {
  id: string;
  title: string;
  ended_at: string;
}
/**
 * What evaluators and trainers wrote about the session.
 */
export interface SharedWithSeatAnswer {
  scores: ScoresAnswer;
  annotations: AnnotationAnswer[];
}
/**
 * A seat's own; `shared` is null while the trainer shares nothing.
 */
export interface ReflectionAnswer {
  session: ReflectedSessionAnswer;
  until: string;
  checklist: CriterionAnswer[];
  words: string;
  scores: {
    [k: string]: 0 | 1 | 2 | "na";
  };
  is_anonymous: boolean;
  shared: SharedWithSeatAnswer | null;
}
/**
 * What is left out stays as it is.
 */
export interface ReflectionBody {
  words?: string | null;
  scores?: {
    [k: string]: 0 | 1 | 2 | "na";
  } | null;
  is_anonymous?: boolean | null;
}
/**
 * The link is told this once; nulls when all have ended.
 */
export interface ShareAnswer {
  url: string | null;
  expires_at: string | null;
}
/**
 * One of them, or neither.
 */
export interface ShareBody {
  days?: number | null;
  expires_at?: string | null;
}
export interface OpenShareAnswer {
  by: AuthorAnswer;
  created_at: string;
  expires_at: string;
}
/**
 * Links that may be opened now, in the order of making; where each leads only whoever has it knows.
 */
export interface OpenSharesAnswer {
  items: OpenShareAnswer[];
}
/**
 * The debrief, and what its sheet is made of; `expires_at` is when the link ends.
 */
export interface SharedDebriefAnswer {
  duration_seconds: number;
  moments: MomentAnswer[];
  times: KeyTimeAnswer[];
  resuscitation: ResuscitationAnswer[];
  news2: News2Answer[];
  scores: ScoresAnswer;
  attendance: SeatAttendanceAnswer[];
  limits_since: LimitsSinceAnswer[];
  reflections: ToldReflectionAnswer[];
  title: string;
  trainee_name: string | null;
  created_at: string;
  closed_at: string | null;
  expires_at: string;
  limits: LimitsJson;
  case: CaseAnswer | null;
  annotations: AnnotationAnswer[];
  events: EventAnswer[];
}
/**
 * Scores from 0 to 2, of the attempts in which the item was scored.
 */
export interface ComparedItemAnswer {
  key: string;
  n: number;
  median: number;
  range: number[];
}
export interface ComparedTimeAnswer {
  marker: string;
  from: string;
  n: number;
  share_done: number;
  median: number | null;
  range: number[] | null;
}
/**
 * Empty and `hidden` while fewer than 5 people stand behind it.
 */
export interface ComparisonAnswer {
  times: ComparedTimeAnswer[];
  items: ComparedItemAnswer[];
  hidden: boolean;
}
export interface TemplateAnswer {
  id: string;
  school_id: string;
  title: string;
  public_title: string;
  description: string;
  duration_minutes: number | null;
  pass_percent: number | null;
  vitals: SignsJson;
  rhythm: RhythmJson | null;
  flags: FlagsJson;
  steps: TemplateStepAnswer[];
  limits: LimitsJson;
  checklist: ChecklistItemAnswer[];
  targets: TargetAnswer[];
  language: string | null;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
  version: number;
}
export interface TemplatePage {
  items: TemplateAnswer[];
  next_cursor: string | null;
}
export interface StepBody {
  key?: string | null;
  title: string;
  at_seconds?: number | null;
  ramp_seconds?: number;
  /**
   * Only the named signs change. After the merge, diastolic may not be above systolic.
   */
  vitals?: {
    /**
     * /min
     */
    heart_rate?: number;
    /**
     * mmHg
     */
    systolic?: number;
    /**
     * mmHg
     */
    diastolic?: number;
    /**
     * %
     */
    spo2?: number;
    /**
     * /min
     */
    respiratory_rate?: number;
    /**
     * mmHg
     */
    etco2?: number;
    /**
     * °C, one decimal
     */
    temperature?: number;
  };
  rhythm?:
    | "sinus"
    | "atrial_fibrillation"
    | "atrial_flutter"
    | "svt"
    | "av_block_1"
    | "av_block_2_wenckebach"
    | "av_block_2_mobitz"
    | "av_block_3"
    | "junctional"
    | "idioventricular"
    | "ventricular_tachycardia"
    | "torsades"
    | "ventricular_fibrillation"
    | "ventricular_fibrillation_fine"
    | "asystole"
    | "stemi"
    | "paced"
    | "pvc_bigeminy";
  /**
   * Known to monitor and debrief: ecg_off, spo2_off, nibp_off, co2_off, temp_off, pulseless, cpr, respiratory_distress, cardiac_arrest, dysglycaemia, haemorrhage, loss_of_consciousness, consciousness, oxygen, spo2_scale_2; others are kept and relayed. null removes a flag.
   */
  flags?: {
    [k: string]: boolean | string | null;
  };
  note?: string | null;
  transitions?: {
    /**
     * The key of a step; null is the end of the case.
     */
    to: string | null;
    label?: string | null;
    /**
     * False: the trainer's button lights up, nothing moves.
     */
    automatic?: boolean;
    /**
     * Seconds in this step, pauses not counted; conditions that are true at once, held for so long; the marker or the action, so often since the step began; or by hand alone.
     */
    on:
      | {
          after: number;
        }
      | {
          /**
           * @minItems 1
           * @maxItems 4
           *
           * Items: Of the value as it is shown, rounded; `mean` is the mean pressure. An absent flag is false.
           */
          when: (
            | {
                sign:
                  | "heart_rate"
                  | "systolic"
                  | "diastolic"
                  | "spo2"
                  | "respiratory_rate"
                  | "etco2"
                  | "temperature"
                  | "mean";
                op: "lt" | "le" | "gt" | "ge";
                value: number;
              }
            | {
                flag: string;
                is: boolean | string;
              }
            | {
                rhythm:
                  | "sinus"
                  | "atrial_fibrillation"
                  | "atrial_flutter"
                  | "svt"
                  | "av_block_1"
                  | "av_block_2_wenckebach"
                  | "av_block_2_mobitz"
                  | "av_block_3"
                  | "junctional"
                  | "idioventricular"
                  | "ventricular_tachycardia"
                  | "torsades"
                  | "ventricular_fibrillation"
                  | "ventricular_fibrillation_fine"
                  | "asystole"
                  | "stemi"
                  | "paced"
                  | "pvc_bigeminy";
              }
          )[];
          hold?: number;
        }
      | {
          marker: string;
          count?: number;
        }
      | {
          action: string;
          count?: number;
        }
      | {
          manual: true;
        };
  }[];
}
export interface TemplateBody {
  id?: string | null;
  title: string;
  public_title?: string;
  description?: string;
  duration_minutes?: number | null;
  pass_percent?: number | null;
  /**
   * Only the named signs change. After the merge, diastolic may not be above systolic.
   */
  vitals?: {
    /**
     * /min
     */
    heart_rate?: number;
    /**
     * mmHg
     */
    systolic?: number;
    /**
     * mmHg
     */
    diastolic?: number;
    /**
     * %
     */
    spo2?: number;
    /**
     * /min
     */
    respiratory_rate?: number;
    /**
     * mmHg
     */
    etco2?: number;
    /**
     * °C, one decimal
     */
    temperature?: number;
  };
  rhythm?:
    | "sinus"
    | "atrial_fibrillation"
    | "atrial_flutter"
    | "svt"
    | "av_block_1"
    | "av_block_2_wenckebach"
    | "av_block_2_mobitz"
    | "av_block_3"
    | "junctional"
    | "idioventricular"
    | "ventricular_tachycardia"
    | "torsades"
    | "ventricular_fibrillation"
    | "ventricular_fibrillation_fine"
    | "asystole"
    | "stemi"
    | "paced"
    | "pvc_bigeminy";
  /**
   * Known to monitor and debrief: ecg_off, spo2_off, nibp_off, co2_off, temp_off, pulseless, cpr, respiratory_distress, cardiac_arrest, dysglycaemia, haemorrhage, loss_of_consciousness, consciousness, oxygen, spo2_scale_2; others are kept and relayed. null removes a flag.
   */
  flags?: {
    [k: string]: boolean | string | null;
  };
  steps?: StepBody[];
  /**
   * Alarm limits; null means no limit on that side. What is not named keeps the adult default.
   */
  limits?: {
    heart_rate?: {
      low?: number | null;
      high?: number | null;
    };
    spo2?: {
      low?: number | null;
      high?: number | null;
    };
    systolic?: {
      low?: number | null;
      high?: number | null;
    };
    diastolic?: {
      low?: number | null;
      high?: number | null;
    };
    mean?: {
      low?: number | null;
      high?: number | null;
    };
    respiratory_rate?: {
      low?: number | null;
      high?: number | null;
    };
    etco2?: {
      low?: number | null;
      high?: number | null;
    };
    temperature?: {
      low?: number | null;
      high?: number | null;
    };
  };
  /**
   * Items: A bare text is an item of that text, under a key that is made for it.
   */
  checklist?: (
    | string
    | {
        key?: string | null;
        text: string;
        critical?: boolean;
        marker?: string | null;
        target_seconds?: number | null;
        /**
         * What the time is counted from: `start`, `arrest`, or a marker.
         */
        from?: string | null;
      }
  )[];
  targets?: {
    marker: string;
    /**
     * What the time is counted from: `start`, `arrest`, or a marker.
     */
    from?: string;
    seconds: number;
  }[];
  language?: string | null;
}
export interface CaseWarningAnswer {
  code: "unreachable" | "no_way_out" | "moves_limit" | "impossible_step";
  step: string;
}
export interface DryMoveAnswer {
  at_seconds: number;
  from: string | null;
  step: string | null;
  because: TriggerJson | null;
}
/**
 * In `step`, the trainer's button that leads to `to` lights up; null is the end of the case.
 */
export interface DrySuggestionAnswer {
  at_seconds: number;
  step: string;
  to: string | null;
  label: string | null;
  because: TriggerJson;
}
/**
 * `moves` begins with the first step; it looks as far ahead as the case lasts, or an hour.
 */
export interface DryRunAnswer {
  moves: DryMoveAnswer[];
  suggestions: DrySuggestionAnswer[];
  warnings: CaseWarningAnswer[];
}
export interface TriedActionBody {
  action: string;
  at_seconds: number;
}
export interface TriedMarkerBody {
  marker: string;
  at_seconds: number;
}
export interface DryRunBody {
  template: TemplateBody;
  /**
   * @maxItems 300
   */
  markers?: TriedMarkerBody[];
  /**
   * @maxItems 300
   */
  actions?: TriedActionBody[];
}
/**
 * One line of the report; `code` and `values` say in any language what `message` says in English.
 */
export interface ImportEntryAnswer {
  level: "info" | "warning" | "error";
  kind: "file" | "taken" | "changed" | "left_out";
  code:
    | "empty_file"
    | "compressed"
    | "not_utf8"
    | "utf_16"
    | "holds_nul"
    | "unknown_format"
    | "json_broken"
    | "json_deep"
    | "json_large"
    | "xml_broken"
    | "xml_entities"
    | "xml_deep"
    | "xml_large"
    | "ii_version"
    | "ii_not_base64"
    | "ii_not_decrypted"
    | "ii_large"
    | "version_unknown"
    | "no_case"
    | "wrong_hash"
    | "repeated_name"
    | "case_refused"
    | "more"
    | "recognised"
    | "case_taken"
    | "limits_taken"
    | "unit_converted"
    | "clamped"
    | "rounded"
    | "diastolic_lowered"
    | "rhythm_replaced"
    | "ramps_merged"
    | "range_replaced"
    | "text_shortened"
    | "characters_removed"
    | "title_made"
    | "key_made"
    | "made_suggestion"
    | "event_became_marker"
    | "not_used"
    | "not_a_number"
    | "unknown_rhythm"
    | "not_understood"
    | "leads_nowhere"
    | "too_many";
  field: string;
  message: string;
  values: {
    [k: string]: string | number | string[];
  };
}
/**
 * What a client writes of a template: send it to `POST /templates` to keep it.
 */
export interface TemplateDraftAnswer {
  title: string;
  public_title: string;
  description: string;
  duration_minutes: number | null;
  pass_percent: number | null;
  vitals: SignsJson;
  rhythm: RhythmJson | null;
  flags: FlagsJson;
  steps: TemplateStepAnswer[];
  limits: LimitsJson;
  checklist: ChecklistItemAnswer[];
  targets: TargetAnswer[];
  language: string | null;
}
export interface ImportAnswer {
  templates: TemplateDraftAnswer[];
  report: ImportEntryAnswer[];
}
export interface TemplateChangeBody {
  title?: string;
  public_title?: string;
  description?: string;
  duration_minutes?: number | null;
  pass_percent?: number | null;
  /**
   * Only the named signs change. After the merge, diastolic may not be above systolic.
   */
  vitals?: {
    /**
     * /min
     */
    heart_rate?: number;
    /**
     * mmHg
     */
    systolic?: number;
    /**
     * mmHg
     */
    diastolic?: number;
    /**
     * %
     */
    spo2?: number;
    /**
     * /min
     */
    respiratory_rate?: number;
    /**
     * mmHg
     */
    etco2?: number;
    /**
     * °C, one decimal
     */
    temperature?: number;
  };
  rhythm?:
    | "sinus"
    | "atrial_fibrillation"
    | "atrial_flutter"
    | "svt"
    | "av_block_1"
    | "av_block_2_wenckebach"
    | "av_block_2_mobitz"
    | "av_block_3"
    | "junctional"
    | "idioventricular"
    | "ventricular_tachycardia"
    | "torsades"
    | "ventricular_fibrillation"
    | "ventricular_fibrillation_fine"
    | "asystole"
    | "stemi"
    | "paced"
    | "pvc_bigeminy";
  /**
   * Known to monitor and debrief: ecg_off, spo2_off, nibp_off, co2_off, temp_off, pulseless, cpr, respiratory_distress, cardiac_arrest, dysglycaemia, haemorrhage, loss_of_consciousness, consciousness, oxygen, spo2_scale_2; others are kept and relayed. null removes a flag.
   */
  flags?: {
    [k: string]: boolean | string | null;
  };
  steps?: StepBody[];
  /**
   * Alarm limits; null means no limit on that side. What is not named keeps the adult default.
   */
  limits?: {
    heart_rate?: {
      low?: number | null;
      high?: number | null;
    };
    spo2?: {
      low?: number | null;
      high?: number | null;
    };
    systolic?: {
      low?: number | null;
      high?: number | null;
    };
    diastolic?: {
      low?: number | null;
      high?: number | null;
    };
    mean?: {
      low?: number | null;
      high?: number | null;
    };
    respiratory_rate?: {
      low?: number | null;
      high?: number | null;
    };
    etco2?: {
      low?: number | null;
      high?: number | null;
    };
    temperature?: {
      low?: number | null;
      high?: number | null;
    };
  };
  /**
   * Items: A bare text is an item of that text, under a key that is made for it.
   */
  checklist?: (
    | string
    | {
        key?: string | null;
        text: string;
        critical?: boolean;
        marker?: string | null;
        target_seconds?: number | null;
        /**
         * What the time is counted from: `start`, `arrest`, or a marker.
         */
        from?: string | null;
      }
  )[];
  targets?: {
    marker: string;
    /**
     * What the time is counted from: `start`, `arrest`, or a marker.
     */
    from?: string;
    seconds: number;
  }[];
  language?: string | null;
}
/**
 * `title` is what trainees read; whoever has the `url` may begin until `until`, unless it was withdrawn.
 */
export interface AssignmentAnswer {
  id: string;
  template_id: string;
  trainer_id: string;
  title: string;
  until: string;
  url: string;
  token: string;
  created_at: string;
  withdrawn_at: string | null;
  tries: number;
  open_tries: number;
}
export interface AssignmentPage {
  items: AssignmentAnswer[];
  next_cursor: string | null;
}
/**
 * `ends_by_itself`: whether the case reaches an end with no trainer there; if not, a try ends with its time.
 */
export interface AddedAssignmentAnswer {
  id: string;
  template_id: string;
  trainer_id: string;
  title: string;
  until: string;
  url: string;
  token: string;
  created_at: string;
  withdrawn_at: string | null;
  tries: number;
  open_tries: number;
  ends_by_itself: boolean;
}
/**
 * `title` is what trainees read.
 */
export interface AssignmentBody {
  id?: string | null;
  template_id: string;
  title: string;
  until: string;
}
/**
 * `ended` is null while it is under way; `played_out`: its case came to its end.
 */
export interface TryAnswer {
  session_id: string;
  name: string;
  begun_at: string;
  closed_at: string | null;
  ended: ("played_out" | "closed" | "expired") | null;
}
export interface TryPage {
  items: TryAnswer[];
  next_cursor: string | null;
}
/**
 * What a link opens. `actions` are those that the case waits for or asks for: `action:take` takes them.
 */
export interface OfferAnswer {
  title: string;
  until: string;
  duration_minutes: number;
  language: string | null;
  actions: string[];
}
export interface OpenedAnswer {
  code: string;
}
export interface OpenAssignmentBody {
  id?: string | null;
  name: string;
}
export interface AuditAnswer {
  id: string;
  at: string;
  by: AuditAuthorAnswer;
  action:
    | "added"
    | "changed"
    | "deleted"
    | "opened"
    | "closed"
    | "exported"
    | "imported"
    | "revoked"
    | "let_in"
    | "forgotten"
    | "taken_over"
    | "invited"
    | "withdrawn"
    | "login_ended"
    | "shared"
    | "share_ended"
    | "share_opened"
    | "locked"
    | "unlocked"
    | "names_out"
    | "printed";
  subject: AuditSubjectAnswer;
  details: {
    [k: string]: unknown;
  };
}
export interface AuditSubjectAnswer {
  type: "trainer" | "template" | "session" | "school" | "hall" | "invitation" | "assignment" | "device";
  id: string;
}
export interface AuditPage {
  items: AuditAnswer[];
  next_cursor: string | null;
}
export interface FieldErrorAnswer {
  field: string;
  message: string;
}
export interface NamedAnswer {
  id: string;
  name: string;
}
/**
 * Something that the central server does not take.
 */
export interface RefusedRowAnswer {
  type: string;
  id: string;
  reason: string;
  errors: FieldErrorAnswer[];
  at: string;
}
/**
 * Why nothing is sent at the moment.
 */
export interface UpstreamProblemAnswer {
  kind:
    | "no_connection"
    | "clock"
    | "certificate"
    | "login_page"
    | "wrong_token"
    | "revoked"
    | "central_too_old"
    | "another_school"
    | "busy"
    | "refused"
    | "central_failed";
  detail: string;
}
/**
 * What a hall has not sent yet, and since when the oldest of it waits.
 */
export interface WaitingAnswer {
  templates: number;
  sessions: number;
  events: number;
  annotations: number;
  since: string | null;
}
/**
 * How a hall server stands with its central one.
 */
export interface UpstreamAnswer {
  url: string;
  school: NamedAnswer | null;
  hall: NamedAnswer | null;
  release: string;
  central_release: string | null;
  contacted_at: string | null;
  completed_at: string | null;
  next_try_at: string | null;
  waiting: WaitingAnswer;
  refused: RefusedRowAnswer[];
  conflicts: number;
  clock_offset_ms: number | null;
  problem: UpstreamProblemAnswer | null;
  is_well: boolean;
}
/**
 * `trainers` are those that may log in there; "all": all who are no admins.
 */
export interface HallAnswer {
  id: string;
  name: string;
  trainers: string[] | "all";
  created_at: string;
  revoked_at: string | null;
  last_seen_at: string | null;
  release: string | null;
  waiting: WaitingAnswer | null;
  clock_offset_ms: number | null;
  open_sessions: number;
}
export interface HallPage {
  items: HallAnswer[];
  next_cursor: string | null;
}
/**
 * The token is told this once.
 */
export interface AddedHallAnswer {
  id: string;
  name: string;
  trainers: string[] | "all";
  created_at: string;
  revoked_at: string | null;
  last_seen_at: string | null;
  release: string | null;
  waiting: WaitingAnswer | null;
  clock_offset_ms: number | null;
  open_sessions: number;
  token: string;
}
export interface HallBody {
  name: string;
  /**
   * Who may log in at the hall; all: those of the school who are no admins.
   */
  trainers: "all" | string[];
}
export interface UpBody {
  clientId: string;
  serverEpoch?: string | null;
  /**
   * The `syncTimestamp` of the last page; null or 0: begin.
   */
  lastSyncTimestamp?: number | string | null;
  /**
   * @maxItems 500
   */
  events: {
    [k: string]: unknown;
  }[];
}
export interface DownBody {
  clientId: string;
  serverEpoch?: string | null;
  /**
   * The `syncTimestamp` of the last page; null or 0: begin.
   */
  lastSyncTimestamp?: number | string | null;
  entityTypes?: string[] | null;
  limit?: number | null;
}
export interface ResolveBody {
  keep: "server" | "local";
  /**
   * The `syncTimestamp` of the last page; null or 0: begin.
   */
  serverVersion: number | string | null;
  payload?: {
    [k: string]: unknown;
  } | null;
}
export interface WaitingBody {
  templates?: number;
  sessions?: number;
  events?: number;
  annotations?: number;
  since?: string | null;
}
export interface HelloBody {
  clientId: string;
  release: string;
  /**
   * @maxItems 500
   */
  sessions?: string[];
  waiting: WaitingBody;
  clockOffsetMs?: number | null;
}
/**
 * The `changes` of `synchronize()`; empty lists of other tables are let be.
 */
export interface PushBody {
  templates?: {
    created?: {
      [k: string]: unknown;
    }[];
    updated?: {
      [k: string]: unknown;
    }[];
    deleted?: string[];
  };
  sessions?: {
    created?: {
      [k: string]: unknown;
    }[];
    updated?: {
      [k: string]: unknown;
    }[];
    deleted?: string[];
  };
}
export interface MarkSyncedBody {
  /**
   * @maxItems 500
   */
  changes: {
    entityType: "TEMPLATE" | "SESSION" | "SESSION_EVENT" | "TRAINER";
    tempId: string | number;
    payload: {
      [k: string]: unknown;
    };
  }[];
  deviceId: string;
}
export interface AddressesAnswer {
  public_url: string | null;
  network_urls: string[];
}
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: RefusalCode;
  detail: string;
  errors?: FieldErrorAnswer[];
  hall?: string;
  moved_to?: string;
}
export interface AckError {
  code: RefusalCode;
  detail: string;
  errors?: FieldErrorAnswer[];
  hall?: string;
  moved_to?: string;
}
export interface RefusedAck {
  ok: false;
  error: AckError;
}
export interface WatchMessage {
  session_id: string;
  after_seq?: number | null;
}
export interface TraineeAnswer {
  seat_id: string;
  name: string;
  connected: boolean;
  joined_at: string;
}
export interface WatchAck {
  ok: true;
  session: SessionAnswer;
  events: EventAnswer[];
  trainees: TraineeAnswer[];
  server_time: string;
}
export interface SessionMessage {
  session_id: string;
}
export interface OkAck {
  ok: true;
}
export interface VitalsMessage {
  id: string;
  session_id: string;
  /**
   * Only the named signs change. After the merge, diastolic may not be above systolic.
   */
  vitals?: {
    /**
     * /min
     */
    heart_rate?: number;
    /**
     * mmHg
     */
    systolic?: number;
    /**
     * mmHg
     */
    diastolic?: number;
    /**
     * %
     */
    spo2?: number;
    /**
     * /min
     */
    respiratory_rate?: number;
    /**
     * mmHg
     */
    etco2?: number;
    /**
     * °C, one decimal
     */
    temperature?: number;
  };
  rhythm?:
    | "sinus"
    | "atrial_fibrillation"
    | "atrial_flutter"
    | "svt"
    | "av_block_1"
    | "av_block_2_wenckebach"
    | "av_block_2_mobitz"
    | "av_block_3"
    | "junctional"
    | "idioventricular"
    | "ventricular_tachycardia"
    | "torsades"
    | "ventricular_fibrillation"
    | "ventricular_fibrillation_fine"
    | "asystole"
    | "stemi"
    | "paced"
    | "pvc_bigeminy";
  /**
   * Known to monitor and debrief: ecg_off, spo2_off, nibp_off, co2_off, temp_off, pulseless, cpr, respiratory_distress, cardiac_arrest, dysglycaemia, haemorrhage, loss_of_consciousness, consciousness, oxygen, spo2_scale_2; others are kept and relayed. null removes a flag.
   */
  flags?: {
    [k: string]: boolean | string | null;
  };
  ramp_seconds?: number;
  step?: string | null;
  made_at?: string | null;
}
export interface EventAck {
  ok: true;
  event: EventAnswer;
}
export interface NoteMessage {
  id: string;
  session_id: string;
  text?: string | null;
  marker?: string | null;
  made_at?: string | null;
}
export interface AnnotationAck {
  ok: true;
  annotation: AnnotationAnswer;
}
export interface TrainerActionMessage {
  id: string;
  action: string;
  details?: {
    [k: string]: unknown;
  } | null;
  made_at?: string | null;
  session_id: string;
}
export interface ControlMessage {
  id: string;
  session_id: string;
  action: "start" | "pause" | "resume" | "automation_off" | "automation_on";
  made_at?: string | null;
}
/**
 * The event that says so, also if that was an earlier one; null if nothing had to be said, ever.
 */
export interface CaseAck {
  ok: true;
  event: EventAnswer | null;
}
export interface SessionAck {
  ok: true;
  session: SessionAnswer;
}
export interface RemoveMessage {
  session_id: string;
  seat_id: string;
}
export interface Empty {}
export interface ClockAck {
  ok: true;
  server_time: string;
}
export interface VitalsPushedMessage {
  session_id: string;
  seq: number | null;
  at: string;
  last_values: LastValuesJson;
  provisional?: boolean;
}
export interface TraineesChangedMessage {
  session_id: string;
  trainees: TraineeAnswer[];
}
export interface TrainersChangedMessage {
  session_id: string;
  trainer_ids: string[];
}
export interface ClosedMessage {
  id: string;
  code: string;
  title: string;
  public_title: string;
  trainee_name: string | null;
  trainer_id: string;
  co_trainer_ids: string[];
  limits: LimitsJson;
  shows_conditions: boolean;
  paused_at: string | null;
  forked_from: ForkedFromAnswer | null;
  school_id: string;
  template_id: string | null;
  created_at: string;
  updated_at: string;
  expires_at: string;
  closed_at: string | null;
  close_reason: ("closed" | "expired") | null;
  last_values: LastValuesJson;
  last_seq: number;
  version: number;
  hall: HomeHallAnswer | null;
  clock_offset_ms: number | null;
  lock: SessionLockAnswer | null;
  names_out_at: string | null;
  reason: "closed" | "expired";
}
export interface SchoolChangedMessage {
  version: number;
}
export interface TrainerAuth {
  token?: string | null;
}
export interface ActionMessage {
  id: string;
  action: string;
  details?: {
    [k: string]: unknown;
  } | null;
  made_at?: string | null;
}
export interface SeatAnswer {
  id: string;
  token: string;
  name: string;
}
export interface JoinedMessage {
  session: PublicSessionAnswer;
  seat: SeatAnswer;
  server_time: string;
}
export interface PublicClosedMessage {
  id: string;
  code: string;
  title: string;
  trainee_name: string | null;
  shows_conditions: boolean;
  paused_at: string | null;
  expires_at: string;
  closed_at: string | null;
  close_reason: ("closed" | "expired") | null;
  last_values: LastValuesJson;
  last_seq: number;
  limits: LimitsJson;
  reason: "closed" | "expired";
}
/**
 * Join there, under this name.
 */
export interface MovedMessage {
  code: string;
  name: string;
}
export interface TraineeAuth {
  code: string;
  name?: string | null;
  seat?: string | null;
  after_seq?: number | null;
}
export interface TrainerSends {
  "session:watch": {
    data: WatchMessage;
    ack: WatchAck | RefusedAck;
  };
  "session:unwatch": {
    data: SessionMessage;
    ack: OkAck | RefusedAck;
  };
  "vitals:push": {
    data: VitalsMessage;
    ack: EventAck | RefusedAck;
  };
  "note:add": {
    data: NoteMessage;
    ack: (EventAck | AnnotationAck) | RefusedAck;
  };
  "action:take": {
    data: TrainerActionMessage;
    ack: EventAck | RefusedAck;
  };
  "case:control": {
    data: ControlMessage;
    ack: CaseAck | RefusedAck;
  };
  "session:close": {
    data: SessionMessage;
    ack: SessionAck | RefusedAck;
  };
  "trainee:remove": {
    data: RemoveMessage;
    ack: OkAck | RefusedAck;
  };
  "clock:read": {
    data: Empty;
    ack: ClockAck | RefusedAck;
  };
}
export interface TrainerHears {
  "vitals:pushed": VitalsPushedMessage;
  "event:added": EventAnswer;
  "trainees:changed": TraineesChangedMessage;
  "trainers:changed": TrainersChangedMessage;
  "session:updated": SessionAnswer;
  "session:closed": ClosedMessage;
  "sync:changed": SchoolChangedMessage;
}
export interface TraineeSends {
  "action:take": {
    data: ActionMessage;
    ack: EventAck | RefusedAck;
  };
  "clock:read": {
    data: Empty;
    ack: ClockAck | RefusedAck;
  };
}
export interface TraineeHears {
  "session:joined": JoinedMessage;
  "vitals:pushed": VitalsPushedMessage;
  "session:updated": PublicSessionAnswer;
  "session:closed": PublicClosedMessage;
  "session:moved": MovedMessage;
}
