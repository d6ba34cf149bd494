// With @connectrpc/connect-node, from a descriptor set and without generated code.
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { CA_FILE, TARGET, course } from "./course.mjs";

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(process.env.DESCRIPTOR_SET)));
const transport = createGrpcTransport({
  baseUrl: `${CA_FILE ? "https" : "http"}://${TARGET}`,
  nodeOptions: CA_FILE ? { ca: readFileSync(CA_FILE) } : undefined,
});
const [users, templates] = ["UsersService", "TemplatesService"].map((name) =>
  createClient(registry.getService(`shiller.v1.${name}`), transport),
);

function call(method, request, { token, timeoutMs = 30_000 }) {
  const name = method[0].toLowerCase() + method.slice(1);
  const client = name in users ? users : templates;
  return client[name](request, { headers: { authorization: `Bearer ${token}` }, timeoutMs });
}

await course(call, (error) => Buffer.from(error.metadata.get("shiller-refusal-bin"), "base64"));
// Its connection stays open for calls to come.
process.exit(0);
