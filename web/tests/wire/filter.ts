import { createHash } from "node:crypto";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * What lies between a device and the server in some schools: HTTP passes, a WebSocket does not, and nobody says so.
 * - `swallowed`: answered with 101, and nothing passes afterwards.
 * - `unanswered`: not even that.
 * - `open`: everything passes, until it is `held`.
 */
export type FilterMode = "swallowed" | "unanswered" | "open";

export class Filter {
  websockets = 0;
  #isHeld = false;
  readonly #listening: Server;
  readonly #open = new Set<Socket>();

  private constructor(target: string, mode: FilterMode) {
    const { hostname, port } = new URL(target);
    this.#listening = createServer((incoming) => {
      this.#keep(incoming);
      incoming.once("data", (first) => {
        const isWebSocket = /^upgrade: *websocket/im.test(first.toString("latin1"));
        if (isWebSocket) this.websockets += 1;
        if (isWebSocket && mode !== "open") {
          if (mode === "swallowed") incoming.write(accepted(first.toString("latin1")));
          return void incoming.resume();
        }
        const outgoing = connect(Number(port), hostname);
        this.#keep(outgoing);
        outgoing.write(first);
        incoming.pipe(outgoing);
        outgoing.on("data", (chunk) => this.#isHeld || incoming.write(chunk));
        incoming.on("close", () => outgoing.destroy());
        outgoing.on("close", () => incoming.destroy());
      });
    });
  }

  static async before(target: string, mode: FilterMode): Promise<Filter> {
    const filter = new Filter(target, mode);
    await new Promise<void>((resolve) => filter.#listening.listen(0, "127.0.0.1", resolve));
    return filter;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listening.address() as AddressInfo).port}`;
  }

  /** Nothing comes from the server any more, and nobody says so. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#listening.close(resolve));
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#open.delete(socket));
  }
}

function accepted(request: string): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1] ?? "";
  const answer = createHash("sha1").update(key + GUID).digest("base64");
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${answer}\r\n\r\n`;
}
