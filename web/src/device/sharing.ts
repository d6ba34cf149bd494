import type { Api } from "../wire/api";

/** Links by which a debrief is read without a login: they need the network, and nothing of them is kept here. */
export type SharingCalls = Pick<Api, "share" | "openShares" | "endShare">;
