// Scalekit's Node SDK against the emulator: every directory call that the SDK offers. Groups and users come from a
// seed, as on the platform from an identity provider. What is expected is what the platform's documentation and SDKs
// say; where they are silent, nothing is asserted, or the name says "inferred".
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { rpc } from "./coverage.mjs";
import { emulator } from "./emulator.mjs";
import { fails, refuses } from "./failure.mjs";
import { pagesToTheEnd } from "./paging.mjs";

const environment = emulator();
let client;
let directories;
let organizationId;

const unknownOrganization = "org_1234567890123456";
const unknownId = "dir_1234567890123456";
const globex = "org_100000000000000001";
const directoryId = "dir_100000000000000001";
const SCIM = 1;
const LDAP = 2;
const POLL = 3;
const OKTA = 1;
const GOOGLE = 2;
const MICROSOFT_AD = 3;
const PING_IDENTITY = 7;

beforeEach(async () => {
  await environment.control("POST", "reset");
  client = environment.client();
  directories = client.directory;
  organizationId = (await client.organization.createOrganization("Acme")).organization.id;
});

const scimOkta = { directoryType: SCIM, directoryProvider: OKTA };
const create = async (wanted = scimOkta) => (await directories.createDirectory(organizationId, wanted)).directory;
const get = async (id) => (await directories.getDirectory(organizationId, id)).directory;

/** Seeds Globex with a directory of so many groups and users; every even user is in the first group. */
async function populate(groups, users) {
  await environment.control("POST", "seed", {
    roles: [{ name: "engineer" }, { name: "manager" }],
    organizations: [
      {
        id: globex,
        display_name: "Globex",
        domains: [{ domain: "globex.example" }],
        directories: [
          {
            id: directoryId,
            directory_provider: "OKTA",
            groups: Array.from({ length: groups }, (_, i) => ({ display_name: `Group ${i}` })),
            users: Array.from({ length: users }, (_, i) => ({
              email: `user${i}@globex.example`,
              given_name: `Given ${i}`,
              family_name: `Family ${i}`,
              groups: groups > 0 && i % 2 === 0 ? ["Group 0"] : [],
            })),
          },
        ],
      },
    ],
  });
}
const listUsers = (options) => directories.listDirectoryUsers(globex, directoryId, options);
const groupIds = async () => {
  const { groups } = await directories.listDirectoryGroups(globex, directoryId);
  return ["Group 0", "Group 1"].map((name) => groups.find(({ displayName }) => displayName === name)?.id);
};
const listGroups = (options) => directories.listDirectoryGroups(globex, directoryId, options);

describe("createDirectory", () => {
  test("is enabled at once, and has an endpoint", async () => {
    const directory = await create();
    assert.match(directory.id, /^dir_\d{17,19}$/);
    assert.equal(directory.organizationId, organizationId);
    assert.equal(directory.directoryType, SCIM);
    assert.equal(directory.directoryProvider, OKTA);
    assert.equal(directory.enabled, true);
    assert.ok(["", "DRAFT", "IN_PROGRESS", "COMPLETED"].includes(directory.status), directory.status);
    assert.equal(directory.directoryEndpoint, `${environment.url}/directory/${directory.id}/scim/v2`);
    assert.equal(directory.totalUsers, 0);
    assert.equal(directory.totalGroups, 0);
    assert.deepEqual(await get(directory.id), directory, "get returns what create did");
  });

  test("of every type and provider, or without a provider", async () => {
    for (const directoryType of [SCIM, LDAP, POLL]) {
      assert.equal((await create({ directoryType })).directoryType, directoryType);
    }
    for (let directoryProvider = OKTA; directoryProvider <= PING_IDENTITY; directoryProvider++) {
      const directory = await create({ directoryType: SCIM, directoryProvider });
      assert.equal(directory.directoryProvider, directoryProvider);
    }
    assert.equal((await create({ directoryType: SCIM })).directoryProvider, 0, "the custom provider (inferred)");
  });

  test("refuses no type, and types and providers that there are not", async () => {
    await refuses(directories.createDirectory(organizationId, {}), "directory_type");
    await refuses(directories.createDirectory(organizationId, { directoryType: 99 }), "directory_type");
    const noProvider = { directoryType: SCIM, directoryProvider: 99 };
    await refuses(directories.createDirectory(organizationId, noProvider), "directory_provider");
    await refuses(directories.createDirectory(organizationId), "directory");
  });

  test("refuses an organization that is not there, and a malformed id", async () => {
    await fails(directories.createDirectory(unknownOrganization, scimOkta), "NOT_FOUND");
    await refuses(directories.createDirectory("", scimOkta), "organization_id");
    await refuses(directories.createDirectory(`org_${"1".repeat(29)}`, scimOkta), "organization_id");
  });
});

describe("getDirectory", () => {
  test("refuses what is not there, and malformed ids", async () => {
    const { id } = await create();
    await fails(directories.getDirectory(organizationId, unknownId), "NOT_FOUND");
    await fails(directories.getDirectory(unknownOrganization, id), "NOT_FOUND");
    await refuses(directories.getDirectory(organizationId, ""), "id");
    await refuses(directories.getDirectory("", id), "organization_id");
  });

  test("refuses another organization's directory (inferred)", async () => {
    const { id } = await create();
    const { organization } = await client.organization.createOrganization("Other");
    await fails(directories.getDirectory(organization.id, id), "NOT_FOUND");
  });

  test("counts what the identity provider has sent", async () => {
    await populate(2, 3);
    const { directory } = await directories.getDirectory(globex, directoryId);
    assert.deepEqual([directory.totalUsers, directory.totalGroups], [3, 2]);
    assert.deepEqual([directory.stats.totalUsers, directory.stats.totalGroups], [3, 2]);
    assert.ok(Number(directory.stats.userUpdatedAt.seconds) > 0 && Number(directory.stats.groupUpdatedAt.seconds) > 0);
  });
});

describe("listDirectories and getPrimaryDirectoryByOrganizationId", () => {
  test("none, one and several", async () => {
    assert.deepEqual((await directories.listDirectories(organizationId)).directories, []);
    const primary = directories.getPrimaryDirectoryByOrganizationId(organizationId);
    const error = await primary.catch((text) => text);
    assert.equal(error, "directory does not exist for organization", "the SDK's own error");

    const created = [await create()];
    assert.deepEqual((await directories.listDirectories(organizationId)).directories, created);
    assert.deepEqual(await directories.getPrimaryDirectoryByOrganizationId(organizationId), created[0]);

    created.push(await create({ directoryType: SCIM, directoryProvider: GOOGLE }));
    const { directories: listed } = await directories.listDirectories(organizationId);
    assert.deepEqual(listed.map(({ id }) => id).sort(), created.map(({ id }) => id).sort());
    assert.deepEqual(await directories.getPrimaryDirectoryByOrganizationId(organizationId), listed[0]);
  });

  test("refuse an organization that is not there, and a malformed id", async () => {
    await fails(directories.listDirectories(unknownOrganization), "NOT_FOUND");
    await refuses(directories.listDirectories("acme"), "organization_id");
    await fails(directories.getPrimaryDirectoryByOrganizationId(unknownOrganization), "NOT_FOUND");
    await refuses(directories.getPrimaryDirectoryByOrganizationId("acme"), "organization_id");
  });
});

describe("enableDirectory and disableDirectory", () => {
  test("there and back", async () => {
    const { id } = await create();
    for (const enabled of [false, true, false]) {
      const call = enabled ? "enableDirectory" : "disableDirectory";
      const reply = await directories[call](organizationId, id);
      assert.equal(reply.enabled, enabled);
      assert.equal(reply.errorMessage ?? "", "");
      assert.equal((await get(id)).enabled, enabled);
    }
  });

  test("repeated, succeed with a message (inferred)", async () => {
    const { id } = await create();
    const enabled = await directories.enableDirectory(organizationId, id);
    assert.deepEqual([enabled.enabled, enabled.errorMessage], [true, "The directory is already enabled"]);
    await directories.disableDirectory(organizationId, id);
    const disabled = await directories.disableDirectory(organizationId, id);
    assert.equal(disabled.enabled, false);
    assert.match(disabled.errorMessage, /already disabled/);
  });

  test("refuse what is not there, and malformed ids", async () => {
    const { id } = await create();
    for (const call of ["enableDirectory", "disableDirectory"]) {
      await fails(directories[call](organizationId, unknownId), "NOT_FOUND");
      await fails(directories[call](unknownOrganization, id), "NOT_FOUND");
      await refuses(directories[call](organizationId, "acme"), "id");
      await refuses(directories[call]("acme", id), "organization_id");
    }
  });
});

describe("deleteDirectory", () => {
  test("refuses an enabled directory", async () => {
    const { id } = await create();
    const error = await fails(directories.deleteDirectory(organizationId, id), ["INVALID_ARGUMENT"], {
      message: /directory is enabled/i,
    });
    assert.match(error.message, /disable/i);
    assert.equal((await get(id)).enabled, true);
  });

  test("is final", async () => {
    const { id } = await create();
    await directories.disableDirectory(organizationId, id);
    await directories.deleteDirectory(organizationId, id);
    await fails(directories.getDirectory(organizationId, id), "NOT_FOUND");
    await fails(directories.deleteDirectory(organizationId, id), "NOT_FOUND");
    await fails(directories.enableDirectory(organizationId, id), "NOT_FOUND");
    assert.deepEqual((await directories.listDirectories(organizationId)).directories, []);
  });

  test("takes groups and users with it", async () => {
    await populate(1, 1);
    await directories.disableDirectory(globex, directoryId);
    assert.equal((await listUsers()).totalSize, 1, "disabled, it keeps its users");
    await directories.deleteDirectory(globex, directoryId);
    await fails(listUsers(), "NOT_FOUND");
    await fails(listGroups(), "NOT_FOUND");
  });

  test("goes with the organization, enabled or not", async () => {
    const { id } = await create();
    await client.organization.deleteOrganization(organizationId);
    await fails(directories.getDirectory(organizationId, id), "NOT_FOUND");
  });

  test("refuses what is not there, and malformed ids", async () => {
    const { id } = await create();
    await fails(directories.deleteDirectory(organizationId, unknownId), "NOT_FOUND");
    await fails(directories.deleteDirectory(unknownOrganization, id), "NOT_FOUND");
    await refuses(directories.deleteDirectory(organizationId, "acme"), "id");
    await refuses(directories.deleteDirectory("acme", id), "organization_id");
  });
});

for (const [call, items, lister] of [
  ["listDirectoryUsers", "users", listUsers],
  ["listDirectoryGroups", "groups", listGroups],
]) {
  describe(call, () => {
    // Pages of three: nothing, one, a page, a page and one, two pages and one.
    for (const total of [0, 1, 3, 4, 7]) {
      test(`pages to the end of ${total}`, async () => {
        await populate(total, total);
        const list = (pageSize, pageToken) => lister({ pageSize, pageToken });
        await pagesToTheEnd(list, (page) => page[items], { pageSize: 3, total });
      });
    }

    test("ten a page unless told otherwise, thirty at most", async () => {
      await populate(31, 31);
      const page = await lister();
      assert.equal(page[items].length, 10);
      assert.equal(page.totalSize, 31);
      assert.notEqual(page.nextPageToken, "");
      assert.equal((await lister({ pageSize: 30 }))[items].length, 30);
      await refuses(lister({ pageSize: 31 }), "page_size");
    });

    test("what has changed since", async () => {
      await populate(2, 2);
      const at = (milliseconds) => lister({ updatedAfter: new Date(Date.now() + milliseconds).toISOString() });
      assert.equal((await at(-3_600_000)).totalSize, 2);
      assert.deepEqual((await at(3_600_000))[items], []);
    });

    test("detail only when asked for", async () => {
      await populate(1, 1);
      const name = items === "users" ? "userDetail" : "groupDetail";
      assert.deepEqual((await lister())[items][0][name] ?? {}, {});
      const detail = (await lister({ includeDetail: true }))[items][0][name];
      for (const field of items === "users" ? ["id", "email", "display_name"] : ["id", "display_name"]) {
        assert.ok(detail[field], `${field} is in the detail (seen)`);
      }
    });

    test("refuses a token it never gave", async () => {
      await populate(1, 1);
      await fails(lister({ pageToken: "not a token" }), "INVALID_ARGUMENT");
    });

    test("refuses what is not there, and malformed ids", async () => {
      await populate(1, 1);
      await fails(directories[call](globex, unknownId), "NOT_FOUND");
      await fails(directories[call](unknownOrganization, directoryId), "NOT_FOUND");
      await refuses(directories[call](globex, "acme"), "directory_id");
      await refuses(directories[call]("acme", directoryId), "organization_id");
    });
  });
}

describe("directory users and groups", () => {
  test("a user's fields", async () => {
    await populate(2, 2);
    const { users } = await listUsers();
    const user = users.find(({ email }) => email === "user0@globex.example");
    assert.match(user.id, /^diruser_\d{17,28}$/);
    assert.equal(user.givenName, "Given 0");
    assert.equal(user.familyName, "Family 0");
    assert.deepEqual(user.groups.map(({ displayName }) => displayName), ["Group 0"]);
    assert.ok(user.emails.includes("user0@globex.example"));
    assert.ok(Math.abs(Number(user.updatedAt.seconds) * 1000 - Date.now()) < 60_000);
  });

  test("a group's fields", async () => {
    await populate(2, 3);
    const { groups } = await listGroups();
    const sizes = Object.fromEntries(groups.map((group) => [group.displayName, group.totalUsers]));
    assert.deepEqual(sizes, { "Group 0": 2, "Group 1": 0 });
    for (const group of groups) assert.match(group.id, /^dirgroup_\d{17,27}$/);
  });

  test("the users of a group", async () => {
    await populate(2, 3);
    const [first, second] = await groupIds();
    const of = async (directoryGroupId) =>
      (await listUsers({ directoryGroupId })).users.map(({ email }) => email).sort();
    assert.deepEqual(await of(first), ["user0@globex.example", "user2@globex.example"]);
    assert.deepEqual(await of(second), []);
    await refuses(listUsers({ directoryGroupId: "Group 0" }), "directory_group_id");
  });
});

// RPCs of the service without a method in the SDK's client.
const call = (name, request = {}) => rpc(directories, name, { organizationId: globex, ...request });

describe("createDirectorySecret and regenerateDirectorySecret", () => {
  for (const name of ["createDirectorySecret", "regenerateDirectorySecret"]) {
    test(`${name}: shown once`, async () => {
      await populate(0, 0);
      const { plainSecret, secret } = await call(name, { directoryId });
      assert.match(plainSecret, /^[A-Za-z0-9]{64}$/);
      assert.match(secret.id, /^sec_\d{17,19}$/);
      assert.equal(secret.directoryId, directoryId);
      assert.equal(secret.secretSuffix, plainSecret.slice(-4));
      assert.equal(secret.status, 0, "ACTIVE");
      const { directory } = await directories.getDirectory(globex, directoryId);
      const shown = directory.secrets.find(({ id }) => id === secret.id);
      assert.equal(shown.secretSuffix, secret.secretSuffix);
      const text = JSON.stringify(directory, (_, value) => (typeof value === "bigint" ? String(value) : value));
      assert.ok(!text.includes(plainSecret), "never again");
    });

    test(`${name}: never expires, never used, as 0001-01-01 (inferred for a fresh one)`, async () => {
      await populate(0, 0);
      const { secret } = await call(name, { directoryId });
      for (const time of [secret.expireTime, secret.lastUsedTime]) {
        assert.ok(time === undefined || time.seconds === -62135596800n, String(time?.seconds));
      }
    });

    test(`${name}: refuses what is not there, and malformed ids`, async () => {
      await populate(0, 0);
      await fails(call(name, { directoryId: unknownId }), "NOT_FOUND");
      await fails(call(name, { directoryId, organizationId: unknownOrganization }), "NOT_FOUND");
      await refuses(call(name, { directoryId: "acme" }), "directory_id");
      await refuses(call(name, { directoryId, organizationId: "acme" }), "organization_id");
    });
  }

  test("another one each time", async () => {
    await populate(0, 0);
    const first = await call("createDirectorySecret", { directoryId });
    const second = await call("regenerateDirectorySecret", { directoryId });
    assert.notEqual(first.plainSecret, second.plainSecret);
  });
});

describe("assignRoles", () => {
  const assign = (...assignments) => call("assignRoles", { id: directoryId, roleAssignments: { assignments } });
  const read = async () => {
    const { directory } = await directories.getDirectory(globex, directoryId);
    const assignments = directory.roleAssignments?.assignments ?? [];
    return assignments.map(({ groupId, roleName }) => `${groupId} ${roleName}`).sort();
  };

  test("replaces the whole set (inferred)", async () => {
    await populate(2, 0);
    const [first, second] = await groupIds();
    assert.deepEqual(await read(), []);
    await assign({ groupId: first, roleName: "engineer" }, { groupId: second, roleName: "manager" });
    assert.deepEqual(await read(), [`${first} engineer`, `${second} manager`].sort());
    await assign({ groupId: first, roleName: "manager" });
    assert.deepEqual(await read(), [`${first} manager`]);
    await assign();
    assert.deepEqual(await read(), []);
  });

  test("refuses a role that is malformed, or not there (inferred)", async () => {
    await populate(1, 0);
    const [groupId] = await groupIds();
    await refuses(assign({ groupId, roleName: "no-role" }), "role_assignments.assignments[0].role_name");
    await refuses(assign({ groupId: "", roleName: "engineer" }), "role_assignments.assignments[0].group_id");
    await fails(assign({ groupId, roleName: "nobody" }), ["INVALID_ARGUMENT", "NOT_FOUND"]);
    assert.deepEqual(await read(), []);
  });

  test("refuses a directory that is not there", async () => {
    const roleAssignments = { assignments: [] };
    await fails(call("assignRoles", { organizationId, id: unknownId, roleAssignments }), "NOT_FOUND");
    await refuses(call("assignRoles", { organizationId, id: "", roleAssignments }), "id");
  });
});

describe("updateAttributes", () => {
  const put = (...attributes) => call("updateAttributes", { id: directoryId, attributeMapping: { attributes } });

  test("is read back", async () => {
    await populate(0, 0);
    await put({ key: "department", mapTo: "dept" }, { key: "costCenter", mapTo: "cost_center" });
    const { directory } = await directories.getDirectory(globex, directoryId);
    const read = directory.attributeMappings.attributes.map(({ key, mapTo }) => `${key} ${mapTo}`).sort();
    assert.deepEqual(read, ["costCenter cost_center", "department dept"]);
  });

  test("refuses keys and targets of no or of more than 32 characters", async () => {
    await populate(0, 0);
    await put({ key: "k".repeat(32), mapTo: "m".repeat(32) });
    for (const bad of ["", "b".repeat(33)]) {
      await refuses(put({ key: bad, mapTo: "m" }), "attribute_mapping.attributes[0].key");
      await refuses(put({ key: "k", mapTo: bad }), "attribute_mapping.attributes[0].map_to");
    }
  });
});

describe("other RPCs", () => {
  test("listDirectoryGroupsSummary has no pages", async () => {
    await populate(31, 0);
    assert.equal((await call("listDirectoryGroupsSummary", { directoryId })).groups.length, 31);
    await fails(call("listDirectoryGroupsSummary", { directoryId: unknownId }), "NOT_FOUND");
    await refuses(call("listDirectoryGroupsSummary", { directoryId: "acme" }), "directory_id");
  });

  test("triggerDirectorySync", async () => {
    await create({ directoryType: POLL, directoryProvider: GOOGLE });
    const { id } = await directories.getPrimaryDirectoryByOrganizationId(organizationId);
    await call("triggerDirectorySync", { organizationId, directoryId: id });
    await fails(call("triggerDirectorySync", { organizationId, directoryId: unknownId }), "NOT_FOUND");
    await refuses(call("triggerDirectorySync", { organizationId, directoryId: "" }), "directory_id");
  });

  test("assignGroupsForDirectory chooses groups of a polling directory by external id (inferred)", async () => {
    const { id } = await create({ directoryType: POLL, directoryProvider: GOOGLE });
    const assign = (externalIds, to = id) => call("assignGroupsForDirectory", { organizationId, id: to, externalIds });
    const groups = ["g1", "g2"].map((externalId) => ({
      externalId,
      displayName: `Group ${externalId}`,
      email: `${externalId}@acme.example`,
    }));
    await call("updateDirectory", { organizationId, id, directory: { name: "Google", groups } });
    const chosen = async () =>
      (await directories.listDirectoryGroups(organizationId, id)).groups.map(({ displayName }) => displayName);
    await assign(["g2"]);
    assert.deepEqual(await chosen(), ["Group g2"]);
    await refuses(assign([]), "external_ids");
    await fails(assign(["g1"], unknownId), "NOT_FOUND");
    assert.deepEqual(await chosen(), ["Group g2"]);
  });

  test("updateDirectory within its rules", async () => {
    const { id } = await create();
    const update = (directory, to = id) => call("updateDirectory", { organizationId, id: to, directory });
    await fails(update({ name: "Okta" }, unknownId), "NOT_FOUND");
    await refuses(update({ name: "n".repeat(257) }), "name");
    await refuses(update({ name: "Okta", directoryProvider: 99 }), "directory_provider");
    await refuses(update({ name: "Okta" }, "acme"), "id");
    assert.equal((await get(id)).directoryProvider, OKTA);
  });

  test("updateDirectory gives a name (inferred)", async () => {
    const { id } = await create();
    const named = { name: "Okta", directoryType: SCIM, directoryProvider: MICROSOFT_AD, enabled: true };
    await call("updateDirectory", { organizationId, id, directory: named });
    assert.equal((await get(id)).name, "Okta");
  });
});
