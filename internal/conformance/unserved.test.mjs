// What the emulator does not serve it refuses. Which calls these are is not written down anywhere: an RPC counts as
// refused for what it answers, a call of Svix's client if it is none of the webhook server's operations.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Svix } from "svix";
import { noteFailure } from "./coverage.mjs";
import { emulator } from "./emulator.mjs";
import { fails } from "./failure.mjs";
import { nameOf, services, svixCalls } from "./offered.mjs";
import { portalSession } from "./portal.mjs";

const environment = emulator();

test("every RPC is served, or refused as UNIMPLEMENTED or PERMISSION_DENIED", async () => {
  const { coreClient, grpcConnect } = environment.unrecorded();
  for (const service of services()) {
    const rpcs = grpcConnect.createClient(service);
    for (const method of service.methods) {
      const error = await coreClient.connectExec(rpcs[method.localName], {}).then(
        () => undefined,
        (thrown) => thrown,
      );
      // Without a request that makes sense, what is served mostly is INVALID_ARGUMENT or NOT_FOUND.
      const refusal = { 7: "PERMISSION_DENIED", 12: "UNIMPLEMENTED" }[error?.grpcStatus];
      if (!refusal) continue;
      await fails(Promise.reject(error), refusal, { errorCode: refusal });
      noteFailure(nameOf(method), refusal, error.message);
    }
  }
});

test("every call of Svix's client is an operation of the webhook server, or refused with 404 or 405", async () => {
  const { app, token, serverUrl } = await portalSession(environment);
  const svix = new Svix(token, { serverUrl, numRetries: 0 });
  await environment.calls();
  for (const call of svixCalls()) {
    const names = call.split(".").slice(1);
    const method = names.pop();
    const part = names.reduce((object, name) => object[name], svix);
    // The last value serves as a body, too: the client wants a list of events in the one of streaming.events.create.
    const values = [app, ...Array.from({ length: Math.max(part[method].length - 1, 0) }, () => ({ events: [] }))];
    const error = await part[method](...values).then(
      () => undefined,
      (thrown) => thrown,
    );
    const made = await environment.calls();
    assert.equal(made.length, 1, `${call} makes one call: ${error}`);
    if (made[0].startsWith("svix.")) continue;
    assert.ok([404, 405].includes(error?.code), `${call}: ${error}`);
    assert.ok(error.body.code && error.body.detail, call);
    noteFailure(call, String(error.code), error.body.detail);
  }
});
