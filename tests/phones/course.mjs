/** `node course.mjs ADAPTER COURSE`: what phones do and see, against the server of SERVER_URL. */

import assert from "node:assert/strict";
import { FIRST_SCHEMA, Phone } from "./phone.mjs";

const [kind, course] = process.argv.slice(2);
const { SERVER_URL: url, TRAINER: trainer, COLLEAGUE: colleague } = process.env;

const phone = (token = trainer, options = {}) => new Phone(kind, url, token, options);
const api = async (method, path, body, token = trainer) => {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return await answer.json();
};

async function twoPhones() {
  const [mine, theirs] = [phone(), phone(colleague)];
  const made = await mine.create("templates", { title: "On a train", vitals: '{"heart_rate":120}', steps: "[]" });
  await mine.sync();
  await theirs.sync();
  return [mine, theirs, made.id];
}

const COURSES = {
  async first_pull() {
    const mine = phone();
    await mine.sync();
    assert.match(mine.asked[0], /^last_pulled_at=null&schema_version=2&migration=null$/);
    const listed = await api("GET", "/templates?limit=200");
    assert.equal((await mine.rows("templates")).length, listed.items.length);
    assert.ok((await mine.rows("trainers")).length > 0);
    await mine.isAllSynced();
    await mine.sync();
    assert.match(mine.asked[1], /^last_pulled_at=\d+&/);
  },

  async create_and_edit_on_two_phones() {
    const [mine, theirs, id] = await twoPhones();
    assert.equal((await theirs.row("templates", id)).title, "On a train");
    assert.deepEqual((await api("GET", `/templates/${id}`)).vitals, { heart_rate: 120 });
    await theirs.update("templates", id, { title: "At the desk", duration_minutes: 30 });
    await theirs.sync();
    await mine.sync();
    const row = await mine.row("templates", id);
    assert.deepEqual([row.title, row.duration_minutes], ["At the desk", 30]);
    await mine.isAllSynced();
    await theirs.isAllSynced();
  },

  async conflict_and_retry() {
    const [mine, theirs, id] = await twoPhones();
    await mine.update("templates", id, { title: "Mine" });
    await theirs.update("templates", id, { description: "Theirs" });
    const meanwhile = () => mine.sync();
    await assert.rejects(theirs.sync({ betweenPullAndPush: meanwhile }), /"status":409/);
    assert.equal((await theirs.row("templates", id))._status, "updated");
    await theirs.sync();
    const stored = await api("GET", `/templates/${id}`);
    assert.deepEqual([stored.title, stored.description], ["Mine", "Theirs"]);
    await mine.sync();
    assert.equal((await mine.row("templates", id)).description, "Theirs");
    await mine.isAllSynced();
    await theirs.isAllSynced();
  },

  async same_column_on_both() {
    const [mine, theirs, id] = await twoPhones();
    await mine.update("templates", id, { title: "Mine" });
    await mine.sync();
    await theirs.update("templates", id, { title: "Theirs, later" });
    await theirs.sync();
    await mine.sync();
    assert.equal((await mine.row("templates", id)).title, "Theirs, later");
  },

  async deletion() {
    const [mine, theirs, id] = await twoPhones();
    await theirs.update("templates", id, { title: "Edited where it is gone" });
    await mine.delete("templates", id);
    await mine.sync();
    await theirs.sync();
    assert.equal(await theirs.row("templates", id), undefined);
    assert.ok((await api("GET", `/templates/${id}`)).deleted_at);
    await theirs.sync();
  },

  async deletion_of_what_was_edited() {
    const [mine, theirs, id] = await twoPhones();
    await mine.update("templates", id, { title: "Mine" });
    await mine.sync();
    await theirs.delete("templates", id);
    await theirs.sync();
    await mine.sync();
    assert.equal(await mine.row("templates", id), undefined);
  },

  async lost_answer() {
    const mine = phone();
    await mine.sync();
    const made = await mine.create("templates", { title: "  Sent  twice ", steps: '[{"title":"One"}]' });
    await assert.rejects(mine.sync({ loseAnswer: true }), /the answer was lost/);
    assert.equal((await mine.row("templates", made.id))._status, "created");
    await mine.sync();
    await mine.isAllSynced();
    const stored = await api("GET", `/templates/${made.id}`);
    assert.deepEqual([stored.title, stored.version], ["Sent twice", 1]);
  },

  async replacement() {
    const [mine, theirs, id] = await twoPhones();
    await mine.delete("templates", id);
    await mine.sync();
    const unsent = await theirs.create("templates", { title: "Not sent yet" });
    const override = { templates: "replacement", sessions: "replacement", trainers: "replacement" };
    await theirs.sync({ strategy: { default: "incremental", override } });
    assert.equal(await theirs.row("templates", id), undefined);
    assert.equal((await theirs.row("templates", unsent.id)).title, "Not sent yet");
    assert.equal((await api("GET", `/templates/${unsent.id}`)).title, "Not sent yet");
    const listed = await api("GET", "/templates?limit=200");
    assert.equal((await theirs.rows("templates")).length, listed.items.length);
  },

  async migration() {
    const session = await api("POST", "/sessions", { title: "Before the update", vitals: { heart_rate: 90 } });
    await api("POST", `/sessions/${session.id}/close`);
    const template = await api("POST", "/templates", { title: "Told later", description: "Was there all the time" });
    const mine = phone(trainer, { schema: FIRST_SCHEMA });
    await mine.sync();
    assert.equal((await mine.row("templates", template.id)).description, undefined);
    await mine.update("templates", template.id, { title: "Renamed before the update" });
    await mine.migrate();
    await mine.sync();
    const asked = decodeURIComponent(mine.asked.at(-1));
    assert.match(asked, /migration=\{"from":1,"tables":\["trainers","session_events"\]/);
    const row = await mine.row("templates", template.id);
    assert.deepEqual([row.title, row.description], ["Renamed before the update", "Was there all the time"]);
    assert.ok((await mine.rows("trainers")).length > 0);
    const events = (await mine.rows("session_events")).filter((event) => event.session_id === session.id);
    assert.deepEqual(events.map((event) => event.seq).sort(), [1, 2]);
    assert.equal((await api("GET", `/templates/${template.id}`)).title, "Renamed before the update");
    await mine.isAllSynced();
  },

  async sessions_and_records() {
    const mine = phone();
    await mine.sync();
    const made = await mine.create("sessions", { title: "Opened on a phone" });
    await mine.sync();
    await mine.sync();
    const row = await mine.row("sessions", made.id);
    assert.equal(row.code.length, 6);
    assert.equal(JSON.parse(row.last_values).heart_rate, 75);
    assert.ok(row.expires_at > Date.now());
    await mine.update("sessions", made.id, { trainee_name: "Alex" });
    await mine.sync();
    assert.equal((await api("GET", `/sessions/${made.id}`)).trainee_name, "Alex");
    await api("POST", `/sessions/${made.id}/close`);
    await mine.sync();
    assert.ok((await mine.row("sessions", made.id)).closed_at > 0);
    const [ended] = (await mine.rows("session_events")).filter((event) => event.session_id === made.id);
    assert.deepEqual([ended.seq, ended.kind, JSON.parse(ended.by).role], [1, "lifecycle", "trainer"]);
    await mine.isAllSynced();
  },

  /** Of a bad row an app that returns nothing hears by a refusal, and loses nothing; the other hears which it was. */
  async bad_rows() {
    const mine = phone();
    await mine.sync();
    const good = await mine.create("templates", { title: "Good" });
    const bad = await mine.create("templates", { title: "" });
    await assert.rejects(mine.sync(), new RegExp(`templates.${bad.id}.title`));
    assert.equal((await mine.row("templates", good.id))._status, "created");
    await mine.sync({ answers: true });
    assert.equal((await mine.row("templates", good.id))._status, "synced");
    assert.equal((await mine.row("templates", bad.id))._status, "created");
    await mine.update("templates", bad.id, { title: "Put right" });
    await mine.sync();
    assert.equal((await api("GET", `/templates/${bad.id}`)).title, "Put right");
    await mine.isAllSynced();
  },
};

if (course === undefined) {
  console.log(Object.keys(COURSES).join("\n"));
} else {
  await COURSES[course]();
  // Loki's timers and SQLite's files would keep the process.
  process.exit(0);
}
