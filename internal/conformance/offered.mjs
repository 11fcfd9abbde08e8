// The calls that the official clients offer, as they are installed.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { ScalekitClient } from "@scalekit-sdk/node";
import { Svix } from "svix";

const require = createRequire(import.meta.url);
const sdk = path.dirname(require.resolve("@scalekit-sdk/node"));

const files = (folder, suffix) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return files(full, suffix);
    return entry.name.endsWith(suffix) ? [full] : [];
  });

/** What the SDK's classes declare private, which at run time is like the rest: names by class. */
const internals = new Map(
  files(sdk, ".d.ts").flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const name = /^export default class (\w+)/m.exec(text)?.[1];
    const members = [...text.matchAll(/^ {4}private (?:readonly )?(\w+)/gm)].map(([, member]) => member);
    return name ? [[name, new Set(members)]] : [];
  }),
);

/** The members of an object and of its class that the class does not declare private, with what they are. */
function members(object) {
  const hidden = internals.get(object.constructor.name) ?? new Set();
  const names = new Set([...Object.getOwnPropertyNames(Object.getPrototypeOf(object)), ...Object.keys(object)]);
  return [...names]
    .filter((name) => name !== "constructor" && name !== "requestCtx" && !hidden.has(name))
    .map((name) => [name, object[name]]);
}

/** The names of the calls that an object offers itself. */
export const methodsOf = (object) => members(object).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));

/** The parts of a client, such as organization: [name, object]. */
export const partsOf = (object) => members(object).filter(([, value]) => typeof value === "object" && value !== null);

function callsOf(object, prefix) {
  const parts = partsOf(object).flatMap(([name, part]) => callsOf(part, `${prefix}${name}.`));
  return [...methodsOf(object).map((name) => prefix + name), ...parts];
}

const nowhere = "http://127.0.0.1:1";

/** The calls of Scalekit's SDK: "validateToken", "domain.createDomain" and so on. */
export const scalekitCalls = () => callsOf(new ScalekitClient(nowhere, "skc_1", "secret"), "");

/** The calls of Svix's client: "svix.endpoint.create" and so on. */
export const svixCalls = () => callsOf(new Svix("token", { serverUrl: nowhere }), "svix.");

/** The services in the descriptors that Scalekit's SDK is generated from. */
export const services = () =>
  files(path.join(sdk, "pkg", "grpc", "scalekit"), "_pb.js").flatMap((file) =>
    Object.values(require(file)).filter((exported) => exported?.kind === "service"),
  );

/** The name of an RPC, such as "scalekit.v1.domains.DomainService/CreateDomain". */
export const nameOf = (method) => `${method.parent.typeName}/${method.name}`;

// The RPCs of the one service that the Node SDK lacks and the Python and Java SDKs have.
const webhookService = ["GetPortalURL", "SendTestEvent", "WebhookWrapper"];

/** The RPCs of the platform that the official SDKs know. */
export const platformRPCs = () => [
  ...services().flatMap((service) => service.methods.map(nameOf)),
  ...webhookService.map((name) => `scalekit.v1.webhooks.WebhookService/${name}`),
];

/** The versions of the two clients. */
export const versions = {
  scalekit: require("@scalekit-sdk/node/package.json").version,
  svix: require("svix/package.json").version,
};
