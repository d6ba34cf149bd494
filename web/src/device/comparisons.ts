import type { Api } from "../wire/api";

/** What is asked of the server as it is now, and kept nowhere: attempts compared, and what one of them came to. */
export type ComparisonCalls = Pick<Api, "comparison" | "debrief">;
