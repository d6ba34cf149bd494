// xAPI statements, a JSON array from stdin, as Learning Locker judges what is sent to it: a line for each thing that is wrong.
import { readFileSync } from "node:fs";
import validation from "@learninglocker/xapi-validation";

const statements = JSON.parse(readFileSync(0, "utf8"));
let wrong = 0;
for (const statement of statements)
  for (const warning of validation.default(statement, ["statement"])) {
    wrong++;
    console.log(`${statement.verb?.id}: ${warning.name} at ${warning.path.join(".")}: ${JSON.stringify(warning.data)}`);
  }
console.log(`${statements.length} statements, ${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
