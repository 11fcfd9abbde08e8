// What a test file has called of one of the SDK's clients, so that its last test can tell what it has not.
import assert from "node:assert/strict";
import { fails } from "./failure.mjs";

/** Why a client's token does not do for an RPC: another kind of session must call it. */
export const notForClients = "it does not take a client's token";

const watch = (target, called, replaced = {}) =>
  new Proxy(target, {
    get(_, name) {
      called.add(name);
      return replaced[name] ?? target[name];
    },
  });

/** Remembers the calls of one client of the SDK (such as client.domain), whichever instance of it makes them. */
export class Coverage {
  #called = new Set();
  #rpcs = new Set();

  /** The client, whose calls are remembered from now on. */
  watch(client) {
    return watch(client, this.#called, { client: watch(client.client, this.#rpcs) });
  }

  /** Asserts that every method of the client has been called; known is how many there are at least. */
  complete(client, known) {
    const offered = Object.getOwnPropertyNames(Object.getPrototypeOf(client)).filter((name) => name !== "constructor");
    assert.deepEqual(offered.filter((name) => !this.#called.has(name)), []);
    assert.ok(offered.length >= known, `the SDK's calls are methods of its prototype: ${offered}`);
  }

  /**
   * Asserts that every RPC of the client's service has been called, but for those of unserved, which has a request and
   * a reason for each that the emulator does not serve: they fail with UNIMPLEMENTED, or with PERMISSION_DENIED
   * (inferred) where a client's token is not enough, and the test's output lists them. only is a regular expression for
   * the names of the RPCs in question, where other clients share the service.
   */
  async rpcsComplete(t, client, unserved = {}, only = /./) {
    const offered = Object.keys(client.client).filter((name) => only.test(name));
    assert.notEqual(offered.length, 0);
    for (const [name, { request, reason }] of Object.entries(unserved)) {
      const code = reason === notForClients ? "PERMISSION_DENIED" : "UNIMPLEMENTED";
      await fails(rpc(client, name, request), code, { errorCode: code });
      t.diagnostic(`not served: ${name}: ${reason}`);
    }
    assert.deepEqual(offered.filter((name) => !this.#rpcs.has(name) && !(name in unserved)), []);
  }
}

/** Calls an RPC for which the SDK's client has no method of its own, as its methods do. */
export const rpc = (client, name, request) => client.coreClient.connectExec(client.client[name], request);
