/** A phone: WatermelonDB as it comes from npm, on one of its adapters, and `synchronize()` as its documents show it. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { Database, Model, Q, appSchema, tableSchema } = require("@nozbe/watermelondb");
const { schemaMigrations, addColumns, createTable } = require("@nozbe/watermelondb/Schema/migrations");
const { synchronize } = require("@nozbe/watermelondb/sync");
const { setGenerator } = require("@nozbe/watermelondb/utils/common/randomId");
const logger = require("@nozbe/watermelondb/utils/common/logger").default;

setGenerator(() => randomUUID());
logger.silence();

const text = (name) => ({ name, type: "string" });
const number = (name, isOptional = false) => ({ name, type: "number", isOptional });

const TEMPLATES = [
  text("title"), text("vitals"), text("steps"), number("duration_minutes"), number("created_at"), number("updated_at"),
];
const LATER = [text("description"), text("checklist")];
const SESSIONS = {
  name: "sessions",
  columns: [
    text("title"), text("code"), text("template_id"), text("trainee_name"), text("limits"), text("last_values"),
    number("expires_at"), number("closed_at", true), number("last_seq"),
    { name: "shows_conditions", type: "boolean" }, number("created_at"), number("updated_at"),
  ],
};
const EVENTS = {
  name: "session_events",
  columns: [text("session_id"), number("seq"), text("kind"), text("by"), text("text"), number("made_at")],
};
const TRAINERS = { name: "trainers", columns: [text("name"), text("role"), { ...text("email"), isOptional: true }] };
/** The app's own, which no server knows. */
const DRAWERS = { name: "drawers", columns: [text("label")] };

const schemaOf = (version, tables) => appSchema({ version, tables: tables.map((table) => tableSchema(table)) });
const FIRST_SCHEMA = schemaOf(1, [{ name: "templates", columns: TEMPLATES }, SESSIONS, DRAWERS]);
const SECOND_SCHEMA = schemaOf(2, [
  { name: "templates", columns: [...TEMPLATES, ...LATER] }, SESSIONS, DRAWERS, TRAINERS, EVENTS,
]);
const TO_SECOND = [addColumns({ table: "templates", columns: LATER }), createTable(TRAINERS), createTable(EVENTS)];
const migrationsTo = ({ version }) =>
  schemaMigrations({ migrations: version === 1 ? [] : [{ toVersion: 2, steps: TO_SECOND }] });

const modelOf = (table) => class extends Model { static table = table; };
const MODELS = ["templates", "sessions", "drawers", "trainers", "session_events"].map(modelOf);

const ADAPTERS = {
  sqlite({ schema }) {
    const SQLiteAdapter = require("@nozbe/watermelondb/adapters/sqlite").default;
    const dbName = join(mkdtempSync(join(tmpdir(), "phone-")), "phone.db");
    const open = (wanted) =>
      new SQLiteAdapter({ dbName, schema: wanted, migrations: migrationsTo(wanted), jsi: false });
    return { adapter: open(schema), reopened: async (wanted) => open(wanted) };
  },
  loki({ schema }) {
    const LokiJSAdapter = require("@nozbe/watermelondb/adapters/lokijs").default;
    const { LokiMemoryAdapter } = require("lokijs");
    const adapter = new LokiJSAdapter({
      dbName: randomUUID(), schema, migrations: migrationsTo(schema),
      useWebWorker: false, useIncrementalIndexedDB: true, extraLokiOptions: { verbose: false },
      _testLokiAdapter: new LokiMemoryAdapter(),
    });
    return { adapter, reopened: (wanted) => adapter.testClone({ schema: wanted, migrations: migrationsTo(wanted) }) };
  },
};

export class Phone {
  constructor(kind, url, token, { schema = SECOND_SCHEMA } = {}) {
    this.url = `${url}/api/v1/sync/watermelon`;
    this.headers = { Authorization: `Bearer ${token}` };
    this.opened = ADAPTERS[kind]({ schema });
    this.asked = [];
    this.#use(this.opened.adapter, schema);
  }

  #use(adapter, schema) {
    const modelClasses = MODELS.filter((model) => model.table in schema.tables);
    this.database = new Database({ adapter, modelClasses });
  }

  /** The app was updated: its schema has columns and tables that it had not. */
  async migrate() {
    this.#use(await this.opened.reopened(SECOND_SCHEMA), SECOND_SCHEMA);
  }

  /** As in the documents, to the letter; `answers`: what the push answered is handed on. */
  async sync({ answers = false, strategy, betweenPullAndPush = async () => {}, loseAnswer = false } = {}) {
    const { url, headers, asked } = this;
    await synchronize({
      database: this.database,
      sendCreatedAsUpdated: true,
      migrationsEnabledAtVersion: 1,
      pullChanges: async ({ lastPulledAt, schemaVersion, migration }) => {
        const from = strategy === undefined ? lastPulledAt : null;
        const urlParams = `last_pulled_at=${from}&schema_version=${schemaVersion}&migration=${encodeURIComponent(
          JSON.stringify(migration),
        )}`;
        asked.push(urlParams);
        const response = await fetch(`${url}/pull?${urlParams}`, { headers });
        if (!response.ok) throw new Error(await response.text());
        const { changes, timestamp } = await response.json();
        return strategy === undefined ? { changes, timestamp } : { changes, timestamp, experimentalStrategy: strategy };
      },
      pushChanges: async ({ changes, lastPulledAt }) => {
        await betweenPullAndPush();
        const accepts = answers ? "&accepts=rejected_ids" : "";
        const response = await fetch(`${url}/push?last_pulled_at=${lastPulledAt}${accepts}`, {
          method: "POST", headers, body: JSON.stringify(changes),
        });
        if (!response.ok) throw new Error(await response.text());
        if (loseAnswer) throw new Error("the answer was lost");
        if (answers) return await response.json();
      },
    });
  }

  async create(table, fields) {
    return await this.database.write(() =>
      this.database.get(table).create((record) => {
        for (const [name, value] of Object.entries(fields)) record._setRaw(name, value);
      }),
    );
  }

  async update(table, id, fields) {
    const record = await this.database.get(table).find(id);
    await this.database.write(() =>
      record.update(() => {
        for (const [name, value] of Object.entries(fields)) record._setRaw(name, value);
      }),
    );
  }

  async delete(table, id) {
    const record = await this.database.get(table).find(id);
    await this.database.write(() => record.markAsDeleted());
  }

  async row(table, id) {
    const [found] = await this.database.get(table).query(Q.where("id", id)).unsafeFetchRaw();
    return found;
  }

  async rows(table) {
    return await this.database.get(table).query().unsafeFetchRaw();
  }

  async isAllSynced() {
    for (const table of Object.keys(this.database.schema.tables))
      if (table !== "drawers")
        for (const row of await this.rows(table)) assert.equal(row._status, "synced", `${table} ${row.id}`);
  }
}

export { FIRST_SCHEMA };
