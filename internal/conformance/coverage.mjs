// What the tests call of the official clients, and how it ends. Every test file is a process of its own, which leaves
// what it knows in the folder SCALEKIT_COVERAGE; report.mjs puts it together.
import { AsyncLocalStorage } from "node:async_hooks";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { methodsOf, partsOf } from "./offered.mjs";

const running = new AsyncLocalStorage();
const failed = new WeakMap(); // which call an error comes from
const outcomes = {};

const outcomeOf = (name) => (outcomes[name] ??= { succeeded: false, failures: [] });

process.on("exit", () => {
  const folder = process.env.SCALEKIT_COVERAGE;
  if (folder) writeFileSync(path.join(folder, `${process.pid}.json`), JSON.stringify(outcomes));
});

/** Makes a call and remembers, under its name, that it succeeded. Its failure counts when a test has checked it. */
export function recorded(name, run) {
  const call = { name, lastRPC: undefined, caller: running.getStore() };
  const succeeds = () => {
    if (name) outcomeOf(name).succeeded = true;
  };
  const fails = (error) => {
    if (error instanceof Error) failed.set(error, call);
  };
  let result;
  try {
    result = running.run(call, run);
  } catch (error) {
    fails(error);
    throw error;
  }
  if (typeof result?.then === "function") result.then(succeeds, fails);
  else succeeds();
  return result;
}

/** Remembers that a test has checked an error of a recorded call: its code, and what it says. */
export function checked(error, code, message = error.message) {
  const { name, lastRPC } = failed.get(error) ?? {};
  for (const one of [name, lastRPC]) if (one) noteFailure(one, code, message);
}

/** Remembers how a call fails that was not recorded. */
export const noteFailure = (name, code, message) => outcomeOf(name).failures.push({ code, message });

/** A client of Scalekit's SDK whose calls are recorded, and the RPCs that they make. */
export function recordScalekit(client) {
  const replace = (object, prefix) => {
    for (const name of methodsOf(object)) {
      const method = object[name];
      object[name] = (...given) => recorded(prefix + name, () => method.apply(object, given));
    }
  };
  replace(client, "");
  for (const [name, part] of partsOf(client)) replace(part, `${name}.`);

  const transport = client.grpcConnect.transport;
  const unary = transport.unary;
  transport.unary = (method, ...rest) => {
    const name = `${method.parent.typeName}/${method.name}`;
    for (let call = running.getStore(); call; call = call.caller) call.lastRPC = name;
    const reply = unary.call(transport, method, ...rest);
    reply.then(
      () => (outcomeOf(name).succeeded = true),
      () => {}, // What comes of it is the caller's affair.
    );
    return reply;
  };
  return client;
}

/** Calls an RPC for which the SDK's client has no method of its own, as its methods do. */
export const rpc = (client, name, request) =>
  recorded(undefined, () => client.coreClient.connectExec(client.client[name], request));

/** Svix's client, or a part of it, with its calls recorded under their path, such as "svix.endpoint.create". */
export const recordSvix = (client, name = "svix") =>
  new Proxy(client, {
    get(target, property) {
      const value = target[property];
      if (methodsOf(target).includes(property)) {
        return (...given) => recorded(`${name}.${property}`, () => value.apply(target, given));
      }
      return partsOf(target).some(([part]) => part === property) ? recordSvix(value, `${name}.${property}`) : value;
    },
  });
