// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { changeSeat, currentSeat, forget, forgetTitles, remember, rememberedName, seatIn, type SeatMemory } from "../../src/join/seats";

const seat = (change: Partial<SeatMemory> = {}): SeatMemory => ({
  session_id: "s1",
  code: "ABC234",
  public_title: "Man, 71",
  trainee_name: null,
  name: "Jo",
  token: null,
  expires_at: "2026-11-21T13:30:00.000Z",
  homework: null,
  ...change,
});

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

describe("the seats of a device", () => {
  it("knows none at first", () => {
    expect(currentSeat()).toBeNull();
    expect(rememberedName()).toBe("");
  });

  it("come back after a reload, with the token that came later", () => {
    remember(seat());
    changeSeat("s1", { token: "secret" });
    expect(currentSeat()).toEqual(seat({ token: "secret" }));
    expect(rememberedName()).toBe("Jo");
  });

  it("of an earlier version keep no title: it may be the name of the case", () => {
    const { public_title: _, trainee_name: __, ...old } = { ...seat({ token: "secret" }), title: "Sepsis" };
    localStorage.setItem("shiller.seat.s1", JSON.stringify(old));
    sessionStorage.setItem("shiller.seat", JSON.stringify(old));
    localStorage.setItem("shiller.session", "s1");
    expect(currentSeat()).toEqual(seat({ token: "secret", public_title: "" }));
    forgetTitles();
    expect(localStorage.getItem("shiller.seat.s1")).not.toContain("Sepsis");
    expect(sessionStorage.getItem("shiller.seat")).not.toContain("Sepsis");
    expect(currentSeat()).toEqual(seat({ token: "secret", public_title: "" }));
  });

  it("are one for each session", () => {
    remember(seat({ token: "one" }));
    remember(seat({ session_id: "s2", token: "two", name: "Camille" }));
    expect(seatIn("s1")?.token).toBe("one");
    expect(seatIn("s2")?.token).toBe("two");
    expect(rememberedName()).toBe("Camille");
  });

  it("are the tab's own: another tab may hold another seat, in the same session too", () => {
    remember(seat({ token: "mine" }));
    const theirs = JSON.stringify(seat({ token: "theirs", name: "Camille" }));
    localStorage.setItem("shiller.seat.s1", theirs);
    expect(currentSeat()?.token).toBe("mine");
    changeSeat("s1", { public_title: "Man, 72" });
    expect(currentSeat()).toMatchObject({ token: "mine", public_title: "Man, 72" });
    sessionStorage.clear();
    localStorage.setItem("shiller.seat.s1", theirs);
    expect(currentSeat()?.token).toBe("theirs");
  });

  it("are forgotten when their session is over, and the name is not", () => {
    remember(seat({ token: "secret" }));
    forget("s1");
    expect(currentSeat()).toBeNull();
    expect(seatIn("s1")).toBeNull();
    expect(rememberedName()).toBe("Jo");
  });

  it("do not fill the device over the years", () => {
    for (let i = 0; i < 40; i += 1)
      remember(seat({ session_id: `s${i}`, expires_at: new Date(Date.UTC(2026, 0, 1 + i)).toISOString() }));
    const kept = Object.keys(localStorage).filter((key) => key.startsWith("shiller.seat."));
    expect(kept).toHaveLength(12);
    expect(seatIn("s39")).not.toBeNull();
    expect(seatIn("s0")).toBeNull();
  });

  it("survive what somebody else has written there", () => {
    localStorage.setItem("shiller.seat.s1", "{not json");
    localStorage.setItem("shiller.session", "s1");
    expect(currentSeat()).toBeNull();
    localStorage.setItem("shiller.seat.s1", "null");
    expect(currentSeat()).toBeNull();
  });

  it("last as long as the page where nothing can be kept", () => {
    const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    remember(seat({ session_id: "s9", token: "secret" }));
    expect(currentSeat()?.token).toBe("secret");
    full.mockRestore();
    forget("s9");
  });
});
