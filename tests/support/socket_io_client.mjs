// With the socket.io-client that the pages have: a trainer who watches and pushes, and a trainee, by each way to connect.
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";

const { io } = createRequire(new URL("../../web/package.json", import.meta.url))("socket.io-client");
const { url, token, sessions, pushes } = JSON.parse(process.env.COURSE);
const WAYS = { polling: ["polling"], websocket: ["websocket"], upgrade: ["polling", "websocket"] };
const PATIENCE = 60_000;

function connect(namespace, auth, transports) {
  const socket = io(url + namespace, { auth, transports, forceNew: true, reconnection: false, timeout: PATIENCE });
  const heard = [];
  socket.onAny((name, data) => heard.push([name, data]));
  const connected = new Promise((resolve, reject) => {
    socket.on("connect", resolve);
    socket.on("connect_error", reject);
  });
  return { socket, heard, connected };
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function course(way, { id, code }) {
  const transports = WAYS[way];
  const trainee = connect("/trainee", { code, name: way }, transports);
  const trainer = connect("/trainer", { token }, transports);
  const ask = (who, name, data) => who.socket.timeout(PATIENCE).emitWithAck(name, data);
  await trainer.connected;
  const watched = await ask(trainer, "session:watch", { session_id: id });
  const push = (_, number) =>
    ask(trainer, "vitals:push", { id: randomUUID(), session_id: id, vitals: { heart_rate: 60 + number } });
  // All at once, so that some are on their way while the connection moves.
  const acks = await Promise.all(Array.from({ length: pushes }, push));
  await trainee.connected;
  acks.push(await push(null, pushes));
  const refused = acks.find((ack) => !ack.ok);
  if (refused) throw new Error(JSON.stringify(refused));
  const last = acks.at(-1).event.seq;
  await until(() => trainee.heard.some(([name, data]) => name === "vitals:pushed" && data.seq === last));
  await until(() => trainer.heard.some(([name, data]) => name === "event:added" && data.seq === last));
  // A busy storage is read before it is told, and what is pushed meanwhile comes first.
  await until(() => trainee.heard.some(([name]) => name === "session:joined"));
  if (way === "upgrade")
    await until(() => [trainee, trainer].every(({ socket }) => socket.io.engine.transport.name === "websocket"));
  const taken = await ask(trainee, "action:take", { id: randomUUID(), action: "marker" });
  const seqs = ({ heard }, wanted) => heard.filter(([name]) => name === wanted).map(([, data]) => data.seq);
  const said = {
    way,
    ended: trainer.socket.io.engine.transport.name,
    joined: trainee.heard.filter(([name]) => name === "session:joined").length,
    ok: [watched, ...acks, taken].every((ack) => ack.ok),
    acked: acks.map((ack) => ack.event.seq),
    added: seqs(trainer, "event:added").filter((seq) => seq <= last),
    // What is told before it is stored has no seq yet.
    told: seqs(trainee, "vitals:pushed").filter((seq) => seq !== null),
  };
  for (const { socket } of [trainee, trainer]) socket.disconnect();
  return said;
}

console.log(JSON.stringify(await Promise.all(Object.entries(sessions).map(([way, session]) => course(way, session)))));
process.exit(0);
