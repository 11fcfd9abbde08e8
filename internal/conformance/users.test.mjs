// Scalekit's Node SDK against the emulator: every call for users and memberships that the SDK offers. What is expected
// is what the platform's documentation and SDKs say; where they are silent, nothing is asserted, or the name says
// "inferred".
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { emulator } from "./emulator.mjs";
import { fails, refuses } from "./failure.mjs";
import { pagesToTheEnd } from "./paging.mjs";

const environment = emulator();
let client;
let users;
let organizationId;

const unknownOrganization = "org_1234567890123456";
const unknownId = "usr_1234567890123456";
const shortId = "usr_12345678901234"; // Of 18 characters: reading takes it, writing does not.
const ACTIVE = 1;
const PENDING_INVITE = 3;
const DAY = 86_400_000;

const newOrganization = async (name) => (await client.organization.createOrganization(name)).organization.id;

beforeEach(async () => {
  await environment.control("POST", "reset");
  client = environment.client();
  users = client.user;
  organizationId = await newOrganization("Acme");
});

const ada = { email: "ada@acme.example", sendInvitationEmail: false };
const create = async (options = ada, organization = organizationId) =>
  (await users.createUserAndMembership(organization, { sendInvitationEmail: false, ...options })).user;
const several = async (total, organization) => {
  const ids = [];
  for (let i = 0; i < total; i++) ids.push((await create({ email: `user${i}@acme.example` }, organization)).id);
  return ids;
};
const get = async (id) => (await users.getUser(id)).user;
const ids = (listed) => listed.map((user) => user.id).sort();
const membershipOf = (user, organization = organizationId) =>
  user.memberships.find((membership) => membership.organizationId === organization);
const rolesOf = async (id, organization = organizationId) =>
  (await users.listUserRoles(organization, id)).roles.map((role) => role.name).sort();
const newRole = (name, more) => client.role.createRole({ name, displayName: name, ...more });
const metadata = (pairs) => Object.fromEntries(Array.from({ length: pairs }, (_, i) => [`key${i}`, `value ${i}`]));
const badMetadata = [metadata(21), { ab: "v" }, { ["k".repeat(26)]: "v" }, { key: "" }, { key: "v".repeat(257) }];

describe("createUserAndMembership", () => {
  test("with an email alone: invited for 15 days", async () => {
    const begin = Date.now();
    const { user } = await users.createUserAndMembership(organizationId, { email: "ada@acme.example" });
    assert.match(user.id, /^usr_\d{17,19}$/);
    assert.equal(user.email, "ada@acme.example");
    const created = Number(user.createTime.seconds) * 1000;
    assert.ok(created >= begin - 2000 && created <= Date.now() + 2000, "create_time is now");
    assert.equal(user.memberships.length, 1);
    const membership = membershipOf(user);
    assert.equal(membership.membershipStatus, PENDING_INVITE);
    assert.deepEqual(membership.roles.map((role) => role.name), ["member"], "the default member role");
    const life = Number(membership.expiresAt.seconds) * 1000 - begin;
    assert.ok(life > 14.9 * DAY && life < 15.1 * DAY, `expires in ${life / DAY} days`);
    assert.deepEqual(await get(user.id), user, "get returns what create did");
  });

  test("without an invitation: active (inferred)", async () => {
    const membership = membershipOf(await create());
    assert.equal(membership.membershipStatus, ACTIVE);
    assert.equal(membership.expiresAt, undefined);
  });

  test("with all that the SDK can send", async () => {
    const { id } = await create({
      ...ada,
      externalId: "ada/1 ü",
      userProfile: { firstName: "Ada", lastName: "Lovelace" },
      metadata: metadata(20),
    });
    const user = await get(id);
    assert.equal(user.externalId, "ada/1 ü");
    assert.deepEqual(user.metadata, metadata(20));
    assert.match(user.userProfile.id, /^usp_\d+$/);
    const { givenName, firstName, familyName, lastName } = user.userProfile;
    assert.ok([givenName, firstName].includes("Ada") && [familyName, lastName].includes("Lovelace"));
  });

  test("refuses a malformed email, names and metadata out of range", async () => {
    for (const email of ["ada", "ada@", "@acme.example", "a b@acme.example"]) {
      await refuses(users.createUserAndMembership(organizationId, { email }), "email");
    }
    const firstName = "F".repeat(201);
    await refuses(users.createUserAndMembership(organizationId, { ...ada, userProfile: { firstName } }), "first_name");
    for (const bad of badMetadata) {
      await fails(users.createUserAndMembership(organizationId, { ...ada, metadata: bad }), "INVALID_ARGUMENT", {
        errorCode: "INVALID_ARGUMENT",
      });
    }
    assert.equal((await users.listUsers()).totalSize, 0);
  });

  test("refuses an email that a user has, in any organization", async () => {
    await create();
    const other = await newOrganization("Other");
    await fails(users.createUserAndMembership(organizationId, ada), "INVALID_ARGUMENT");
    await fails(users.createUserAndMembership(other, ada), "INVALID_ARGUMENT");
    assert.equal((await users.listUsers()).totalSize, 1);
  });

  test("refuses more users than the organization may have", async () => {
    await client.organization.upsertUserManagementSettings(organizationId, { maxAllowedUsers: 2 });
    await create();
    await users.createUserAndMembership(organizationId, { email: "invited@acme.example" });
    const third = users.createUserAndMembership(organizationId, { email: "third@acme.example" });
    await fails(third, ["INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"]); // The platform's code is not documented.
    await client.organization.upsertUserManagementSettings(organizationId, { maxAllowedUsers: 0 });
    await create({ email: "third@acme.example" });
  });

  test("refuses an organization that is not there; what is missing is the SDK's own error", async () => {
    await fails(users.createUserAndMembership(unknownOrganization, ada), "NOT_FOUND");
    await assert.rejects(users.createUserAndMembership("", ada), { message: "organizationId is required" });
    await assert.rejects(users.createUserAndMembership(organizationId, {}), { message: "email is required" });
  });
});

describe("getUser and getUserByExternalId", () => {
  test("one user, either way", async () => {
    const user = await create({ ...ada, externalId: "ada" });
    await create({ email: "bob@acme.example", externalId: "bob" });
    assert.deepEqual((await users.getUserByExternalId("ada")).user, user);
    assert.deepEqual(await get(user.id), user);
  });

  test("refuse what is not there, and malformed ids", async () => {
    await fails(users.getUser(unknownId), "NOT_FOUND");
    await fails(users.getUser(shortId), "NOT_FOUND");
    await refuses(users.getUser("acme"), "id");
    await refuses(users.getUser(`usr_${"1".repeat(29)}`), "id");
    await fails(users.getUserByExternalId("nobody"), "NOT_FOUND");
    await refuses(users.getUserByExternalId(""), "external_id");
    await refuses(users.getUserByExternalId("e".repeat(511)), "external_id");
  });
});

for (const [call, lister] of [
  ["listUsers", (options) => users.listUsers(options)],
  ["listOrganizationUsers", (options) => users.listOrganizationUsers(organizationId, options)],
]) {
  describe(call, () => {
    // Pages of three: nothing, one, a page, a page and one, two pages and one.
    for (const total of [0, 1, 3, 4, 7]) {
      test(`pages to the end of ${total}`, async () => {
        const created = await several(total);
        const list = (pageSize, pageToken) => lister({ pageSize, pageToken });
        const all = await pagesToTheEnd(list, (page) => page.users, { pageSize: 3, total });
        assert.deepEqual(ids(all), created.sort());
      });
    }

    test("refuses a token it never gave", async () => {
      await fails(lister({ pageToken: "not a token" }), "INVALID_ARGUMENT");
    });
  });
}

describe("listUsers", () => {
  test("ten a page unless told otherwise, and users of all organizations", async () => {
    await several(10);
    await create({ email: "other@acme.example" }, await newOrganization("Other"));
    const page = await users.listUsers();
    assert.equal(page.users.length, 10);
    assert.equal(page.totalSize, 11);
  });
});

describe("listOrganizationUsers", () => {
  test("the organization's alone, with the membership in it", async () => {
    const user = await create();
    const other = await newOrganization("Other");
    await create({ email: "bob@acme.example" }, other);
    const { users: listed } = await users.listOrganizationUsers(organizationId);
    assert.deepEqual(ids(listed), [user.id]);
    assert.equal(membershipOf(listed[0]).membershipStatus, ACTIVE);
  });

  test("up to a hundred a page", async () => {
    await several(31);
    assert.equal((await users.listOrganizationUsers(organizationId, { pageSize: 100 })).users.length, 31);
    await refuses(users.listOrganizationUsers(organizationId, { pageSize: 101 }), "page_size");
  });

  test("refuses what is not there, and a malformed id", async () => {
    await fails(users.listOrganizationUsers(unknownOrganization), "NOT_FOUND");
    await refuses(users.listOrganizationUsers("acme"), "organization_id");
  });
});

for (const [call, search] of [
  ["searchUsers", (...args) => users.searchUsers(...args)],
  ["searchOrganizationUsers", (...args) => users.searchOrganizationUsers(organizationId, ...args)],
]) {
  describe(call, () => {
    test("finds by email, in pages", async () => {
      const wanted = await several(4);
      await create({ email: "else@other.example" });
      const list = (pageSize, pageToken) => search("@acme", pageSize, pageToken);
      const found = await pagesToTheEnd(list, (page) => page.users, { pageSize: 3, total: 4 });
      assert.deepEqual(ids(found), wanted.sort());
      assert.equal((await search("nobody")).totalSize, 0);
    });

    test("refuses queries under 3 or over 100 characters, and pages over 30", async () => {
      await refuses(search("ab"), "query");
      await refuses(search("a".repeat(101)), "query");
      await refuses(search("abc", 31), "page_size");
      await assert.rejects(search("  "), { message: "query is required" });
    });
  });
}

describe("searchOrganizationUsers", () => {
  test("the organization's alone", async () => {
    const { id } = await create();
    const other = await newOrganization("Other");
    await create({ email: "bob@acme.example" }, other);
    assert.deepEqual(ids((await users.searchOrganizationUsers(organizationId, "acme")).users), [id]);
    assert.equal((await users.searchUsers("acme")).totalSize, 2);
  });

  test("refuses what is not there, and malformed ids", async () => {
    await fails(users.searchOrganizationUsers(unknownOrganization, "acme"), "NOT_FOUND");
    await refuses(users.searchOrganizationUsers("acme", "acme"), "organization_id");
    await assert.rejects(users.searchOrganizationUsers(" ", "acme"), { message: "organizationId is required" });
  });
});

// Each by id and by external id; a malformed id is one too short to write with, and an empty external id.
for (const { what, by, field, unknown, malformed, update, remove, join, leave, change } of [
  {
    what: "by id",
    by: (user) => user.id,
    field: "id",
    unknown: unknownId,
    malformed: shortId,
    update: (...args) => users.updateUser(...args),
    remove: (...args) => users.deleteUser(...args),
    join: (...args) => users.createMembership(...args),
    leave: (...args) => users.deleteMembership(...args),
    change: (...args) => users.updateMembership(...args),
  },
  {
    what: "by external id",
    by: (user) => user.externalId,
    field: "external_id",
    unknown: "nobody",
    malformed: "",
    update: (...args) => users.updateUserByExternalId(...args),
    remove: (...args) => users.deleteUserByExternalId(...args),
    join: (...args) => users.createMembershipByExternalId(...args),
    leave: (...args) => users.deleteMembershipByExternalId(...args),
    change: (...args) => users.updateMembershipByExternalId(...args),
  },
]) {
  const known = (more) => create({ ...ada, externalId: "ada", ...more });

  describe(`updating a user ${what}`, () => {
    test("touches only what is sent", async () => {
      const user = await known({ metadata: { plan: "free" }, userProfile: { firstName: "Ada", lastName: "Lovelace" } });
      const renamed = (await update(by(user), { userProfile: { firstName: "Augusta" } })).user;
      assert.equal(renamed.id, user.id);
      assert.equal(renamed.email, user.email);
      assert.equal(renamed.externalId, "ada");
      assert.deepEqual(renamed.metadata, { plan: "free" });
      const { givenName, firstName, familyName, lastName } = renamed.userProfile;
      assert.ok([givenName, firstName].includes("Augusta") && [familyName, lastName].includes("Lovelace"));
      assert.deepEqual(await get(user.id), renamed, "get returns what update did");
      assert.deepEqual((await update(by(user), { metadata: { plan: "paid" } })).user.metadata.plan, "paid");
    });

    test("refuses metadata out of range, what is not there, and a malformed id", async () => {
      const user = await known();
      for (const bad of badMetadata) {
        await fails(update(by(user), { metadata: bad }), "INVALID_ARGUMENT", { errorCode: "INVALID_ARGUMENT" });
      }
      await fails(update(unknown, { metadata: {} }), "NOT_FOUND");
      await refuses(update(malformed, { metadata: {} }), field);
    });
  });

  describe(`deleting a user ${what}`, () => {
    test("is final, everywhere, and frees the email and the external id", async () => {
      const user = await known();
      const other = await newOrganization("Other");
      await users.createMembership(other, user.id, { sendInvitationEmail: false });
      await remove(by(user));
      await fails(users.getUser(user.id), "NOT_FOUND");
      await fails(users.getUserByExternalId("ada"), "NOT_FOUND");
      await fails(remove(by(user)), "NOT_FOUND");
      for (const organization of [organizationId, other]) {
        assert.equal((await users.listOrganizationUsers(organization)).totalSize, 0);
      }
      assert.notEqual((await known()).id, user.id);
    });

    test("refuses what is not there, and a malformed id", async () => {
      await fails(remove(unknown), "NOT_FOUND");
      await refuses(remove(malformed), field);
    });
  });

  describe(`memberships ${what}`, () => {
    test("join a second organization, invited unless told otherwise, and leave it", async () => {
      const user = await known();
      const other = await newOrganization("Other");
      const joined = (await join(other, by(user))).user;
      assert.equal(joined.id, user.id);
      assert.equal(membershipOf(joined, other).membershipStatus, PENDING_INVITE);
      assert.deepEqual(await rolesOf(user.id, other), ["member"]);
      assert.equal((await get(user.id)).memberships.length, 2);
      await leave(other, by(user));
      const left = await get(user.id);
      assert.deepEqual(left.memberships.map((membership) => membership.organizationId), [organizationId]);
      assert.equal((await users.listOrganizationUsers(other)).totalSize, 0);
      await fails(leave(other, by(user)), ["NOT_FOUND", "INVALID_ARGUMENT"]);
    });

    test("survive their last membership (seen)", async () => {
      const user = await known();
      await leave(organizationId, by(user));
      assert.equal((await get(user.id)).id, user.id);
      await users.deleteUser(user.id);
    });

    test("with roles and metadata, active (inferred)", async () => {
      const user = await known();
      const other = await newOrganization("Other");
      await newRole("editor");
      const options = { roles: ["editor", "admin"], metadata: { desk: "one" }, sendInvitationEmail: false };
      const membership = membershipOf((await join(other, by(user), options)).user, other);
      assert.equal(membership.membershipStatus, ACTIVE);
      assert.deepEqual(membership.roles.map((role) => role.name).sort(), ["admin", "editor"]);
      assert.deepEqual(membership.metadata, { desk: "one" });
      assert.deepEqual(await rolesOf(user.id), ["member"], "the other membership has its own");
    });

    test("changes replace roles", async () => {
      const user = await known();
      await newRole("editor");
      const changed = (await change(organizationId, by(user), { roles: ["editor"], metadata: { desk: "one" } })).user;
      assert.deepEqual(membershipOf(changed).roles.map((role) => role.name), ["editor"]);
      assert.deepEqual(membershipOf(changed).metadata, { desk: "one" });
      assert.deepEqual(await rolesOf(user.id), ["editor"]);
      assert.deepEqual(await get(user.id), changed);
    });

    test("refuse a second membership of the organization (inferred)", async () => {
      const user = await known();
      await fails(join(organizationId, by(user)), "INVALID_ARGUMENT");
      assert.equal((await get(user.id)).memberships.length, 1);
    });

    test("refuse roles that are not there, and metadata out of range", async () => {
      const user = await known();
      const other = await newOrganization("Other");
      for (const options of [{ roles: ["nobody"] }, ...badMetadata.map((bad) => ({ metadata: bad }))]) {
        await fails(join(other, by(user), options), ["INVALID_ARGUMENT", "NOT_FOUND"]);
        await fails(change(organizationId, by(user), options), ["INVALID_ARGUMENT", "NOT_FOUND"]);
      }
      assert.equal((await get(user.id)).memberships.length, 1);
      assert.deepEqual(await rolesOf(user.id), ["member"]);
    });

    test("refuse what is not there, and malformed ids", async () => {
      const user = await known();
      for (const call of [join, leave, change]) {
        await fails(call(unknownOrganization, by(user)), "NOT_FOUND");
        await refuses(call("acme", by(user)), "organization_id");
        await refuses(call(organizationId, malformed), field);
      }
      for (const call of [join, change]) await fails(call(organizationId, unknown), "NOT_FOUND");
      const code = field === "id" ? "NOT_FOUND" : "INVALID_ARGUMENT"; // As the platform's own tests have seen it.
      await fails(leave(organizationId, unknown), code);
    });
  });
}

describe("updateUser", () => {
  test("changes the external id", async () => {
    const { id } = await create({ ...ada, externalId: "old" });
    assert.equal((await users.updateUser(id, { externalId: "new" })).user.externalId, "new");
    await fails(users.getUserByExternalId("old"), "NOT_FOUND");
    assert.equal((await users.getUserByExternalId("new")).user.id, id);
  });
});

describe("users of an organization that goes", () => {
  test("go with it, unless they have another", async () => {
    const gone = await create();
    const kept = await create({ email: "bob@acme.example" });
    const other = await newOrganization("Other");
    await users.createMembership(other, kept.id, { sendInvitationEmail: false });
    await client.organization.deleteOrganization(organizationId);
    await fails(users.getUser(gone.id), "NOT_FOUND");
    assert.deepEqual((await get(kept.id)).memberships.map((membership) => membership.organizationId), [other]);
    assert.equal((await users.listUsers()).totalSize, 1);
  });
});

describe("resendInvite", () => {
  test("to one who has not answered", async () => {
    const { user } = await users.createUserAndMembership(organizationId, { email: "ada@acme.example" });
    const { invite } = await users.resendInvite(organizationId, user.id);
    assert.equal(invite.organizationId, organizationId);
    assert.equal(invite.userId, user.id);
    assert.equal(invite.status, "PENDING_INVITE");
    assert.equal(membershipOf(user).joinTime, undefined);
    assert.ok(invite.resentCount >= 1);
    assert.ok(Number(invite.expiresAt.seconds) * 1000 > Date.now() + 14.9 * DAY);
    assert.equal((await users.resendInvite(organizationId, user.id)).invite.resentCount, invite.resentCount + 1);
    assert.equal(membershipOf(await get(user.id)).membershipStatus, PENDING_INVITE);
  });

  test("refuses one who is active, and one who is not a member", async () => {
    const { id } = await create();
    await fails(users.resendInvite(organizationId, id), "INVALID_ARGUMENT");
    await fails(users.resendInvite(await newOrganization("Other"), id), "NOT_FOUND");
  });

  test("refuses what is not there, and malformed ids", async () => {
    const { id } = await create();
    await fails(users.resendInvite(organizationId, unknownId), "NOT_FOUND");
    await fails(users.resendInvite(unknownOrganization, id), "NOT_FOUND");
    await refuses(users.resendInvite(organizationId, shortId), "id");
    await refuses(users.resendInvite("acme", id), "organization_id");
    await assert.rejects(users.resendInvite("", id), { message: "organizationId is required" });
    await assert.rejects(users.resendInvite(organizationId, ""), { message: "userId is required" });
  });
});

describe("listUserRoles, assignUserRoles and removeUserRole", () => {
  test("assigning adds, and repeats nothing", async () => {
    const { id } = await create();
    for (const name of ["editor", "auditor"]) await newRole(name);
    const { roles } = await users.assignUserRoles(organizationId, id, ["editor"]);
    assert.ok(roles.map((role) => role.name).includes("editor"));
    assert.deepEqual(await rolesOf(id), ["editor", "member"]);
    await users.assignUserRoles(organizationId, id, ["editor", "auditor"]);
    assert.deepEqual(await rolesOf(id), ["auditor", "editor", "member"]);
    const listed = (await users.listUserRoles(organizationId, id)).roles.find((role) => role.name === "editor");
    assert.match(listed.id, /^role_/);
    assert.equal(listed.displayName, "editor");
    const names = membershipOf(await get(id)).roles.map((role) => role.name);
    assert.deepEqual(names.sort(), ["auditor", "editor", "member"]);
  });

  test("lists the roles that a user's roles extend, too", async () => {
    const { id } = await create();
    await newRole("reader");
    await newRole("editor", { extends: "reader" });
    await users.updateMembership(organizationId, id, { roles: ["editor"] });
    assert.deepEqual(await rolesOf(id), ["editor", "reader"]);
    await client.role.deleteRoleBase("editor");
    assert.deepEqual(await rolesOf(id), ["editor"]);
  });

  test("removing takes one away", async () => {
    const { id } = await create();
    await newRole("editor");
    await users.assignUserRoles(organizationId, id, ["editor"]);
    await users.removeUserRole(organizationId, id, "member");
    assert.deepEqual(await rolesOf(id), ["editor"]);
  });

  test("an organization's own role in that organization alone", async () => {
    const { id } = await create();
    const other = await newOrganization("Other");
    await client.role.createOrganizationRole(other, { name: "theirs", displayName: "Theirs" });
    await fails(users.assignUserRoles(organizationId, id, ["theirs"]), ["INVALID_ARGUMENT", "NOT_FOUND"]);
    await users.createMembership(other, id, { sendInvitationEmail: false });
    await users.assignUserRoles(other, id, ["theirs"]);
    assert.deepEqual(await rolesOf(id, other), ["member", "theirs"]);
    assert.deepEqual(await rolesOf(id), ["member"]);
  });

  test("refuse what is not there, and malformed ids", async () => {
    const { id } = await create();
    for (const call of [
      (organization, user) => users.listUserRoles(organization, user),
      (organization, user) => users.assignUserRoles(organization, user, ["admin"]),
      (organization, user) => users.removeUserRole(organization, user, "member"),
      (organization, user) => users.listUserPermissions(organization, user),
    ]) {
      await fails(call(organizationId, unknownId), "NOT_FOUND");
      await fails(call(unknownOrganization, id), "NOT_FOUND");
      await refuses(call(organizationId, "acme"), "user_id");
      await refuses(call("acme", id), "organization_id");
    }
    await fails(users.assignUserRoles(organizationId, id, ["nobody"]), ["INVALID_ARGUMENT", "NOT_FOUND"]);
    await refuses(users.assignUserRoles(organizationId, id, []), "roles");
    await refuses(users.assignUserRoles(organizationId, id, ["r".repeat(101)]), "roles[0].role_name");
    await fails(users.removeUserRole(organizationId, id, "nobody"), ["INVALID_ARGUMENT", "NOT_FOUND"]);
    assert.deepEqual(await rolesOf(id), ["member"]);
  });

  test("what is missing is the SDK's own error", async () => {
    for (const call of ["listUserRoles", "listUserPermissions"]) {
      await assert.rejects(users[call](" ", unknownId), { message: "organizationId is required" });
      await assert.rejects(users[call](organizationId, " "), { message: "userId is required" });
    }
  });
});

describe("listUserPermissions", () => {
  test("those of all roles, inherited ones too, each once", async () => {
    const { id } = await create();
    for (const name of ["a", "b", "c"]) await client.permission.createPermission({ name, description: "" });
    await newRole("reader", { permissions: ["a"] });
    await newRole("editor", { permissions: ["b"], extends: "reader" });
    await newRole("auditor", { permissions: ["b", "c"] });
    const read = async () =>
      (await users.listUserPermissions(organizationId, id)).permissions.map((permission) => permission.name).sort();
    const before = await read();
    for (const name of ["sk_org_settings_read", "sk_org_users_read"]) assert.ok(before.includes(name), name);
    await users.updateMembership(organizationId, id, { roles: ["editor", "auditor"] });
    assert.deepEqual(await read(), ["a", "b", "c"]);
    await client.role.deleteRoleBase("editor");
    assert.deepEqual(await read(), ["b", "c"]);
  });
});
