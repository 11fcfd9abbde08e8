// Scalekit's Node SDK against the emulator: every role call that the SDK offers, for the environment's roles and for an
// organization's. What is expected is what the platform's documentation and SDKs say; where they are silent, nothing is
// asserted, or the name says "inferred".
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { rpc } from "./coverage.mjs";
import { emulator } from "./emulator.mjs";
import { fails, refuses } from "./failure.mjs";

const environment = emulator();
let client;
let roles;
let organizationId;

const unknownOrganization = "org_1234567890123456";
const ACTIVE = 1;

beforeEach(async () => {
  await environment.control("POST", "reset");
  client = environment.client();
  roles = client.role;
  organizationId = (await client.organization.createOrganization("Acme")).organization.id;
});

let emails = 0;
/** Makes someone a member of the organization, and returns the user's id. */
const join = async (organization = organizationId) => {
  const options = { email: `user${++emails}@acme.example`, sendInvitationEmail: false };
  return (await client.user.createUserAndMembership(organization, options)).user.id;
};
const rolesOf = async (userId, organization = organizationId) =>
  (await client.user.listUserRoles(organization, userId)).roles.map((role) => role.name).sort();
const assign = (userId, ...names) => client.user.assignUserRoles(organizationId, userId, names);
const permission = async (name) => (await client.permission.createPermission({ name, description: "" })).permission;
const named = (listed) => listed.map((role) => role.name).sort();

// The environment's roles and an organization's have the same rules and calls of the same forms.
const environmentRoles = {
  what: "environment roles",
  create: (role) => roles.createRole(role),
  get: (name) => roles.getRole(name),
  update: (name, role) => roles.updateRole(name, role),
  remove: (name, reassign) => roles.deleteRole(name, reassign),
  removeBase: (name) => roles.deleteRoleBase(name),
  list: () => roles.listRoles(),
  count: (name) => roles.getRoleUsersCount(name),
  read: (name) => rpc(roles, "getRole", { roleName: name, include: "permissions" }),
  isOrgRole: false,
};
const organizationRoles = {
  what: "organization roles",
  create: (role, organization = organizationId) => roles.createOrganizationRole(organization, role),
  get: (name, organization = organizationId) => roles.getOrganizationRole(organization, name),
  update: (name, role, organization = organizationId) => roles.updateOrganizationRole(organization, name, role),
  remove: (name, reassign, organization = organizationId) => roles.deleteOrganizationRole(organization, name, reassign),
  removeBase: (name, organization = organizationId) => roles.deleteOrganizationRoleBase(organization, name),
  list: (organization = organizationId) => roles.listOrganizationRoles(organization),
  count: (name, organization = organizationId) => roles.getOrganizationRoleUsersCount(organization, name),
  read: (name) => rpc(roles, "getOrganizationRole", { orgId: organizationId, roleName: name, include: "permissions" }),
  isOrgRole: true,
};

for (const { what, create, get, update, remove, removeBase, list, count, read, isOrgRole } of [
  environmentRoles,
  organizationRoles,
]) {
  const editor = { name: "editor", displayName: "Editor" };
  const permissionsOf = async (name) => (await read(name)).role.permissions.map((granted) => granted.name).sort();

  describe(`${what}: create`, () => {
    test("with a name and a display name alone", async () => {
      const { role } = await create(editor);
      assert.match(role.id, /^role_\d{17,19}$/);
      assert.equal(role.name, "editor");
      assert.equal(role.displayName, "Editor");
      assert.equal(role.description, "");
      assert.equal(role.extends ?? "", "");
      assert.deepEqual([role.defaultCreator, role.defaultMember, role.isOrgRole], [false, false, isOrgRole]);
      assert.equal(role.dependentRolesCount, 0);
      assert.equal((await get("editor")).role.id, role.id);
    });

    test("with all that the SDK can send", async () => {
      await permission("posts:read");
      await permission("posts:write");
      await roles.createRole({ name: "reader", displayName: "Reader", permissions: ["posts:read"] });
      await create({ ...editor, description: "Edits", extends: "reader", permissions: ["posts:write"] });
      const { role } = await get("editor");
      assert.equal(role.description, "Edits");
      assert.equal(role.extends, "reader");
      assert.deepEqual(await permissionsOf("editor"), ["posts:write"]);
    });

    test("names and display names within and beyond their limits", async () => {
      for (const name of ["A", "a_1", "n".repeat(64)]) await create({ name, displayName: "D".repeat(100) });
      for (const name of ["", "a-b", "a b", "a:b", "ü", "n".repeat(65)]) {
        await refuses(create({ name, displayName: "Editor" }), "name");
      }
      await refuses(create({ name: "editor", displayName: "" }), "display_name");
      await refuses(create({ name: "editor", displayName: "D".repeat(101) }), "display_name");
      await fails(get("editor"), "NOT_FOUND");
    });

    test("a description of 2000 characters, and no more", async () => {
      await create({ ...editor, description: "d".repeat(2000) });
      await refuses(create({ ...editor, name: "other", description: "d".repeat(2001) }), "description");
    });

    test("refuses more than 100 permissions, and malformed ones", async () => {
      const many = Array.from({ length: 101 }, (_, i) => `p${i}`);
      await refuses(create({ ...editor, permissions: many }), "permissions");
      await fails(create({ ...editor, permissions: ["posts-read"] }), "INVALID_ARGUMENT", {
        errorCode: "INVALID_ARGUMENT",
      });
    });

    test("grants no permission that is not there, whether it refuses or ignores it", async () => {
      const created = create({ ...editor, permissions: ["nobody:nothing"] });
      if ((await created.catch(() => null)) === null) await fails(created, ["INVALID_ARGUMENT", "NOT_FOUND"]);
      else assert.deepEqual(await permissionsOf("editor"), []);
    });

    test("refuses a name that there is", async () => {
      await create(editor);
      await fails(create({ ...editor, displayName: "Other" }), "INVALID_ARGUMENT");
      assert.equal((await get("editor")).role.displayName, "Editor");
    });

    test("refuses a base that is malformed, or not there (inferred)", async () => {
      await refuses(create({ ...editor, extends: "no-role" }), "extends");
      await fails(create({ ...editor, extends: "nobody" }), ["INVALID_ARGUMENT", "NOT_FOUND"]);
    });
  });

  describe(`${what}: get and list`, () => {
    test("refuse what is not there, and a malformed name", async () => {
      await fails(get("nobody"), "NOT_FOUND");
      await refuses(get("non-existent-role"), "role_name");
      await refuses(get(""), "role_name");
    });

    test("a list has what was created, in one piece", async () => {
      const before = named((await list()).roles);
      const created = Array.from({ length: 31 }, (_, i) => `role_${i}`);
      for (const name of created) await create({ name, displayName: name });
      assert.deepEqual(named((await list()).roles), [...before, ...created].sort());
    });
  });

  describe(`${what}: update`, () => {
    test("touches only what is sent", async () => {
      await permission("posts:write");
      await roles.createRole({ name: "reader", displayName: "Reader" });
      const more = { description: "Edits", extends: "reader", permissions: ["posts:write"] };
      const { role } = await create({ ...editor, ...more });
      const renamed = (await update("editor", { displayName: "Chief editor" })).role;
      assert.equal(renamed.id, role.id);
      assert.equal(renamed.displayName, "Chief editor");
      assert.equal(renamed.description, "Edits");
      assert.equal(renamed.extends, "reader");
      assert.equal((await update("editor", { description: "Edits all" })).role.displayName, "Chief editor");
      assert.equal((await get("editor")).role.description, "Edits all");
      assert.deepEqual(await permissionsOf("editor"), ["posts:write"]);
    });

    test("replaces permissions, and an empty list changes nothing (inferred)", async () => {
      for (const name of ["a", "b", "c"]) await permission(name);
      await create({ ...editor, permissions: ["a", "b"] });
      await update("editor", { permissions: ["b", "c"] });
      assert.deepEqual(await permissionsOf("editor"), ["b", "c"]);
      await update("editor", { permissions: [] });
      assert.deepEqual(await permissionsOf("editor"), ["b", "c"]);
    });

    test("changes the base", async () => {
      for (const name of ["one", "two"]) await roles.createRole({ name, displayName: name });
      await create({ ...editor, extends: "one" });
      assert.equal((await update("editor", { extends: "two" })).role.extends, "two");
      assert.equal((await update("editor", { displayName: "Editor" })).role.extends, "two");
      assert.equal((await roles.getRole("one")).role.dependentRolesCount, 0);
    });

    test("refuses a base that would make a circle (inferred)", async () => {
      await create(editor);
      await create({ name: "chief", displayName: "Chief", extends: "editor" });
      await fails(update("editor", { extends: "chief" }), "INVALID_ARGUMENT");
      await fails(update("editor", { extends: "editor" }), "INVALID_ARGUMENT");
    });

    test("refuses what is out of range, malformed, or not there", async () => {
      await create({ ...editor, description: "Edits" });
      await refuses(update("editor", { displayName: "" }), "display_name");
      await refuses(update("editor", { displayName: "D".repeat(101) }), "display_name");
      await refuses(update("editor", { description: "" }), "description");
      await refuses(update("editor", { description: "d".repeat(2001) }), "description");
      await refuses(update("editor", { extends: "no-role" }), "extends");
      await refuses(update("no-role", { displayName: "Other" }), "role_name");
      await fails(update("nobody", { displayName: "Other" }), "NOT_FOUND");
      assert.equal((await get("editor")).role.displayName, "Editor");
    });
  });

  describe(`${what}: delete`, () => {
    test("is final, and frees the name", async () => {
      const { role } = await create(editor);
      await remove("editor");
      await fails(get("editor"), "NOT_FOUND");
      await fails(remove("editor"), "NOT_FOUND");
      await fails(count("editor"), "NOT_FOUND");
      assert.ok(!named((await list()).roles).includes("editor"));
      assert.notEqual((await create(editor)).role.id, role.id);
    });

    test("refuses a role that users have", async () => {
      await create(editor);
      const user = await join();
      await assign(user, "editor");
      const message = /role cannot be deleted as it is assigned to users/;
      await fails(remove("editor"), "INVALID_ARGUMENT", { message });
      assert.deepEqual(await rolesOf(user), ["editor", "member"]);
      await client.user.removeUserRole(organizationId, user, "editor");
      await remove("editor");
    });

    test("gives users the role that takes its place", async () => {
      await create(editor);
      await create({ name: "writer", displayName: "Writer" });
      const [one, two] = [await join(), await join()];
      await assign(one, "editor");
      await assign(two, "editor", "writer");
      await remove("editor", "writer");
      for (const user of [one, two]) assert.deepEqual(await rolesOf(user), ["member", "writer"]);
      assert.equal((await count("writer")).count, 2n);
      await fails(get("editor"), "NOT_FOUND");
    });

    test("refuses a role in its place that is malformed, not there, or itself (inferred)", async () => {
      await create(editor);
      const user = await join();
      await assign(user, "editor");
      await refuses(remove("editor", "no-role"), "reassign_role_name");
      await fails(remove("editor", "nobody"), ["INVALID_ARGUMENT", "NOT_FOUND"]);
      await fails(remove("editor", "editor"), "INVALID_ARGUMENT");
      assert.deepEqual(await rolesOf(user), ["editor", "member"]);
    });

    test("refuses a role that others extend", async () => {
      await create(editor);
      await create({ name: "chief", displayName: "Chief", extends: "editor" });
      await fails(remove("editor"), "INVALID_ARGUMENT");
      await removeBase("chief");
      await remove("editor");
    });

    test("refuses a malformed name", async () => {
      await refuses(remove("non-existent-role"), "role_name");
      await refuses(remove(""), "role_name");
    });
  });

  describe(`${what}: delete the base`, () => {
    test("ends the inheritance", async () => {
      await permission("posts:read");
      await permission("posts:write");
      await roles.createRole({ name: "reader", displayName: "Reader", permissions: ["posts:read"] });
      await create({ ...editor, extends: "reader", permissions: ["posts:write"] });
      assert.equal((await roles.getRole("reader")).role.dependentRolesCount, 1);
      const user = await join();
      await assign(user, "editor");
      const permissions = async () =>
        (await client.user.listUserPermissions(organizationId, user)).permissions.map((granted) => granted.name);
      assert.ok((await permissions()).includes("posts:read"));
      await removeBase("editor");
      assert.equal((await get("editor")).role.extends ?? "", "");
      assert.deepEqual(await permissionsOf("editor"), ["posts:write"]);
      assert.ok(!(await permissions()).includes("posts:read"));
      assert.ok((await permissions()).includes("posts:write"));
      assert.equal((await roles.getRole("reader")).role.dependentRolesCount, 0);
    });

    test("refuses what is not there, and a malformed name", async () => {
      await fails(removeBase("nobody"), "NOT_FOUND");
      await refuses(removeBase("no-role"), "role_name");
    });
  });

  describe(`${what}: count of users`, () => {
    test("none, then those who have it", async () => {
      await create(editor);
      assert.equal((await count("editor")).count, 0n);
      const user = await join();
      await assign(user, "editor");
      assert.equal((await count("editor")).count, 1n);
      await assign(await join(), "editor");
      assert.equal((await count("editor")).count, 2n);
      await client.user.deleteUser(user);
      assert.equal((await count("editor")).count, 1n);
    });

    test("refuses what is not there, and a malformed name", async () => {
      await fails(count("nobody"), "NOT_FOUND");
      await refuses(count("no-role"), "role_name");
    });
  });
}

describe("built-in roles", () => {
  test("admin for creators and member for members", async () => {
    const { roles: listed } = await roles.listRoles();
    assert.deepEqual(named(listed), ["admin", "member"]);
    for (const [name, creator, member] of [["admin", true, false], ["member", false, true]]) {
      const { role } = await roles.getRole(name);
      assert.equal(role.name, name);
      assert.deepEqual([role.defaultCreator, role.defaultMember, role.isOrgRole], [creator, member, false]);
    }
  });

  test("are not listed to one who has called too often", async () => {
    await roles.listRoles();
    await environment.control("PUT", "faults", [{ rpc: "ListRoles", kind: "rate_limit" }]);
    await fails(roles.listRoles(), "RESOURCE_EXHAUSTED", { errorCode: "RATE_LIMITED" });
  });

  test("refuse their names to others", async () => {
    await fails(roles.createRole({ name: "admin", displayName: "Admin" }), "INVALID_ARGUMENT");
  });
});

describe("roles of organizations", () => {
  test("are an organization's own, beside the environment's", async () => {
    const other = (await client.organization.createOrganization("Other")).organization.id;
    await roles.createRole({ name: "auditor", displayName: "Auditor" });
    await roles.createOrganizationRole(organizationId, { name: "editor", displayName: "Editor" });
    const { roles: listed } = await roles.listOrganizationRoles(organizationId);
    assert.deepEqual(named(listed), ["admin", "auditor", "editor", "member"]);
    assert.deepEqual(listed.filter((role) => role.isOrgRole).map((role) => role.name), ["editor"]);
    assert.deepEqual(named((await roles.listOrganizationRoles(other)).roles), ["admin", "auditor", "member"]);
    // Whether the environment's list has them too is said in two ways: no by the SDK, yes by the API's reference.
    const all = (await roles.listRoles()).roles.filter((role) => !role.isOrgRole);
    assert.deepEqual(named(all), ["admin", "auditor", "member"]);
    await fails(roles.getRole("editor"), "NOT_FOUND");
    await fails(roles.getOrganizationRole(other, "editor"), "NOT_FOUND");
    await fails(roles.deleteOrganizationRole(other, "editor"), "NOT_FOUND");
    await fails(roles.updateOrganizationRole(other, "editor", { displayName: "Mine" }), "NOT_FOUND");
  });

  test("have names that another organization may use", async () => {
    const other = (await client.organization.createOrganization("Other")).organization.id;
    const mine = await roles.createOrganizationRole(organizationId, { name: "editor", displayName: "Mine" });
    const theirs = await roles.createOrganizationRole(other, { name: "editor", displayName: "Theirs" });
    assert.notEqual(mine.role.id, theirs.role.id);
    assert.equal((await roles.getOrganizationRole(organizationId, "editor")).role.displayName, "Mine");
  });

  test("refuse an organization that is not there, and a malformed id", async () => {
    const editor = { name: "editor", displayName: "Editor" };
    for (const call of [
      (id) => roles.createOrganizationRole(id, editor),
      (id) => roles.getOrganizationRole(id, "editor"),
      (id) => roles.listOrganizationRoles(id),
      (id) => roles.updateOrganizationRole(id, "editor", { displayName: "Editor" }),
      (id) => roles.deleteOrganizationRole(id, "editor"),
      (id) => roles.deleteOrganizationRoleBase(id, "editor"),
      (id) => roles.updateDefaultOrganizationRoles(id, "member"),
    ]) {
      await fails(call(unknownOrganization), "NOT_FOUND");
      await refuses(call("acme"), "org_id");
    }
    await fails(roles.getOrganizationRoleUsersCount(unknownOrganization, "editor"), "NOT_FOUND");
    await refuses(roles.getOrganizationRoleUsersCount("", "editor"), "org_id");
  });

  test("go with the organization", async () => {
    await roles.createRole({ name: "auditor", displayName: "Auditor" });
    await roles.createOrganizationRole(organizationId, { name: "editor", displayName: "Editor", extends: "auditor" });
    await client.organization.deleteOrganization(organizationId);
    assert.equal((await roles.getRole("auditor")).role.dependentRolesCount, 0);
    await roles.deleteRole("auditor");
  });
});

describe("listDependentRoles", () => {
  test("those that extend a role", async () => {
    await roles.createRole({ name: "reader", displayName: "Reader" });
    assert.deepEqual((await roles.listDependentRoles("reader")).roles, []);
    for (const name of ["editor", "auditor"]) await roles.createRole({ name, displayName: name, extends: "reader" });
    assert.deepEqual(named((await roles.listDependentRoles("reader")).roles), ["auditor", "editor"]);
    assert.equal((await roles.getRole("reader")).role.dependentRolesCount, 2);
    await roles.deleteRole("editor");
    assert.deepEqual(named((await roles.listDependentRoles("reader")).roles), ["auditor"]);
    assert.equal((await roles.getRole("reader")).role.dependentRolesCount, 1);
  });

  test("refuses what is not there, and a malformed name", async () => {
    await fails(roles.listDependentRoles("nobody"), "NOT_FOUND");
    await refuses(roles.listDependentRoles("no-role"), "role_name");
    await assert.rejects(roles.listDependentRoles(""), { message: "roleName is required" });
  });
});

describe("deleteRole with a role that takes its place", () => {
  test("deletes one that others extend, and they extend the other one (inferred)", async () => {
    for (const name of ["reader", "viewer"]) await roles.createRole({ name, displayName: name });
    await roles.createRole({ name: "editor", displayName: "Editor", extends: "reader" });
    await roles.deleteRole("reader", "viewer");
    await fails(roles.getRole("reader"), "NOT_FOUND");
    assert.equal((await roles.getRole("editor")).role.extends, "viewer");
  });
});

describe("updateDefaultRoles", () => {
  const defaults = async () => {
    const { roles: listed } = await roles.listRoles();
    const flagged = (flag) => listed.filter((role) => role[flag]).map((role) => role.name);
    return { creator: flagged("defaultCreator"), member: flagged("defaultMember") };
  };

  test("moves the flags, and gives new members the role", async () => {
    for (const name of ["owner", "guest"]) await roles.createRole({ name, displayName: name });
    const before = await join();
    const reply = await roles.updateDefaultRoles({ defaultCreatorRole: "owner", defaultMemberRole: "guest" });
    assert.deepEqual([reply.defaultCreator.name, reply.defaultMember.name], ["owner", "guest"]);
    assert.deepEqual(await defaults(), { creator: ["owner"], member: ["guest"] });
    assert.deepEqual(await rolesOf(await join()), ["guest"]);
    assert.deepEqual(await rolesOf(before), ["member"], "who was there keeps the role");
    await roles.updateDefaultRoles({ defaultCreatorRole: "admin", defaultMemberRole: "member" });
    assert.deepEqual(await defaults(), { creator: ["admin"], member: ["member"] });
  });

  test("one role may be both (inferred)", async () => {
    await roles.updateDefaultRoles({ defaultCreatorRole: "admin", defaultMemberRole: "admin" });
    assert.deepEqual(await defaults(), { creator: ["admin"], member: ["admin"] });
  });

  test("refuses to be without a creator's role", async () => {
    const message = /creator role must be specified/;
    await fails(roles.updateDefaultRoles({ defaultMemberRole: "admin" }), "INVALID_ARGUMENT", { message });
    await fails(roles.updateDefaultRoles(), "INVALID_ARGUMENT");
    assert.deepEqual(await defaults(), { creator: ["admin"], member: ["member"] });
  });

  test("refuses roles that are malformed, not there, or an organization's", async () => {
    const set = (defaultCreatorRole, defaultMemberRole) =>
      roles.updateDefaultRoles({ defaultCreatorRole, defaultMemberRole });
    await refuses(set("no-role", "member"), "default_creator_role");
    await refuses(set("admin", "no-role"), "default_member_role");
    await fails(set("nobody", "member"), ["INVALID_ARGUMENT", "NOT_FOUND"]);
    await fails(set("admin", "nobody"), ["INVALID_ARGUMENT", "NOT_FOUND"]);
    await roles.createOrganizationRole(organizationId, { name: "editor", displayName: "Editor" });
    await fails(set("admin", "editor"), ["INVALID_ARGUMENT", "NOT_FOUND"]);
    assert.deepEqual(await defaults(), { creator: ["admin"], member: ["member"] });
  });

  test("empty names are the SDK's own error", async () => {
    await assert.rejects(roles.updateDefaultRoles({ defaultCreatorRole: "" }), {
      message: "defaultCreatorRole cannot be empty",
    });
    await assert.rejects(roles.updateDefaultRoles({ defaultMemberRole: "" }), {
      message: "defaultMemberRole cannot be empty",
    });
  });
});

describe("updateDefaultOrganizationRoles", () => {
  const memberRoles = async (organization) =>
    named((await roles.listOrganizationRoles(organization)).roles.filter((role) => role.defaultMember));

  test("overrides the environment's, in one organization", async () => {
    const other = (await client.organization.createOrganization("Other")).organization.id;
    await roles.createOrganizationRole(organizationId, { name: "editor", displayName: "Editor" });
    for (const name of ["editor", "admin"]) {
      const reply = await roles.updateDefaultOrganizationRoles(organizationId, name);
      assert.equal(reply.defaultMember.name, name);
      assert.deepEqual(await memberRoles(organizationId), [name]);
      assert.deepEqual(await rolesOf(await join()), [name]);
      assert.deepEqual(await memberRoles(other), ["member"]);
      assert.deepEqual(await rolesOf(await join(other), other), ["member"]);
    }
    assert.equal((await roles.getRole("member")).role.defaultMember, true, "the environment's stays");
  });

  test("lets go of a role that is deleted (seen)", async () => {
    await roles.createOrganizationRole(organizationId, { name: "editor", displayName: "Editor" });
    await roles.updateDefaultOrganizationRoles(organizationId, "editor");
    await roles.deleteOrganizationRole(organizationId, "editor");
    assert.deepEqual(await memberRoles(organizationId), ["member"]);
  });

  test("refuses roles that are malformed, not there, or another organization's", async () => {
    const other = (await client.organization.createOrganization("Other")).organization.id;
    await roles.createOrganizationRole(other, { name: "editor", displayName: "Editor" });
    await refuses(roles.updateDefaultOrganizationRoles(organizationId, ""), "default_member_role");
    await refuses(roles.updateDefaultOrganizationRoles(organizationId, "no-role"), "default_member_role");
    for (const name of ["nobody", "editor"]) {
      await fails(roles.updateDefaultOrganizationRoles(organizationId, name), ["INVALID_ARGUMENT", "NOT_FOUND"]);
    }
    assert.deepEqual(await memberRoles(organizationId), ["member"]);
  });
});

test("roles of a user who is a member are those of the membership", async () => {
  const { user } = await client.user.getUser(await join());
  assert.equal(user.memberships[0].membershipStatus, ACTIVE);
  assert.deepEqual(user.memberships[0].roles.map((role) => role.name), ["member"]);
});
