import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const PYTHON = `${ROOT}.venv/bin/python`;
const STARTS_WITHIN_MS = 100_000;

export const DEMO = { email: "demo@shiller.local", password: "demo-shiller" };

/** The server of this repository, in memory, on a free port. */
export class RealServer {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  static async start(): Promise<RealServer> {
    if (!existsSync(PYTHON))
      throw new Error(`${PYTHON} is missing: this test runs against the real server. Set it up with «make setup».`);
    const started = spawn(PYTHON, ["-m", "server", "serve"], {
      cwd: ROOT,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], USE_IN_MEMORY: "true", HOST: "127.0.0.1", PORT: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    const url = await new Promise<string>((resolve, reject) => {
      const give = (why: string) => reject(new Error(`The server did not start (${why}). It said:\n${said}`));
      const alarm = setTimeout(() => give("in time"), STARTS_WITHIN_MS);
      const hear = (chunk: Buffer) => {
        said += chunk.toString();
        const found = /runs at (http:\/\/\S+)/.exec(said)?.[1];
        if (found === undefined) return;
        clearTimeout(alarm);
        resolve(found);
      };
      started.stdout.on("data", hear);
      started.stderr.on("data", hear);
      started.on("exit", (code) => give(`it ended with ${code}`));
    });
    return new RealServer(url, started);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
  }
}

/** A wire that can be cut: everything between a device and the server goes through it. */
export class Wire {
  readonly #listening: Server;
  readonly #open = new Set<Socket>();
  #isUp = true;

  private constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#listening = createServer((incoming) => {
      if (!this.#isUp) return void incoming.destroy();
      const outgoing = connect(Number(port), hostname);
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        this.#open.add(from);
        from.on("error", () => to.destroy());
        from.on("close", () => {
          this.#open.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  static async to(target: string): Promise<Wire> {
    const wire = new Wire(target);
    await new Promise<void>((resolve) => wire.#listening.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listening.address() as AddressInfo).port}`;
  }

  set isUp(isUp: boolean) {
    this.#isUp = isUp;
    if (!isUp) for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.isUp = false;
    await new Promise((resolve) => this.#listening.close(resolve));
  }
}

/** What a browser does by itself: it keeps the cookie, and says which page asks. */
export class CookieJar {
  readonly headers: { Cookie: string; Origin: string };
  /** What was sent; reading the log of edits is asked by POST, too. */
  posts = 0;
  readonly #url: string;
  /** By name, as they are sent. */
  readonly #cookies = new Map<string, string>();

  constructor(url: string) {
    this.#url = url;
    this.headers = { Cookie: "", Origin: url };
  }

  readonly fetch = async (path: unknown, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (init.method === "POST" && !String(path).endsWith("/sync/down")) this.posts += 1;
    for (const [name, value] of Object.entries(this.headers)) if (value !== "") headers.set(name, value);
    const response = await fetch(new URL(String(path), this.#url), { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      const [name = ""] = pair.split("=");
      if (/Max-Age=0/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, pair);
    }
    this.headers.Cookie = [...this.#cookies.values()].join("; ");
    return response;
  };
}
