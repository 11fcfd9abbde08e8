// What Scalekit's and Svix's clients offer and the emulator does not serve, each with the reason. As a program it asks an
// emulator for every call of both, prints those that are not served, and fails where its answers and the reasons differ.
//
//   SCALEKIT_EMULATOR=PROGRAM node unserved.mjs
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Svix } from "svix";
import { callsOf, notForClients, resourcesOf } from "./coverage.mjs";
import { startEmulator } from "./emulator.mjs";

const seeded = "the emulator's connections come from its seed: the provider only reads them";
const outOfScope = (what) => `${what} are no part of what the provider declares or reads`;
const logins = outOfScope("logins and sessions");
const agents = outOfScope("connected accounts and the tools of agents");

/** The reasons, for a service or for each of its RPCs. */
export const unservedByScalekit = {
  "scalekit.v1.auditlogs.AuditLogsService": outOfScope("audit logs"),
  "scalekit.v1.auth.AuthService": logins,
  "scalekit.v1.auth.passwordless.PasswordlessService": logins,
  "scalekit.v1.auth.webauthn.WebAuthnService": logins,
  "scalekit.v1.clients.ClientService": outOfScope("API clients"),
  "scalekit.v1.connected_accounts.ConnectedAccountService": agents,
  "scalekit.v1.connections.ConnectionService": {
    createConnection: seeded,
    createEnvironmentConnection: seeded,
    updateConnection: seeded,
    updateEnvironmentConnection: seeded,
    deleteConnection: seeded,
    deleteEnvironmentConnection: seeded,
    enableConnection: seeded,
    enableEnvironmentConnection: seeded,
    disableConnection: seeded,
    disableEnvironmentConnection: seeded,
    assignDomainsToConnection: seeded,
    getConnectionContext: notForClients,
    updateConnectionContext: notForClients,
  },
  "scalekit.v1.directories.DirectoryService": {
    getDirectoryContext: notForClients,
    updateDirectoryContext: notForClients,
  },
  "scalekit.v1.domains.DomainService": { listAuthorizedDomains: "it is for the portal, without a token" },
  "scalekit.v1.errdetails.Dummy": "it exists for the sake of its messages alone",
  "scalekit.v1.events.EventsService": outOfScope("past events"),
  "scalekit.v1.organizations.OrganizationService": { deletePortalLink: notForClients, getPortalLinks: notForClients },
  "scalekit.v1.roles.RolesService": {},
  "scalekit.v1.sessions.SessionService": logins,
  "scalekit.v1.tokens.ApiTokenService": outOfScope("API tokens"),
  "scalekit.v1.tools.ToolService": agents,
  "scalekit.v1.users.UserService": { getCurrentUser: notForClients, getSupportHash: notForClients },
};

const notEndpoints = "it is about neither endpoints, their secrets and headers, nor the list of event types";
const messages = "the emulator delivers its own events at once and keeps no messages to send anew";
const forAdministrators = "it takes an administrator's token, not that of a portal's session";

/** The reasons, for a resource of Svix's client or for each of its calls. */
export const unservedBySvix = {
  application: forAdministrators,
  authentication: {
    appPortalAccess: forAdministrators,
    expireAll: forAdministrators,
    logout: "no session outlives the process that opened it",
    streamPortalAccess: forAdministrators,
    streamLogout: notEndpoints,
    streamExpireAll: forAdministrators,
    rotateStreamPollerToken: forAdministrators,
    getStreamPollerToken: forAdministrators,
  },
  autoconfigSubscription: notEndpoints,
  backgroundTask: forAdministrators,
  connector: forAdministrators,
  destination: notEndpoints,
  endpoint: {
    bulkReplay: messages,
    getStats: messages,
    recover: messages,
    replayMissing: messages,
    "transformation.get": notEndpoints,
    "transformation.patch": notEndpoints,
    transformationPartialUpdate: notEndpoints,
  },
  environment: forAdministrators,
  eventType: {
    create: forAdministrators,
    delete: forAdministrators,
    get: "the list has all that there is to know of an event type",
    importOpenapi: forAdministrators,
    patch: forAdministrators,
    upsert: forAdministrators,
  },
  health: notEndpoints,
  ingest: notEndpoints,
  integration: notEndpoints,
  message: messages,
  messageAttempt: messages,
  operationalWebhook: notEndpoints,
  statistics: messages,
  streaming: notEndpoints,
};

/** The services of all descriptors that Scalekit's SDK holds. */
function services() {
  const require = createRequire(import.meta.url);
  const root = path.join(path.dirname(require.resolve("@scalekit-sdk/node")), "pkg", "grpc", "scalekit", "v1");
  return readdirSync(root, { recursive: true })
    .filter((file) => file.endsWith("_pb.js"))
    .flatMap((file) => Object.values(require(path.join(root, file))))
    .filter((exported) => exported?.kind === "service");
}

/** Asks for every RPC, with an empty request. */
async function askScalekit(environment) {
  const client = environment.client();
  await client.organization.listOrganization(); // for the token
  const asked = [];
  for (const service of services()) {
    const stub = client.grpcConnect.createClient(service);
    for (const name of Object.keys(service.method)) {
      await environment.calls();
      await client.coreClient.connectExec(stub[name], {}).catch(() => {});
      const code = (await environment.calls()).at(-1).split(" ")[1];
      const served = !["UNIMPLEMENTED", "PERMISSION_DENIED"].includes(code);
      asked.push({ group: service.typeName, name, served });
    }
  }
  return asked;
}

/** The calls of a client and of the resources below it, each with the path to it: "create", "transformation.get". */
const callsBelow = (client, prefix = "") => [
  ...callsOf(client).map((name) => ({ name: prefix + name, call: client[name].bind(client) })),
  ...resourcesOf(client).flatMap((name) => callsBelow(client[name], `${prefix}${name}.`)),
];

/** Asks for every call of Svix's client. One that the emulator serves has a name in its log. */
async function askSvix(environment) {
  const svix = new Svix("token", { serverUrl: `${environment.url}/_svix`, numRetries: 0 });
  const asked = [];
  for (const group of resourcesOf(svix)) {
    for (const { name, call } of callsBelow(svix[group])) {
      await environment.calls();
      await (async () => call("app", "id", {}, {}))().catch(() => {});
      asked.push({ group, name, served: (await environment.calls()).some((logged) => logged.startsWith("svix.")) });
    }
  }
  return asked;
}

/** Prints what is not served, and returns what is wrong with the reasons. */
function report(title, asked, reasons) {
  const problems = [];
  const reasonOf = ({ group, name }) => (typeof reasons[group] === "string" ? reasons[group] : reasons[group]?.[name]);
  const lines = new Map();
  for (const call of asked) {
    const reason = reasonOf(call);
    if (call.served && reason) problems.push(`${call.group} ${call.name} is served, and has a reason why not`);
    if (!call.served && !reason) problems.push(`${call.group} ${call.name} is not served, and has no reason why`);
    if (call.served || !reason) continue;
    const whole = typeof reasons[call.group] === "string";
    const line = `${call.group}${whole ? "" : `.${call.name}`}`;
    const { names = [] } = lines.get(line) ?? {};
    lines.set(line, { reason, names: whole ? [...names, call.name] : names });
  }
  for (const [group, known] of Object.entries(reasons)) {
    const calls = asked.filter((call) => call.group === group).map(({ name }) => name);
    const names = typeof known === "string" ? [] : Object.keys(known);
    if (calls.length === 0) problems.push(`${group} is not offered`);
    problems.push(...names.filter((name) => !calls.includes(name)).map((name) => `${group} ${name} is not offered`));
  }
  const served = asked.filter(({ served }) => served).length;
  console.log(`\n${title}: ${served} of ${asked.length} calls are served. Those that are not:`);
  for (const [line, { reason, names }] of lines) {
    console.log(`  ${line}${names.length ? ` (${names.join(", ")})` : ""}\n      ${reason}`);
  }
  return problems;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { environment, stop } = await startEmulator();
  const problems = [
    ...report("Scalekit's Node SDK", await askScalekit(environment), unservedByScalekit),
    ...report("Svix's JavaScript client", await askSvix(environment), unservedBySvix),
  ];
  stop();
  if (problems.length > 0) {
    console.error(["", ...problems].join("\nerror: "));
    process.exit(1);
  }
}
