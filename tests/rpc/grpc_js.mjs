// With @grpc/grpc-js, which reads the .proto itself.
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import { CA_FILE, TARGET, course } from "./course.mjs";

const proto = fileURLToPath(new URL("../../server/transport/rpc/shiller.proto", import.meta.url));
const { shiller } = grpc.loadPackageDefinition(protoLoader.loadSync(proto, { longs: String, arrays: true }));
const credentials = CA_FILE
  ? grpc.credentials.createSsl(readFileSync(CA_FILE))
  : grpc.credentials.createInsecure();
const users = new shiller.v1.UsersService(TARGET, credentials);
const templates = new shiller.v1.TemplatesService(TARGET, credentials);

function call(method, request, { token, timeoutMs = 30_000 }, client = method in users ? users : templates) {
  const metadata = new grpc.Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + timeoutMs };
    client[method](request, metadata, options, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
}

await course(call, (error) => error.metadata.get("shiller-refusal-bin")[0]);

// What is squeezed is not unpacked: it may be a thousand times as large as what was sent.
const squeezing = new shiller.v1.UsersService(TARGET, credentials, {
  "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip,
});
const bomb = { id: "x".repeat(64 * 1024 * 1024) };
await assert.rejects(
  call("CreateUser", bomb, { token: process.env.ADMIN }, squeezing),
  (error) => error.code === grpc.status.UNIMPLEMENTED,
);
for (const client of [users, templates, squeezing]) client.close();
