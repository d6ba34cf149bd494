import { describe, expect, it } from "vitest";
import { Backoff } from "../../src/wire/backoff";
import { reduceLink, UNLINKED, type LinkHappening, type LinkState } from "../../src/wire/linkState";

const play = (...happenings: LinkHappening[]): LinkState => happenings.reduce(reduceLink, UNLINKED);
const WANTED: LinkHappening = { kind: "wanted" };
const OPENED: LinkHappening = { kind: "opened" };
const DUE: LinkHappening = { kind: "due" };
const BROKEN: LinkHappening = { kind: "broken", pause: 500 };
const UNANSWERED: LinkHappening = { kind: "unanswered", pause: 500 };

describe("a link", () => {
  it("comes back by itself after a pause, however often it breaks", () => {
    expect(play(WANTED, OPENED, BROKEN)).toMatchObject({ phase: "waiting", pause: 500 });
    expect(play(WANTED, OPENED, BROKEN, DUE, BROKEN, DUE, OPENED).phase).toBe("open");
  });

  it("that is not wanted does not come back, whatever is still told of it", () => {
    for (const late of [BROKEN, UNANSWERED, OPENED, DUE, { kind: "heard" }, { kind: "quiet" }] as LinkHappening[])
      expect(play(WANTED, OPENED, { kind: "unwanted" }, late).phase).toBe("off");
  });

  it("that is refused asks again only if it is told to", () => {
    expect(play(WANTED, { kind: "refused", comesBack: true, pause: 7_000 })).toMatchObject({ phase: "waiting", pause: 7_000 });
    expect(play(WANTED, { kind: "refused", comesBack: false, pause: 500 }, DUE).phase).toBe("off");
  });

  it("is silent until anything is heard, and only while it is open", () => {
    expect(play(WANTED, OPENED, { kind: "quiet" }).phase).toBe("silent");
    expect(play(WANTED, OPENED, { kind: "quiet" }, { kind: "heard" }).phase).toBe("open");
    expect(play(WANTED, { kind: "quiet" }).phase).toBe("connecting");
  });

  it("waits for no turn when somebody wants it now, and lets an attempt under way finish", () => {
    expect(play(WANTED, BROKEN, WANTED).phase).toBe("connecting");
    const connecting = play(WANTED);
    expect(reduceLink(connecting, WANTED)).toBe(connecting);
  });

  it("begins with the other transport after a try that was swallowed, and only after that", () => {
    expect(play(WANTED).transports).toEqual(["websocket", "polling"]);
    expect(play(WANTED, UNANSWERED, DUE).transports).toEqual(["polling", "websocket"]);
    expect(play(WANTED, UNANSWERED, DUE, UNANSWERED, DUE).transports).toEqual(["websocket", "polling"]);
    expect(play(WANTED, UNANSWERED, DUE, OPENED, BROKEN, DUE).transports).toEqual(["polling", "websocket"]);
    expect(play(WANTED, BROKEN, DUE).transports).toEqual(["websocket", "polling"]);
  });
});

describe("a backoff", () => {
  const backoff = new Backoff({ first: 500, longest: 8_000, random: () => 0 });

  it("doubles up to its longest, keeps what was asked for, and begins anew", () => {
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000]);
    expect(backoff.next(20_000)).toBe(20_000);
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });
});
