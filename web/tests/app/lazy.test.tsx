// @vitest-environment happy-dom
import { render, type ComponentType } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import { Lazy } from "../../src/app/lazy";
import { until } from "../until";

type Load = () => Promise<ComponentType<{ of: string }>>;

const page = (name: string) => (props: { of: string }) => (
  <p>
    {name} {props.of}
  </p>
);
const failed = <p>failed</p>;
const waiting = <p>waiting</p>;
const text = () => document.body.textContent;
const show = (load: Load, of: string) =>
  act(() => render(<Lazy load={load} with={{ of }} failed={failed} waiting={waiting} />, document.body));

afterEach(() => render(null, document.body));

it("shows a page once it has come, and at once from then on", async () => {
  const load = vi.fn<Load>(() => Promise.resolve(page("halls")));
  await show(load, "A");
  await until(() => expect(text()).toBe("halls A"));
  await show(load, "B");
  expect(text()).toBe("halls B");
  render(null, document.body);
  render(<Lazy load={load} with={{ of: "C" }} failed={failed} waiting={waiting} />, document.body);
  expect(text()).toBe("halls C");
  expect(load).toHaveBeenCalledTimes(1);
});

it("shows nothing of the page before while another one is on its way in its place", async () => {
  await show(() => Promise.resolve(page("halls")), "A");
  await until(() => expect(text()).toBe("halls A"));
  let come: (page: ComponentType<{ of: string }>) => void = () => {};
  const load: Load = () => new Promise((resolve) => (come = resolve));
  await show(load, "B");
  expect(text()).toBe("waiting");
  come(page("school"));
  await until(() => expect(text()).toBe("school B"));
});

it("says that a page did not come, and asks for it again when it is opened anew", async () => {
  const load = vi.fn<Load>().mockRejectedValueOnce(new TypeError("offline")).mockResolvedValueOnce(page("audit"));
  await show(load, "A");
  await until(() => expect(text()).toBe("failed"));
  render(null, document.body);
  await show(load, "A");
  await until(() => expect(text()).toBe("audit A"));
});
