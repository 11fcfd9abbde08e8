// Scalekit's Node SDK against the emulator: every connection call that the SDK offers. The emulator has connections for
// reading alone: they come from a seed. What is expected is what the platform's documentation and SDKs say; where they
// are silent, nothing is asserted, or the name says "inferred".
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { rpc } from "./coverage.mjs";
import { emulator } from "./emulator.mjs";
import { fails, refuses } from "./failure.mjs";
import { pagesToTheEnd } from "./paging.mjs";

const environment = emulator();
let client;
let connections;

const globex = "org_100000000000000001";
const initech = "org_100000000000000002";
const unknownOrganization = "org_1234567890123456";
const unknownId = "conn_1234567890123456";
const tooLong = "1".repeat(33);
const OKTA = 1;
const OIDC = 1;
const SAML = 2;
const COMPLETED = 3;

const seed = {
  organizations: [
    {
      id: globex,
      display_name: "Globex",
      domains: [{ domain: "globex.example" }, { domain: "globex.test" }],
      connections: [
        { id: "conn_1", provider: "OKTA", type: "SAML", domains: ["globex.example"], ui_button_title: "Globex SSO" },
        { id: "conn_2", provider: "GOOGLE", type: "OIDC", enabled: false },
        { id: "conn_3", provider: "AUTH0", type: "OIDC", status: "DRAFT", enabled: false },
      ],
    },
    { id: initech, display_name: "Initech", connections: [{ id: "conn_4", provider: "OKTA", type: "OIDC" }] },
  ],
};

beforeEach(async () => {
  await environment.control("POST", "reset");
  await environment.control("POST", "seed", seed);
  client = environment.client();
  connections = client.connection;
});

const ids = (listed) => listed.map((connection) => connection.id).sort();

describe("getConnection", () => {
  test("a connection and its domains", async () => {
    const { connection } = await connections.getConnection(globex, "conn_1");
    assert.equal(connection.id, "conn_1");
    assert.equal(connection.organizationId, globex);
    assert.equal(connection.provider, OKTA);
    assert.equal(connection.type, SAML);
    assert.equal(connection.status, COMPLETED);
    assert.equal(connection.enabled, true);
    assert.equal(connection.uiButtonTitle, "Globex SSO");
    assert.deepEqual(connection.domains.map((domain) => domain.domain), ["globex.example"]);
    assert.equal(connection.testConnectionUri, `${environment.url}/sso/v1/saml/conn_1/test`);
    const oidc = (await connections.getConnection(initech, "conn_4")).connection;
    assert.equal(oidc.testConnectionUri, `${environment.url}/sso/v1/oidc/conn_4/test`);
  });

  test("one that is not enabled, and one that is not complete", async () => {
    assert.equal((await connections.getConnection(globex, "conn_2")).connection.enabled, false);
    assert.equal((await connections.getConnection(globex, "conn_3")).connection.status, 1, "DRAFT");
  });

  test("refuses what is not there, and malformed ids", async () => {
    await fails(connections.getConnection(globex, unknownId), "NOT_FOUND");
    await fails(connections.getConnection(unknownOrganization, "conn_1"), "NOT_FOUND");
    await refuses(connections.getConnection(globex, ""), "id");
    await refuses(connections.getConnection(globex, tooLong), "id");
    await refuses(connections.getConnection("", "conn_1"), "organization_id");
  });

  test("refuses another organization's connection (inferred)", async () => {
    await fails(connections.getConnection(initech, "conn_1"), "NOT_FOUND");
  });
});

describe("listConnections", () => {
  test("those of an organization that are complete and enabled", async () => {
    const { connections: listed } = await connections.listConnections(globex);
    assert.deepEqual(ids(listed), ["conn_1"]);
    const [connection] = listed;
    assert.equal(connection.organizationId, globex);
    assert.equal(connection.organizationName, "Globex");
    assert.equal(connection.provider, OKTA);
    assert.equal(connection.type, SAML);
    assert.equal(connection.status, COMPLETED);
    assert.equal(connection.enabled, true);
    assert.equal(connection.uiButtonTitle, "Globex SSO");
    assert.deepEqual(connection.domains, ["globex.example"]);
  });

  test("the others too when told so", async () => {
    const all = await rpc(connections, "listConnections", { organizationId: globex, include: "all" });
    assert.deepEqual(ids(all.connections), ["conn_1", "conn_2", "conn_3"]);
  });

  test("an organization without any, and no pages", async () => {
    const { organization } = await client.organization.createOrganization("Acme");
    assert.deepEqual((await connections.listConnections(organization.id)).connections, []);
    await environment.control("POST", "seed", {
      organizations: [
        { id: "org_100000000000000003", display_name: "Hooli", connections: Array(31).fill({ type: "OIDC" }) },
      ],
    });
    assert.equal((await connections.listConnections("org_100000000000000003")).connections.length, 31);
  });

  test("refuses a malformed organization id", async () => {
    await refuses(connections.listConnections(""), "organization_id");
    await refuses(connections.listConnections(tooLong), "organization_id");
  });
});

describe("listConnectionsByDomain", () => {
  test("those that have the domain", async () => {
    assert.deepEqual(ids((await connections.listConnectionsByDomain("globex.example")).connections), ["conn_1"]);
    assert.deepEqual((await connections.listConnectionsByDomain("globex.test")).connections, []);
    assert.deepEqual((await connections.listConnectionsByDomain("nobody.example")).connections, []);
  });

  test("refuses a domain of no or of more than 32 characters", async () => {
    await refuses(connections.listConnectionsByDomain(""), "domain");
    await refuses(connections.listConnectionsByDomain(`${"a".repeat(28)}.test`), "domain");
  });
});

describe("listAppConnections", () => {
  test("those of the environment (inferred: the seed's), in pages and by provider", async () => {
    assert.equal((await connections.listAppConnections()).totalSize, 0, "organizations' are not the application's");
    for (const [total, more] of [[1, 1], [3, 2], [4, 1]]) {
      const added = Array.from({ length: more }, () => ({ type: "OAUTH", provider: "GITHUB" }));
      await environment.control("POST", "seed", { connections: added });
      await pagesToTheEnd(
        (pageSize, pageToken) => connections.listAppConnections({ pageSize, pageToken }),
        (page) => page.connections,
        { pageSize: 3, total },
      );
    }
    assert.equal((await connections.listAppConnections({ provider: "GITLAB" })).totalSize, 0);
    assert.equal((await connections.listAppConnections({ provider: "GITHUB" })).totalSize, 4);
  });

  test("refuses pages over 30, and a provider out of range", async () => {
    await refuses(connections.listAppConnections({ pageSize: 31 }), "page_size");
    await refuses(connections.listAppConnections({ provider: "" }), "provider");
    await refuses(connections.listAppConnections({ provider: "p".repeat(51) }), "provider");
  });
});

// RPCs of the service without a method in the SDK's client.
describe("other reads", () => {
  test("getEnvironmentConnection", async () => {
    await environment.control("POST", "seed", { connections: [{ id: "conn_9", type: "OAUTH", provider: "GITHUB" }] });
    const { connection } = await rpc(connections, "getEnvironmentConnection", { connectionId: "conn_9" });
    assert.equal(connection.id, "conn_9");
    await fails(rpc(connections, "getEnvironmentConnection", { connectionId: unknownId }), "NOT_FOUND");
    await refuses(rpc(connections, "getEnvironmentConnection", { connectionId: "" }), "connection_id");
  });

  test("listOrganizationConnections and searchOrganizationConnections, in pages", async () => {
    const listed = await pagesToTheEnd(
      (pageSize, pageToken) => rpc(connections, "listOrganizationConnections", { pageSize, pageToken }),
      (page) => page.connections,
      { pageSize: 3, total: 4 },
    );
    assert.deepEqual(ids(listed), ["conn_1", "conn_2", "conn_3", "conn_4"]);
    const search = (request) => rpc(connections, "searchOrganizationConnections", request);
    assert.deepEqual(ids((await search({ connectionType: OIDC })).connections), ["conn_2", "conn_3", "conn_4"]);
    assert.deepEqual(ids((await search({ connectionType: OIDC, enabled: true })).connections), ["conn_4"]);
    assert.deepEqual(ids((await search({ status: COMPLETED, enabled: false })).connections), ["conn_2"]);
    await refuses(search({ query: "a".repeat(101) }), "query");
    await refuses(search({ pageSize: 31 }), "page_size");
    await refuses(rpc(connections, "listOrganizationConnections", { pageSize: 31 }), "page_size");
  });

  test("getConnectionTestResult refuses what is not there", async () => {
    const request = { connectionId: unknownId, testRequestId: "tr_1" };
    await fails(rpc(connections, "getConnectionTestResult", request), ["NOT_FOUND", "INVALID_ARGUMENT"]);
  });
});

// The emulator does not serve these: connections are set up in the portal, and the provider only reads them.
describe("calls that would change a connection are not implemented", () => {
  const readsOnly = (call) => fails(call, "UNIMPLEMENTED", { errorCode: "UNIMPLEMENTED" });

  for (const [name, call] of Object.entries({
    createConnection: () => connections.createConnection(globex, { type: OIDC, provider: OKTA }),
    enableConnection: () => connections.enableConnection(globex, "conn_2"),
    disableConnection: () => connections.disableConnection(globex, "conn_1"),
    deleteConnection: () => connections.deleteConnection(globex, "conn_1"),
  })) {
    test(`not served: ${name}: the emulator's connections come from its seed`, async () => {
      await readsOnly(call());
      const all = await rpc(connections, "listConnections", { include: "all" });
      assert.equal(all.connections.length, 4);
      assert.equal((await connections.getConnection(globex, "conn_1")).connection.enabled, true);
      assert.equal((await connections.getConnection(globex, "conn_2")).connection.enabled, false);
    });
  }
});
