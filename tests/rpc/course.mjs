// What a program does with the accounts of its school, whatever library it calls with; the environment says where and
// as whom. tests/scenario/test_grpc_clients.py runs it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

const { ADMIN, TRAINER, FOREIGN_ID } = process.env;

export const { TARGET, CA_FILE } = process.env;

// As gRPC numbers them.
const Status = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  ABORTED: 10,
  UNAUTHENTICATED: 16,
};

// `call(method, request, { token, timeoutMs })` answers the reply or throws; `refusalOf(error)` is the bytes of what a
// refusal has in its trailing metadata. 64-bit numbers may come as text or as BigInt.
export async function course(call, refusalOf) {
  const ask = (method, request, as = {}) => call(method, request, { token: ADMIN, ...as });

  async function refused(status, method, request, as) {
    try {
      await ask(method, request, as);
    } catch (error) {
      assert.equal(error.code, status, `${method}: ${error.code} ${error.message}`);
      return error;
    }
    assert.fail(`${method} was not refused`);
  }

  const id = randomUUID();
  const user = { id, email: `${id}@demo.example`, name: "Anaïs", role: "trainer", password: "kept-by-a-program" };

  // The five methods.
  const begun = await ask("SyncUsers", {});
  const made = await ask("CreateUser", user);
  assert.deepEqual([made.id, made.name, made.syncVersion], [id, "Anaïs", 1]);
  assert.ok(Number(made.createdAt) > 1.7e12);
  const changed = await ask("UpdateUser", { id, role: "observer", syncVersion: 1 });
  assert.deepEqual([changed.name, changed.role, changed.syncVersion], ["Anaïs", "observer", 2]);
  const all = await ask("GetAllUsers", { pageSize: 200 });
  assert.ok(all.users.some((each) => each.id === id && each.email === user.email));
  const change = { id, name: "Bea", syncVersion: 2, eventId: randomUUID(), seq: 1 };
  const cursor = { lastSyncTimestamp: begun.serverTimestamp, serverEpoch: begun.serverEpoch, clientId: `client ${id}` };
  const synced = await ask("SyncUsers", { ...cursor, localChanges: [change] });
  assert.deepEqual([synced.conflicts, synced.rejected], [[], []]);
  assert.deepEqual(
    synced.serverUpdates.filter((each) => each.id === id).map((each) => [each.name, each.syncVersion]),
    [["Bea", 3]],
  );
  const late = { id, name: "Too late", syncVersion: 1, eventId: randomUUID() };
  const { conflicts } = await ask("SyncUsers", { ...cursor, clientId: `other ${id}`, localChanges: [late] });
  assert.deepEqual(
    conflicts.map((each) => [each.eventId, each.reason, each.serverData.name]),
    [[late.eventId, "changed_since", "Bea"]],
  );

  // What is refused.
  await refused(Status.ABORTED, "UpdateUser", { id, name: "Stale", syncVersion: 1 });
  await refused(Status.ALREADY_EXISTS, "CreateUser", { ...user, id: randomUUID() });
  await refused(Status.NOT_FOUND, "UpdateUser", { id: randomUUID(), name: "Nobody" });
  await refused(Status.NOT_FOUND, "UpdateUser", { id: FOREIGN_ID, name: "Of another school" });
  await refused(Status.NOT_FOUND, "DeleteUser", { id: FOREIGN_ID });
  assert.ok(!all.users.some((each) => each.id === FOREIGN_ID));
  await refused(Status.PERMISSION_DENIED, "GetAllUsers", {}, { token: TRAINER });
  await refused(Status.UNAUTHENTICATED, "SyncUsers", {}, { token: "wrong" });
  const error = await refused(Status.INVALID_ARGUMENT, "CreateUser", { ...user, id: randomUUID(), role: "king" });
  const refusal = Buffer.from(refusalOf(error));
  assert.ok(refusal.includes("invalid_fields") && refusal.includes("role"), refusal.toString());

  // Hashing the password takes longer than this one waits, and then nobody is made.
  const unmade = { ...user, id: randomUUID(), email: `${randomUUID()}@demo.example` };
  await refused(Status.DEADLINE_EXCEEDED, "CreateUser", unmade, { timeoutMs: 60 });
  await ask("CreateUser", { ...unmade, id: randomUUID(), email: `${randomUUID()}@demo.example` });
  await refused(Status.NOT_FOUND, "UpdateUser", { id: unmade.id, name: "Made after all" });

  const gone = await ask("DeleteUser", { id, syncVersion: 3 });
  assert.ok(Number(gone.user.deletedAt) > Number(made.createdAt));
  assert.deepEqual((await ask("SyncUsers", cursor)).deletedIds, [id]);

  const template = { id: randomUUID(), title: `Of ${id}`, steps: '[{"title": "One"}]' };
  let known = { serverTimestamp: 0, hasMore: true };
  while (known.hasMore) known = await ask("SyncTemplates", { lastSyncTimestamp: known.serverTimestamp, limit: 1000 });
  const sent = await ask("SyncTemplates", {
    lastSyncTimestamp: known.serverTimestamp,
    localChanges: [{ eventId: randomUUID(), template }],
  });
  assert.deepEqual(
    sent.serverUpdates.map((each) => [each.template.id, each.template.title]),
    [[template.id, template.title]],
  );
  assert.equal(String(sent.acknowledged[0].serverVersion), String(sent.serverUpdates[0].serverVersion));
}
