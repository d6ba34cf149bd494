// Node's socket.io with pg: the same job as bench/peers/stock.py, a transaction for each push,
// or with STATEMENTS=one a single statement that merges, stores and answers in one round trip.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import pg from "pg";
import { Server } from "socket.io";

const FIND_SESSION = "SELECT id FROM sessions WHERE code = $1 AND closed_at IS NULL";
const READ_SESSION = "SELECT id, code, title, last_values, last_seq FROM sessions WHERE id = $1";
const ADD_SEAT = "INSERT INTO seats (id, session_id, token_hash, name) VALUES ($1, $2, $3, $4)";
const LOCK_STATE = "SELECT last_values, last_seq FROM sessions WHERE id = $1 FOR UPDATE";
const WRITE_STATE = "UPDATE sessions SET last_values = $2, last_seq = $3, updated_at = $4 WHERE id = $1";
const ADD_EVENT = `
  INSERT INTO session_events (id, session_id, seq, kind, created_at, systolic, diastolic, heart_rate, spo2,
    respiratory_rate, etco2, temperature, rhythm, flags, by_role, by_name)
  VALUES ($1, $2, $3, 'vitals', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'trainer', 'Bench')`;
const STORE_IN_ONE = `
  WITH moved AS (
    UPDATE sessions SET last_seq = last_seq + 1, updated_at = $3,
      last_values = last_values || $12::jsonb
        || jsonb_build_object('flags', jsonb_strip_nulls(last_values -> 'flags' || $11::jsonb))
    WHERE id = $2 RETURNING id, last_seq, last_values
  ), added AS (
    INSERT INTO session_events (id, session_id, seq, kind, created_at, systolic, diastolic, heart_rate, spo2,
      respiratory_rate, etco2, temperature, rhythm, flags, by_role, by_name)
    SELECT $1, id, last_seq, 'vitals', $3, $4, $5, $6, $7, $8, $9, $10, $13, $11, 'trainer', 'Bench' FROM moved
  )
  SELECT last_seq, last_values FROM moved`;
const SIGNS = ["systolic", "diastolic", "heart_rate", "spo2", "respiratory_rate", "etco2", "temperature"];

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const http = createServer();
const io = new Server(http);
const trainers = io.of("/trainer");
const trainees = io.of("/trainee");

// Named statements are prepared once on each connection.
const query = (on, name, text, values) => on.query({ name, text, values });

async function storeInTransaction({ id, session_id, vitals = {}, rhythm = null, flags = {} }) {
  const now = new Date();
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await query(client, "lock", LOCK_STATE, [session_id]);
    const before = rows[0].last_values;
    const kept = Object.entries({ ...before.flags, ...flags }).filter(([, flag]) => flag !== null);
    const last_values = { ...before, ...vitals, flags: Object.fromEntries(kept) };
    const seq = rows[0].last_seq + 1;
    await query(client, "write", WRITE_STATE, [session_id, last_values, seq, now]);
    const signs = SIGNS.map((sign) => vitals[sign] ?? null);
    await query(client, "add", ADD_EVENT, [id, session_id, seq, now, ...signs, rhythm, flags]);
    await client.query("COMMIT");
    return { session_id, seq, at: now.toISOString(), last_values };
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

async function storeInOne({ id, session_id, vitals = {}, rhythm = null, flags = {} }) {
  const now = new Date();
  const signs = SIGNS.map((sign) => vitals[sign] ?? null);
  const { rows } = await query(pool, "one", STORE_IN_ONE, [id, session_id, now, ...signs, flags, vitals, rhythm]);
  return { session_id, seq: rows[0].last_seq, at: now.toISOString(), last_values: rows[0].last_values };
}

const store = process.env.STATEMENTS === "one" ? storeInOne : storeInTransaction;

// One push at a time for each session, so that they are told in the order in which they are stored.
const turns = new Map();

function inTurn(session_id, work) {
  const turn = (turns.get(session_id) ?? Promise.resolve()).then(work, work);
  turns.set(session_id, turn);
  return turn;
}

trainers.use((socket, next) => {
  next(socket.handshake.auth.token === process.env.TOKEN ? undefined : new Error("unauthenticated"));
});

trainers.on("connection", (socket) => {
  socket.on("vitals:push", async (data, ack) => {
    try {
      const pushed = await inTurn(data.session_id, async () => {
        const stored = await store(data);
        trainees.to(data.session_id).emit("vitals:pushed", stored);
        return stored;
      });
      ack({ ok: true, event: { ...data, seq: pushed.seq, created_at: pushed.at } });
    } catch (error) {
      console.error(error);
      ack({ ok: false, error: { code: "internal_error" } });
    }
  });
});

trainees.use(async (socket, next) => {
  try {
    const { code, name } = socket.handshake.auth;
    const { rows } = await query(pool, "find", FIND_SESSION, [code]);
    if (rows.length === 0) return next(new Error("not_found"));
    socket.data = { session_id: rows[0].id, token: randomUUID() };
    await query(pool, "seat", ADD_SEAT, [randomUUID(), rows[0].id, Buffer.from(socket.data.token), name]);
    next();
  } catch (error) {
    next(error);
  }
});

trainees.on("connection", async (socket) => {
  const { session_id, token } = socket.data;
  socket.join(session_id);
  const { rows } = await query(pool, "read", READ_SESSION, [session_id]);
  socket.emit("session:joined", { session: rows[0], seat: { token } });
});

http.listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
