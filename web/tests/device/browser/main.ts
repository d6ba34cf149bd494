import { startTests, type File, type Task, type VitestRunner, type VitestRunnerConfig } from "@vitest/runner";

/** The same tests as `npm test` runs on a fake. `window.contract` is a promise of what became of each. */
export interface Outcome {
  file: string;
  name: string;
  state: string;
  error: string | null;
}

const files = import.meta.glob<unknown>("../{outbox,refusals,device,tabs,schedules,upgrade,sessionEdits,records}.test.ts");

const config: VitestRunnerConfig = {
  root: "/",
  setupFiles: [],
  name: undefined,
  passWithNoTests: false,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 0, hooks: "stack", setupFiles: "list" },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};

const runner: VitestRunner = {
  config,
  pool: "browser",
  viteEnvironment: "client",
  importFile: (path) => files[path]?.(),
};

async function run(): Promise<Outcome[]> {
  // Turns of the event loop, as Node has them.
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  Object.assign(globalThis, {
    setImmediate(what: () => void) {
      waiting.push(what);
      port2.postMessage(null);
    },
  });
  const done: File[] = await startTests(Object.keys(files), runner);
  return done.flatMap((file) => outcomes(file, file.name));
}

function outcomes(task: Task, path: string): Outcome[] {
  const errors = (task.result?.errors ?? []).map((error) => error.stack ?? error.message);
  const file = path.replace(/^.*\/|\.test\.ts$/g, "");
  const own: Outcome = { file, name: task.name, state: task.result?.state ?? task.mode, error: errors.join("\n") || null };
  if (!("tasks" in task)) return [own];
  return [...(own.error === null ? [] : [own]), ...task.tasks.flatMap((one) => outcomes(one, path))];
}

Object.assign(window, { contract: run() });
