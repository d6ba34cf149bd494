/**
 * Writes src/generated from what `shiller document` prints, which comes in on standard input; `make types` runs it.
 * With --check nothing is written: it fails where a file is not what would be written.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const FOLDER = new URL("./src/generated/", import.meta.url);
const HEADER = "// Made by `make types` from what the server says of itself; never edited.\n\n";

const ROOT = "Wire";

const said = readFileSync(0, "utf8");
if (said === "") {
  console.error("Nothing came in: `shiller document` failed, and says why above.");
  process.exit(1);
}
const { openapi, asyncapi, catalogue } = JSON.parse(said);
const files = {
  "catalogue.ts": HEADER + written(catalogue),
  "wire.ts": HEADER + plain(await compile(wireSchema(), ROOT, {
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    bannerComment: "",
    style: { printWidth: 120 },
    unreachableDefinitions: true,
  })),
};

if (process.argv.includes("--check")) check();
else write();

function write() {
  mkdirSync(FOLDER, { recursive: true });
  for (const name of strangers()) rmSync(new URL(name, FOLDER));
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, FOLDER), text);
}

function check() {
  const wrong = Object.keys(files).filter((name) => present(name) !== files[name]);
  const names = [...wrong, ...strangers()].map((name) => `web/src/generated/${name}`);
  if (names.length === 0) return;
  console.error(`Not what the server says now: ${names.join(", ")}. Run \`make types\` and commit what it writes.`);
  process.exitCode = 1;
}

function present(name) {
  try {
    return readFileSync(new URL(name, FOLDER), "utf8");
  } catch {
    return null;
  }
}

/** What lies in the folder and is made by nobody any more. */
function strangers() {
  mkdirSync(FOLDER, { recursive: true });
  return readdirSync(FOLDER).filter((name) => !(name in files));
}

/** Each table of the catalogue as a constant with literal types: `signs` is SIGNS. */
function written(tables) {
  return Object.entries(tables)
    .map(([name, table]) => `export const ${name.toUpperCase()} = ${JSON.stringify(table, null, 2)} as const;\n`)
    .join("\n");
}

/** Without what the compiler says of itself: where each shape was named, and the schema that holds them all. */
function plain(text) {
  return text
    .replace(/\n \*( *\n \*)? This interface was referenced by .*\n \* via the `definition` .*/g, "")
    .replace(/^\/\*\*\n \*\/\n/gm, "")
    .replace(`export interface ${ROOT} {}\n`, "");
}

/** All shapes of both documents, and the messages of each namespace, as one schema for the compiler. */
function wireSchema() {
  const shapes = { ...openapi.components.schemas };
  for (const [name, shape] of Object.entries(asyncapi.components.schemas)) {
    if (name in shapes && JSON.stringify(shapes[name]) !== JSON.stringify(shape))
      throw new Error(`The two documents give two shapes for ${name}.`);
    shapes[name] = shape;
  }
  return withoutTitles(inDefinitions({ type: "object", definitions: { ...shapes, ...messages() } }));
}

/** `TrainerSends`: what a client of /trainer sends, with its ack; `TrainerHears`: what it is told. */
function messages() {
  const tables = {};
  for (const [channel, { messages: all }] of Object.entries(asyncapi.channels)) {
    const name = channel[0].toUpperCase() + channel.slice(1);
    const own = Object.values(asyncapi.operations).filter(({ channel: one }) => one.$ref === `#/channels/${channel}`);
    const namesOf = (action) => own.filter((one) => one.action === action).map((one) => messageName(one.messages[0]));
    tables[`${name}Sends`] = object(
      namesOf("receive").map((one) => [one, object([["data", all[one].payload], ["ack", all[`${one} ack`].payload]])]),
    );
    tables[`${name}Hears`] = object(namesOf("send").map((one) => [one, all[one].payload]));
  }
  return tables;
}

function messageName({ $ref }) {
  return $ref.split("/").at(-1).replaceAll("~1", "/");
}

function object(entries) {
  return {
    type: "object",
    properties: Object.fromEntries(entries),
    required: entries.map(([name]) => name),
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
  };
}

function inDefinitions(schema) {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/definitions/"));
}

/** Every field has a title that repeats its name, and the compiler would make a type of each. */
function withoutTitles(schema) {
  if (Array.isArray(schema)) return schema.map(withoutTitles);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === "title" && typeof value === "string"))
      .map(([key, value]) => [key, withoutTitles(value)]),
  );
}
