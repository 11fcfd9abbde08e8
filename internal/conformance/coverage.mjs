// What a test file has called of one of the SDK's clients, so that its last test can tell what it has not.
import assert from "node:assert/strict";
import { ScalekitServerException } from "@scalekit-sdk/node";
import { fails } from "./failure.mjs";

/** Why a client's token does not do for an RPC: another kind of session must call it. */
export const notForClients = "it does not take a client's token";

const watch = (target, seen, replaced = {}) =>
  new Proxy(target, {
    get(_, name) {
      return replaced[name] ?? seen(name, target[name]);
    },
  });

const members = (client) =>
  Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(client))).filter(([name]) => name !== "constructor");

/** The names of the calls that a client of an SDK offers. */
export const callsOf = (client) => members(client).filter(([, { value }]) => value).map(([name]) => name);

/** The names of the clients that it holds for resources below its own. */
export const resourcesOf = (client) => members(client).filter(([, { get }]) => get).map(([name]) => name);

/** Remembers the calls of one client of an SDK (such as client.domain), whichever instance of it makes them. */
export class Coverage {
  #refusal;
  #succeeded = new Set();
  #failed = new Set();
  #rpcs = new Set();

  /** refusal is the SDK's error for what the server refuses; what the SDK refuses by itself has another. */
  constructor(refusal = ScalekitServerException) {
    this.#refusal = refusal;
  }

  /** The client, whose calls are remembered from now on, with how they end. */
  watch(client) {
    const rpcs = watch(client.client ?? {}, (name, member) => {
      this.#rpcs.add(name);
      return member;
    });
    const ended = (name, result) =>
      result.then(
        () => this.#succeeded.add(name),
        (error) => error instanceof this.#refusal && this.#failed.add(name),
      );
    const seen = (name, member) => {
      if (typeof member !== "function") return member;
      return function (...values) {
        const result = member.apply(this, values);
        if (result instanceof Promise) ended(name, result);
        return result;
      };
    };
    return watch(client, seen, { client: rpcs });
  }

  /**
   * Asserts that every call of the client has succeeded and has been refused, but for those that the emulator does not
   * serve, and those that never reach it; known is how many calls there are at least.
   */
  complete(client, known, { unserved = [], local = [] } = {}) {
    const calls = callsOf(client).filter((name) => !local.includes(name));
    const missing = (seen) => calls.filter((name) => !seen.has(name));
    assert.deepEqual(missing(this.#succeeded).sort(), unserved.slice().sort(), "calls that have not succeeded");
    assert.deepEqual(missing(this.#failed), [], "calls that have not been refused");
    assert.ok(calls.length >= known, `the SDK's calls are methods of its prototype: ${calls}`);
  }

  /**
   * Asserts that every RPC of the client's service has been called, but for those that the emulator does not serve, each
   * of which has a request here and a reason in reasons: they fail with UNIMPLEMENTED, or with PERMISSION_DENIED
   * (inferred) where a client's token is not enough. only is a regular expression for the names of the RPCs in question,
   * where other clients share the service.
   */
  async rpcsComplete(client, { unserved = {}, reasons = {}, only = /./ } = {}) {
    const offered = Object.keys(client.client).filter((name) => only.test(name));
    assert.notEqual(offered.length, 0);
    for (const [name, request] of Object.entries(unserved)) {
      const code = reasons[name] === notForClients ? "PERMISSION_DENIED" : "UNIMPLEMENTED";
      await fails(rpc(client, name, request), code, { errorCode: code });
    }
    assert.deepEqual(offered.filter((name) => !this.#rpcs.has(name) && !(name in reasons)), []);
    assert.deepEqual(Object.keys(reasons).filter((name) => !this.#rpcs.has(name) && !(name in unserved)), []);
  }
}

/** Calls an RPC for which the SDK's client has no method of its own, as its methods do. */
export const rpc = (client, name, request) => client.coreClient.connectExec(client.client[name], request);
