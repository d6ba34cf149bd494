import type * as wire from "../generated/wire";

/** What the server makes of a record (GET /sessions/{id}/debrief), by the names that the screens use. */
export type ServerMoment = wire.MomentAnswer;
export type ServerMomentKind = ServerMoment["kind"];
export type MomentChange = wire.MomentChangeBody;
/** From its moment on; `total` is null while there is no pulse. */
export type News2 = wire.News2Answer;
