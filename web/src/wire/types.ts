/**
 * What the server says and takes, by the names that the screens use; the shapes are made by `make types`.
 * Times are RFC 3339 texts in UTC.
 */

import type { SIGNS } from "../generated/catalogue";
import type * as wire from "../generated/wire";
import type { Refusal } from "./refusals";

export type { Refusal, KnownCode } from "./refusals";

export type SignName = keyof typeof SIGNS;
export type Rhythm = wire.RhythmJson;
export type LastValues = wire.LastValuesJson;
export type Signs = Pick<LastValues, SignName>;
export type Ramp = NonNullable<LastValues["ramps"][SignName]>;
export type FlagValue = LastValues["flags"][string];

/** What a push changes; a flag set to null is removed. */
export type VitalsPatch = Omit<wire.VitalsMessage, "id" | "session_id">;

export type Limits = wire.LimitsJson;
export type LimitName = keyof Limits;
export type Limit = Limits[LimitName];
/** Those that held from `at` on. */
export type LimitsSince = wire.LimitsSinceAnswer;

export type PublicSession = wire.PublicSessionAnswer;
export type Session = wire.SessionAnswer;
export type SessionSummary = wire.SessionSummaryAnswer;
export type CloseReason = NonNullable<Session["close_reason"]>;

export type SessionEvent = wire.EventAnswer;
export type EventKind = SessionEvent["kind"];

export type Annotation = wire.AnnotationAnswer;
/** A seat, a removed one too, and when somebody sat there; `left_at` is null while they do. */
export type SeatAttendance = wire.SeatAttendanceAnswer;
export type AttendanceSpan = wire.SpanAnswer;
export type Debrief = wire.DebriefAnswer;
export type Comparison = wire.ComparisonAnswer;
export type ComparedTime = wire.ComparedTimeAnswer;
export type ComparedItem = wire.ComparedItemAnswer;

export type Trainee = wire.TraineeAnswer;
export type Template = wire.TemplateAnswer;
export type TemplateStep = wire.TemplateStepAnswer;
/** What a file holds: drafts that can be kept, and what became of the rest. */
export type ImportedCases = wire.ImportAnswer;
export type ImportedCase = ImportedCases["templates"][number];
export type ImportEntry = ImportedCases["report"][number];
export type Case = wire.CaseAnswer;
export type CaseControl = wire.ControlMessage["action"];
export type DryMove = wire.DryMoveAnswer;
export type DrySuggestion = wire.DrySuggestionAnswer;
export type CaseWarning = wire.CaseWarningAnswer;
export type Trainer = wire.TrainerAnswer;
export type Hall = wire.HallAnswer;
/** With its token, which is told this once. */
export type AddedHall = wire.AddedHallAnswer;
/** Who may log in at a hall: named ones, or all who are no admins. */
/** Homework, and the sessions in which it was tried. */
export type Assignment = wire.AssignmentAnswer;
export type AddedAssignment = wire.AddedAssignmentAnswer;
export type AssignmentDraft = wire.AssignmentBody;
export type Try = wire.TryAnswer;
/** What the link of a homework opens. */
export type Offer = wire.OfferAnswer;
export type HallTrainers = Hall["trainers"];
export type Colleague = wire.ColleagueAnswer;
export type Role = Trainer["role"];
export type OwnLogin = wire.OwnLoginAnswer;
export type Invitation = wire.InvitationAnswer;
/** With its link, which is told this once. */
export type Invited = wire.InvitedAnswer;
/** As whoever has the link sees it. */
export type FoundInvitation = wire.FoundInvitationAnswer;
export type AuditEntry = wire.AuditAnswer;
export type AuditSubject = AuditEntry["subject"]["type"];
/** How long the school keeps names and records, and what is done next to ended sessions. */
export type KeptMonths = wire.RetentionAnswer;
export type DecidedMonths = wire.RetentionBody;
export type Due = wire.DueAnswer;
/** What somebody wrote in their own words about a session; `id` is that under which it is taken out with the names. */
export type FreeText = wire.FreeTextAnswer;
export type DebriefView = wire.ViewBody["view"];
/** For how many months, as trainees are told; null where nobody can say. */
export type Kept = wire.JoinAnswer["kept"];
export type Addresses = wire.AddressesAnswer;
/** How a hall server stands with its central one. */
export type Upstream = wire.UpstreamAnswer;
export type UpstreamProblem = NonNullable<Upstream["problem"]>["kind"];
export type FieldError = wire.FieldErrorAnswer;

export type Ack<T = object> = ({ ok: true } & T) | { ok: false; error: Refusal };

/** What a socket of a namespace is told, message by message: a name or a shape that the server has not does not compile. */
export type Listeners<Hears> = { [Name in keyof Hears]: (message: Hears[Name]) => void };
export type TrainerListeners = Listeners<wire.TrainerHears>;
export type TraineeListeners = Listeners<wire.TraineeHears>;
/** What it says, with the ack that comes back. */
export type Senders<Sends extends Record<keyof Sends, { data: unknown; ack: unknown }>> = {
  [Name in keyof Sends]: (message: Sends[Name]["data"], ack: (answer: Sends[Name]["ack"]) => void) => void;
};
export type TrainerSenders = Senders<wire.TrainerSends>;
export type TraineeSenders = Senders<wire.TraineeSends>;
export type TrainerMessage = keyof wire.TrainerSends;

export type Watched = Omit<wire.WatchAck, "ok">;
export type VitalsPushed = wire.VitalsPushedMessage;
export type SessionJoined = wire.JoinedMessage;
export type NewFork = wire.ForkBody;
export type Moved = wire.MovedMessage;
