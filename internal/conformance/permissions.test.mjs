// Scalekit's Node SDK against the emulator: every permission call that the SDK offers. What is expected is what the
// platform's documentation and SDKs say; where they are silent, nothing is asserted, or the name says "inferred".
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { rpc } from "./coverage.mjs";
import { emulator } from "./emulator.mjs";
import { fails, refuses } from "./failure.mjs";
import { pagesToTheEnd } from "./paging.mjs";

const environment = emulator();
let client;
let permissions;

const SCALEKIT = 1;
const ENVIRONMENT = 2;
const builtIn = [
  "sk_org_settings_read",
  "sk_org_settings_manage",
  "sk_org_users_read",
  "sk_org_users_invite",
  "sk_org_users_delete",
  "sk_org_users_role_change",
  "sk_org_sso_read",
  "sk_org_sso_manage",
  "sk_org_scim_read",
  "sk_org_scim_manage",
  "sk_org_session_policy_read",
  "sk_org_session_policy_manage",
].sort();

beforeEach(async () => {
  await environment.control("POST", "reset");
  client = environment.client();
  permissions = client.permission;
});

const create = async (name, description = "") => (await permissions.createPermission({ name, description })).permission;
const get = async (name) => (await permissions.getPermission(name)).permission;
const names = (listed) => listed.map((permission) => permission.name).sort();
const granted = async (role) => names((await permissions.listRolePermissions(role)).permissions);
const effective = async (role) => names((await permissions.listEffectiveRolePermissions(role)).permissions);
const newRole = (name, more) => client.role.createRole({ name, displayName: name, ...more });

describe("createPermission", () => {
  test("with a name, with and without a description", async () => {
    const begin = Date.now();
    for (const [name, description] of [["posts:read", "Reads posts"], ["posts:write", ""]]) {
      const permission = await create(name, description);
      assert.match(permission.id, /^perm_\d{17,19}$/);
      assert.deepEqual([permission.name, permission.description], [name, description]);
      assert.equal(permission.isScalekitPermission, false);
      const created = Number(permission.createTime.seconds) * 1000;
      assert.ok(created >= begin - 2000 && created <= Date.now() + 2000, "create_time is now");
      assert.deepEqual(await get(name), permission, "get returns what create did");
    }
  });

  test("names and descriptions within and beyond their limits", async () => {
    for (const name of ["p", "A_1:b:C", "n".repeat(64)]) await create(name, "d".repeat(2000));
    for (const name of ["", "a b", "a-b", "a.b", "ü", "n".repeat(65)]) {
      await refuses(permissions.createPermission({ name, description: "" }), "name");
    }
    await refuses(permissions.createPermission({ name: "other", description: "d".repeat(2001) }), "description");
    await fails(permissions.getPermission("other"), "NOT_FOUND");
  });

  test("refuses a name that there is, the built-in ones too", async () => {
    await create("posts:read", "Reads posts");
    await fails(permissions.createPermission({ name: "posts:read", description: "" }), "INVALID_ARGUMENT");
    await fails(permissions.createPermission({ name: builtIn[0], description: "" }), "INVALID_ARGUMENT");
    assert.equal((await get("posts:read")).description, "Reads posts");
  });
});

describe("getPermission", () => {
  test("refuses what is not there, and a malformed name", async () => {
    await fails(permissions.getPermission("nobody:nothing"), "NOT_FOUND");
    await refuses(permissions.getPermission(""), "permission_name");
    await refuses(permissions.getPermission("a-b"), "permission_name");
    await refuses(permissions.getPermission("n".repeat(65)), "permission_name");
  });
});

describe("listPermissions", () => {
  test("the built-in ones, which are Scalekit's", async () => {
    const { permissions: listed, totalSize } = await permissions.listPermissions(undefined, 100);
    assert.deepEqual(names(listed), builtIn);
    assert.ok(listed.every((permission) => permission.isScalekitPermission));
    assert.equal(totalSize, builtIn.length);
  });

  // Twelve are built in: pages of one, less than a page, a page, a page and one, and many.
  for (const [pageSize, created] of [[1, 0], [13, 0], [12, 0], [12, 1], [5, 4]]) {
    test(`pages of ${pageSize} to the end of ${builtIn.length + created}`, async () => {
      const own = [];
      for (let i = 0; i < created; i++) own.push((await create(`own:${i}`)).name);
      const all = await pagesToTheEnd(
        (size, token) => permissions.listPermissions(token, size),
        (page) => page.permissions,
        { pageSize, total: builtIn.length + created },
      );
      assert.deepEqual(names(all), [...builtIn, ...own].sort());
    });
  }

  // By type, which the SDK's method does not send: nothing, one, a page, a page and one.
  for (const total of [0, 1, 3, 4]) {
    test(`pages to the end of ${total} of the environment's`, async () => {
      for (let i = 0; i < total; i++) await create(`own:${i}`);
      const list = (type) => (pageSize, pageToken) =>
        rpc(permissions, "listPermissions", { pageSize, pageToken, type });
      const items = (page) => page.permissions;
      const own = await pagesToTheEnd(list(ENVIRONMENT), items, { pageSize: 3, total });
      assert.ok(own.every((permission) => permission.name.startsWith("own:") && !permission.isScalekitPermission));
      await pagesToTheEnd(list(SCALEKIT), items, { pageSize: 5, total: builtIn.length });
    });
  }

  test("refuses pages of 0 and of more than 100, and a token it never gave", async () => {
    await refuses(permissions.listPermissions(undefined, 0), "page_size");
    await refuses(permissions.listPermissions(undefined, 101), "page_size");
    await fails(permissions.listPermissions("not a token"), "INVALID_ARGUMENT");
  });
});

describe("updatePermission", () => {
  const update = (name, description, to = name) => permissions.updatePermission(name, { name: to, description });

  test("changes and clears the description", async () => {
    const { id } = await create("posts:read", "Reads posts");
    for (const description of ["Reads all posts", ""]) {
      const { permission } = await update("posts:read", description);
      assert.deepEqual([permission.id, permission.name, permission.description], [id, "posts:read", description]);
      assert.equal((await get("posts:read")).description, description);
    }
  });

  test("refuses what is out of range, malformed, or not there", async () => {
    await create("posts:read", "Reads posts");
    await refuses(update("posts:read", "d".repeat(2001)), "description");
    await refuses(update("posts:read", "", "a-b"), "name");
    await refuses(update("a-b", "", "posts:read"), "permission_name");
    await fails(update("nobody:nothing", ""), "NOT_FOUND");
    assert.equal((await get("posts:read")).description, "Reads posts");
  });
});

describe("deletePermission", () => {
  test("is final, and frees the name", async () => {
    const { id } = await create("posts:read");
    await permissions.deletePermission("posts:read");
    await fails(permissions.getPermission("posts:read"), "NOT_FOUND");
    await fails(permissions.deletePermission("posts:read"), "NOT_FOUND");
    assert.notEqual((await create("posts:read")).id, id);
  });

  test("leaves a role with no permission that is not there, whether it refuses or takes it away", async () => {
    await create("posts:read");
    await newRole("reader", { permissions: ["posts:read"] });
    const deleted = permissions.deletePermission("posts:read");
    const refused = (await deleted.catch(() => null)) === null;
    if (refused) await fails(deleted, "INVALID_ARGUMENT");
    assert.deepEqual(await granted("reader"), refused ? ["posts:read"] : []);
  });

  test("refuses a malformed name", async () => {
    await refuses(permissions.deletePermission(""), "permission_name");
    await refuses(permissions.deletePermission("a-b"), "permission_name");
  });
});

describe("listRolePermissions and listEffectiveRolePermissions", () => {
  test("of the built-in roles", async () => {
    const member = await granted("member");
    for (const name of ["sk_org_settings_read", "sk_org_users_read"]) assert.ok(member.includes(name), name);
    assert.ok((await granted("admin")).every((name) => builtIn.includes(name)));
  });

  test("a role's own, and what it inherits", async () => {
    for (const name of ["a", "b", "c"]) await create(name);
    await newRole("reader", { permissions: ["a"] });
    await newRole("editor", { permissions: ["b"], extends: "reader" });
    await newRole("chief", { permissions: ["b", "c"], extends: "editor" });
    await newRole("nobody");
    for (const [role, own, all] of [
      ["reader", ["a"], ["a"]],
      ["editor", ["b"], ["a", "b"]],
      ["chief", ["b", "c"], ["a", "b", "c"]],
      ["nobody", [], []],
    ]) {
      assert.deepEqual(await granted(role), own);
      assert.deepEqual(await effective(role), all);
    }
  });

  test("refuse what is not there, and a malformed name", async () => {
    await fails(permissions.listRolePermissions("nobody"), "NOT_FOUND");
    await fails(permissions.listRolePermissions("non-existent-role"), "NOT_FOUND"); // This rule alone allows hyphens.
    await refuses(permissions.listRolePermissions("no role"), "role_name");
    await fails(permissions.listEffectiveRolePermissions("nobody"), "NOT_FOUND");
    await refuses(permissions.listEffectiveRolePermissions("non-existent-role"), "role_name");
    await refuses(permissions.listEffectiveRolePermissions(""), "role_name");
  });
});

describe("addPermissionsToRole", () => {
  test("adds to what there is, and repeats nothing", async () => {
    for (const name of ["a", "b", "c"]) await create(name);
    await newRole("reader", { permissions: ["a"] });
    await permissions.addPermissionsToRole("reader", ["b"]);
    assert.deepEqual(await granted("reader"), ["a", "b"]);
    const { permissions: listed } = await permissions.addPermissionsToRole("reader", ["a", "b", "c"]);
    assert.deepEqual(await granted("reader"), ["a", "b", "c"]);
    for (const name of names(listed)) assert.ok(["a", "b", "c"].includes(name));
  });

  test("ignores what is not there, as the SDKs' tests have seen it", async () => {
    await create("a");
    await newRole("reader");
    await permissions.addPermissionsToRole("reader", ["nobody:nothing", "a"]);
    assert.deepEqual(await granted("reader"), ["a"]);
  });

  test("refuses none, more than 100, malformed ones, and a role that is not there", async () => {
    await create("a");
    await newRole("reader");
    const many = Array.from({ length: 101 }, (_, i) => `p${i}`);
    await refuses(permissions.addPermissionsToRole("reader", []), "permission_names");
    await refuses(permissions.addPermissionsToRole("reader", many), "permission_names");
    await refuses(permissions.addPermissionsToRole("reader", ["a-b"]), "permission_names[0]");
    await fails(permissions.addPermissionsToRole("nobody", ["a"]), "NOT_FOUND");
    await refuses(permissions.addPermissionsToRole("no-role", ["a"]), "role_name");
    assert.deepEqual(await granted("reader"), []);
  });
});

describe("removePermissionFromRole", () => {
  test("takes one away", async () => {
    for (const name of ["a", "b"]) await create(name);
    await newRole("reader", { permissions: ["a", "b"] });
    await permissions.removePermissionFromRole("reader", "a");
    assert.deepEqual(await granted("reader"), ["b"]);
    await permissions.removePermissionFromRole("reader", "b");
    assert.deepEqual(await granted("reader"), []);
  });

  test("refuses what is not there, and malformed names", async () => {
    await create("a");
    await newRole("reader", { permissions: ["a"] });
    await fails(permissions.removePermissionFromRole("reader", "nobody:nothing"), ["NOT_FOUND", "INVALID_ARGUMENT"]);
    await fails(permissions.removePermissionFromRole("nobody", "a"), "NOT_FOUND");
    await refuses(permissions.removePermissionFromRole("reader", "a-b"), "permission_name");
    await refuses(permissions.removePermissionFromRole("no-role", "a"), "role_name");
    assert.deepEqual(await granted("reader"), ["a"]);
  });
});
