// Scalekit's Node SDK against the emulator: every organization call that the SDK offers. What is expected is what the
// platform's documentation and SDKs say; where they are silent, nothing is asserted, or the comment says "inferred".
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { rpc } from "./coverage.mjs";
import { emulator } from "./emulator.mjs";
import { fails, refuses } from "./failure.mjs";
import { pagesToTheEnd } from "./paging.mjs";

const environment = emulator();
let client;
let organizations;

const unknownId = "org_1234567890123456";
const APPLICATION = 1;
const CUSTOM = 2;
const MINUTES = 1;

beforeEach(async () => {
  await environment.control("POST", "reset");
  client = environment.client();
  organizations = client.organization;
});

const create = async (name, options) => (await organizations.createOrganization(name, options)).organization;
const get = async (id) => (await organizations.getOrganization(id)).organization;
const update = async (id, change) => (await organizations.updateOrganization(id, change)).organization;
const feature = (organization, name) =>
  (organization.settings?.features ?? []).find((candidate) => candidate.name === name)?.enabled ?? false;
const metadata = (pairs) => Object.fromEntries(Array.from({ length: pairs }, (_, i) => [`key${i}`, `value ${i}`]));

describe("createOrganization", () => {
  test("with a name alone", async () => {
    const begin = Date.now();
    const organization = await create("Acme");
    assert.match(organization.id, /^org_\d{17,19}$/);
    assert.equal(organization.displayName, "Acme");
    assert.equal(organization.externalId, undefined);
    assert.deepEqual(organization.metadata, {});
    assert.equal(organization.regionCode, 1, "US");
    const created = Number(organization.createTime.seconds) * 1000;
    assert.ok(created >= begin - 2000 && created <= Date.now() + 2000, "create_time is now");
    assert.deepEqual(await get(organization.id), organization, "get returns what create did");
  });

  test("with all that the SDK can send", async () => {
    // A logo it can send as well, which the Go SDK does not know yet, nor the emulator with it.
    const options = { externalId: "acme", slug: "acme-corp", logoUrl: "https://acme.example/logo.png" };
    const organization = await create("Acme", options);
    const { externalId, slug } = await get(organization.id);
    assert.deepEqual({ externalId, slug }, { externalId: "acme", slug: "acme-corp" });
  });

  test("names of 1 and of 200 characters", async () => {
    for (const name of ["A", "ü".repeat(200)]) assert.equal((await create(name)).displayName, name);
  });

  test("refuses a name of no or of more than 200 characters", async () => {
    await refuses(organizations.createOrganization(""), "display_name");
    await refuses(organizations.createOrganization("A".repeat(201)), "display_name");
  });

  test("refuses an external id of more than 255 characters", async () => {
    await create("Acme", { externalId: "a".repeat(255) });
    await fails(organizations.createOrganization("Acme", { externalId: "a".repeat(256) }), "INVALID_ARGUMENT");
  });

  test("refuses an external id that another organization has", async () => {
    await create("Acme", { externalId: "acme" });
    await fails(organizations.createOrganization("Other", { externalId: "acme" }), "INVALID_ARGUMENT", {
      message: /external|duplicate|already exists/i,
    });
    assert.equal((await organizations.listOrganization()).totalSize, 1, "nothing was created");
  });

  test("refuses a slug that is malformed or another organization's", async () => {
    for (const slug of ["Acme", "-acme", "acme-", "ac me"]) {
      await refuses(organizations.createOrganization("Acme", { slug }), "slug");
    }
    await create("Acme", { slug: "acme" });
    await fails(organizations.createOrganization("Other", { slug: "acme" }), "INVALID_ARGUMENT");
  });
});

describe("getOrganization", () => {
  test("refuses what is not there", async () => {
    await fails(organizations.getOrganization(unknownId), "NOT_FOUND");
  });

  test("refuses a malformed id", async () => {
    await refuses(organizations.getOrganization(""), "id");
    await refuses(organizations.getOrganization(`org_${"1".repeat(29)}`), "id");
  });
});

describe("getOrganizationByExternalId", () => {
  test("finds an organization by its external id", async () => {
    const organization = await create("Acme", { externalId: "acme/1 ü" });
    const found = await organizations.getOrganizationByExternalId("acme/1 ü");
    assert.deepEqual(found.organization, organization);
  });

  test("refuses what is not there, and nothing", async () => {
    await create("Acme", { externalId: "acme" });
    await fails(organizations.getOrganizationByExternalId("ACME"), "NOT_FOUND");
    await refuses(organizations.getOrganizationByExternalId(""), "external_id");
  });
});

describe("listOrganization", () => {
  test("newest first", async () => {
    for (const name of ["one", "two", "three"]) await create(name);
    const { organizations: listed, totalSize } = await organizations.listOrganization({ pageSize: 10 });
    assert.deepEqual(listed.map((organization) => organization.displayName), ["three", "two", "one"]);
    assert.equal(totalSize, 3);
  });

  // Pages of three: nothing, one, a page, a page and one, two pages and one.
  for (const total of [0, 1, 3, 4, 7]) {
    test(`pages to the end of ${total}`, async () => {
      const created = [];
      for (let i = 0; i < total; i++) created.unshift((await create(`organization ${i}`)).id);
      const list = (pageSize, pageToken) => organizations.listOrganization({ pageSize, pageToken });
      const listed = await pagesToTheEnd(list, (page) => page.organizations, { pageSize: 3, total });
      assert.deepEqual(listed.map((organization) => organization.id), created);
    });
  }

  test("ten a page unless told otherwise", async () => {
    for (let i = 0; i < 11; i++) await create(`organization ${i}`);
    const page = await organizations.listOrganization();
    assert.equal(page.organizations.length, 10);
    assert.notEqual(page.nextPageToken, "");
    assert.equal((await organizations.listOrganization({ pageSize: 1 })).organizations.length, 1);
  });

  test("by external id", async () => {
    await create("Other");
    const organization = await create("Acme", { externalId: "acme" });
    const found = await organizations.listOrganization({ externalId: "acme" });
    assert.deepEqual(found.organizations, [organization]);
    assert.deepEqual((await organizations.listOrganization({ externalId: "nobody" })).organizations, []);
  });

  test("refuses a token it never gave", async () => {
    await fails(organizations.listOrganization({ pageToken: "not a token" }), "INVALID_ARGUMENT");
  });
});

describe("searchOrganization", () => {
  test("finds by name, in pages", async () => {
    for (let i = 0; i < 4; i++) await create(`Acme ${i}`);
    await create("Globex");
    const first = await organizations.searchOrganization("Acme", 3);
    assert.equal(first.totalSize, 4);
    assert.equal(first.organizations.length, 3);
    const second = await organizations.searchOrganization("Acme", 3, first.nextPageToken);
    assert.equal(second.nextPageToken, "");
    const names = [...first.organizations, ...second.organizations].map((organization) => organization.displayName);
    assert.deepEqual(names.sort(), ["Acme 0", "Acme 1", "Acme 2", "Acme 3"]);
    assert.equal((await organizations.searchOrganization("Nobody")).totalSize, 0);
  });

  test("refuses queries under 3 or over 100 characters, and pages over 30", async () => {
    await refuses(organizations.searchOrganization("ab"), "query");
    await refuses(organizations.searchOrganization("a".repeat(101)), "query");
    await refuses(organizations.searchOrganization("abc", 31), "page_size");
    await assert.rejects(organizations.searchOrganization("  "), { message: "query is required" });
  });
});

describe("updateOrganization", () => {
  test("touches only what is sent", async () => {
    const organization = await create("Acme", { externalId: "acme", slug: "acme" });
    await update(organization.id, { metadata: { plan: "free" } });
    const renamed = await update(organization.id, { displayName: "Acme Corp" });
    assert.equal(renamed.displayName, "Acme Corp");
    assert.equal(renamed.externalId, "acme");
    assert.equal(renamed.slug, "acme");
    assert.deepEqual(renamed.metadata, { plan: "free" });
    assert.deepEqual(renamed.createTime, organization.createTime);
    assert.deepEqual(await get(organization.id), renamed, "get returns what update did");
  });

  test("replaces metadata (inferred), and an empty map changes nothing (inferred)", async () => {
    const { id } = await create("Acme");
    await update(id, { metadata: { plan: "free", tier: "one" } });
    assert.deepEqual((await update(id, { metadata: { plan: "paid" } })).metadata, { plan: "paid" });
    assert.deepEqual((await update(id, { metadata: {} })).metadata, { plan: "paid" });
  });

  test("metadata within and beyond its limits", async () => {
    const { id } = await create("Acme");
    for (const good of [metadata(10), { abc: "v" }, { ["k".repeat(25)]: "v".repeat(256) }]) {
      assert.deepEqual((await update(id, { metadata: good })).metadata, good);
    }
    for (const bad of [metadata(11), { ab: "v" }, { ["k".repeat(26)]: "v" }, { key: "" }, { key: "v".repeat(257) }]) {
      await fails(organizations.updateOrganization(id, { metadata: bad }), "INVALID_ARGUMENT", {
        errorCode: "INVALID_ARGUMENT",
      });
    }
  });

  test("changes the external id, and frees the old one", async () => {
    const { id } = await create("Acme", { externalId: "old" });
    assert.equal((await update(id, { externalId: "new" })).externalId, "new");
    await fails(organizations.getOrganizationByExternalId("old"), "NOT_FOUND");
    await create("Other", { externalId: "old" });
    await fails(organizations.updateOrganization(id, { externalId: "old" }), "INVALID_ARGUMENT", {
      message: /external|duplicate|already exists/i,
    });
    assert.equal((await get(id)).externalId, "new");
    assert.equal((await update(id, { externalId: "new" })).externalId, "new", "its own is no duplicate");
  });

  test("changes and clears the slug", async () => {
    const { id } = await create("Acme", { slug: "one" });
    assert.equal((await update(id, { slug: "two" })).slug, "two");
    assert.equal((await update(id, { slug: "" })).slug ?? "", "");
    await create("Other", { slug: "two" });
    await fails(organizations.updateOrganization(id, { slug: "two" }), "INVALID_ARGUMENT");
    await refuses(organizations.updateOrganization(id, { slug: "Two" }), "slug");
  });

  test("refuses an empty name, a malformed id, and what is not there", async () => {
    const { id } = await create("Acme");
    await refuses(organizations.updateOrganization(id, { displayName: "" }), "display_name");
    await refuses(organizations.updateOrganization(id, { displayName: "A".repeat(201) }), "display_name");
    await refuses(organizations.updateOrganization("", { displayName: "Acme" }), "id");
    await fails(organizations.updateOrganization(unknownId, { displayName: "Acme" }), "NOT_FOUND");
    assert.equal((await get(id)).displayName, "Acme");
  });
});

describe("RPCs that the SDK's client does not call", () => {
  test("getOrganizationByExternalId", async () => {
    const { id } = await create("Acme", { externalId: "acme" });
    const find = (value) =>
      rpc(organizations, "getOrganizationByExternalId", { identities: { case: "externalId", value } });
    assert.equal((await find("acme")).organization.id, id);
    await fails(find("nobody"), "NOT_FOUND");
    await refuses(find(""), "external_id");
  });

  test("getApplicationSessionPolicy, in minutes (inferred: the documented ranges hold)", async () => {
    const { id } = await create("Acme");
    const read = (organizationId) => rpc(organizations, "getApplicationSessionPolicy", { organizationId });
    const { applicationPolicy } = await read(id);
    assert.ok(applicationPolicy.absoluteSessionTimeout >= 1 && applicationPolicy.absoluteSessionTimeout <= 525_600);
    assert.equal(applicationPolicy.accessTokenExpiry, 5); // its unit is one of the fields that the Go SDK does not have
    await fails(read(unknownId), "NOT_FOUND");
    await refuses(read("acme"), "organization_id");
  });
});

describe("updateOrganizationByExternalId", () => {
  test("changes the organization that has the external id", async () => {
    const { id } = await create("Acme", { externalId: "acme" });
    await create("Other", { externalId: "other" });
    const { organization } = await organizations.updateOrganizationByExternalId("acme", { displayName: "Acme Corp" });
    assert.deepEqual([organization.id, organization.displayName], [id, "Acme Corp"]);
  });

  test("refuses what is not there, and nothing", async () => {
    await fails(organizations.updateOrganizationByExternalId("nobody", { displayName: "Acme" }), "NOT_FOUND");
    await refuses(organizations.updateOrganizationByExternalId("", { displayName: "Acme" }), "external_id");
  });
});

describe("deleteOrganization", () => {
  test("is final, and frees the external id", async () => {
    const { id } = await create("Acme", { externalId: "acme" });
    await organizations.deleteOrganization(id);
    await fails(organizations.getOrganization(id), "NOT_FOUND");
    await fails(organizations.getOrganizationByExternalId("acme"), "NOT_FOUND");
    await fails(organizations.deleteOrganization(id), "NOT_FOUND");
    assert.equal((await organizations.listOrganization()).totalSize, 0);
    assert.notEqual((await create("Acme again", { externalId: "acme" })).id, id);
  });

  test("refuses a malformed id", async () => {
    await refuses(organizations.deleteOrganization(""), "id");
  });
});

describe("generatePortalLink", () => {
  test("a link of one minute, on a fresh organization", async () => {
    const { id } = await create("Acme");
    const begin = Date.now();
    const link = await organizations.generatePortalLink(id);
    assert.match(link.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "a UUID, as the documentation shows");
    assert.ok(link.location.startsWith(`${environment.url}/magicLink/`), link.location);
    const life = Number(link.expireTime.seconds) * 1000 - begin;
    assert.ok(life > 55_000 && life < 65_000, `expires in ${life} ms`);
    assert.notEqual((await organizations.generatePortalLink(id)).location, link.location);
  });

  test("refuses what is not there, and a malformed id", async () => {
    await fails(organizations.generatePortalLink(unknownId), "NOT_FOUND");
    await refuses(organizations.generatePortalLink("acme"), "id");
  });

  test("deletePortalLinkByID wants ids of another form than links have", async () => {
    const { id } = await create("Acme");
    const link = await organizations.generatePortalLink(id);
    const remove = (linkId) => rpc(organizations, "deletePortalLinkByID", { id, linkId });
    await refuses(remove(link.id), "link_id");
    await fails(remove("lnk_1234567890123456"), "NOT_FOUND");
  });
});

describe("updateOrganizationSettings", () => {
  const set = (id, ...features) => organizations.updateOrganizationSettings(id, { features });

  test("turns features on and off, and answers with the organization", async () => {
    const created = await create("Acme", { externalId: "acme" });
    for (const name of ["sso", "dir_sync", "domain_verification", "session_policy"]) {
      for (const enabled of [true, false, false, true]) {
        const { organization } = await set(created.id, { name, enabled });
        assert.equal(organization.externalId, "acme");
        assert.equal(feature(organization, name), enabled, name);
        assert.equal(feature(await get(created.id), name), enabled, name);
      }
    }
  });

  test("finds sso on and dir_sync off in a new organization, in this order (seen)", async () => {
    const { settings } = await create("Acme");
    assert.deepEqual(settings.features.map(({ name, enabled }) => [name, enabled]), [["sso", true], ["dir_sync", false]]);
  });

  test("leaves other features alone (inferred)", async () => {
    const { id } = await create("Acme");
    await set(id, { name: "sso", enabled: true }, { name: "dir_sync", enabled: false });
    await set(id, { name: "dir_sync", enabled: true });
    const organization = await get(id);
    assert.ok(feature(organization, "sso") && feature(organization, "dir_sync"));
  });

  test("refuses a feature it does not know", async () => {
    const { id } = await create("Acme");
    for (const name of ["directory_sync", "nonsense", ""]) {
      await fails(set(id, { name, enabled: true }), "INVALID_ARGUMENT", { errorCode: "INVALID_ARGUMENT" });
    }
    await fails(set(id, { name: "dir_sync", enabled: true }, { name: "nonsense", enabled: true }), "INVALID_ARGUMENT");
    assert.equal(feature(await get(id), "dir_sync"), false, "all or nothing");
  });

  test("refuses what is not there, and a malformed id", async () => {
    await fails(set(unknownId, { name: "sso", enabled: true }), "NOT_FOUND");
    await refuses(set("acme", { name: "sso", enabled: true }), "id");
  });
});

describe("upsertUserManagementSettings and getOrganizationUserManagementSetting", () => {
  const upsert = (id, maxAllowedUsers) => organizations.upsertUserManagementSettings(id, { maxAllowedUsers });
  const read = async (id) => (await organizations.getOrganizationUserManagementSetting(id)).settings?.maxAllowedUsers;

  test("unset, then a limit, no limit, and unset again", async () => {
    const { id } = await create("Acme");
    assert.equal(await read(id), undefined, "unset at first");
    for (const limit of [25, 0, 1_000_000]) {
      assert.equal((await upsert(id, limit)).maxAllowedUsers, limit);
      assert.equal(await read(id), limit);
    }
    assert.equal((await upsert(id, null))?.maxAllowedUsers, undefined);
    assert.equal(await read(id), undefined, "null clears");
  });

  test("refuse what is not there, and a malformed id", async () => {
    await fails(upsert(unknownId, 5), "NOT_FOUND");
    await refuses(upsert("acme", 5), "organization_id");
    await fails(organizations.getOrganizationUserManagementSetting(unknownId), "NOT_FOUND");
    await refuses(organizations.getOrganizationUserManagementSetting("acme"), "organization_id");
  });
});

describe("updateOrganizationSessionPolicy and getOrganizationSessionPolicy", () => {
  const policy = (absolute, unit, idle, idleUnit = unit) => ({
    policySource: "CUSTOM",
    absoluteSessionTimeout: absolute,
    absoluteSessionTimeoutUnit: unit,
    ...(idle !== undefined && {
      idleSessionTimeoutEnabled: true,
      idleSessionTimeout: idle,
      idleSessionTimeoutUnit: idleUnit,
    }),
  });
  const read = (id) => organizations.getOrganizationSessionPolicy(id);
  const write = (id, wanted) => organizations.updateOrganizationSessionPolicy(id, wanted);

  test("the application's policy at first", async () => {
    const { id } = await create("Acme");
    assert.equal((await read(id)).policySource, APPLICATION);
  });

  test("a custom policy, read in minutes whatever it was written in", async () => {
    const { id } = await create("Acme");
    for (const [wanted, absolute, idle] of [
      [policy(8, "HOURS", 30, "MINUTES"), 480, 30],
      [policy(360, "MINUTES", 84), 360, 84],
      [policy(2, "DAYS", 12, "HOURS"), 2880, 720],
    ]) {
      const written = await write(id, wanted);
      assert.equal(written.policySource, CUSTOM);
      assert.equal(written.absoluteSessionTimeout, absolute);
      assert.equal(written.absoluteSessionTimeoutUnit, MINUTES);
      assert.equal(written.idleSessionTimeoutEnabled, true);
      assert.equal(written.idleSessionTimeout, idle);
      assert.equal(written.idleSessionTimeoutUnit, MINUTES);
      assert.deepEqual(await read(id), written);
    }
  });

  test("back to the application's, without timeouts", async () => {
    const { id } = await create("Acme");
    await write(id, policy(8, "HOURS", 1));
    await write(id, { policySource: "APPLICATION" });
    const back = await read(id);
    assert.equal(back.policySource, APPLICATION);
    assert.equal(back.absoluteSessionTimeout, undefined);
    assert.equal(back.idleSessionTimeout, undefined);
  });

  test("refuses timeouts out of order or range", async () => {
    const { id } = await create("Acme");
    for (const wanted of [
      policy(60, "MINUTES", 60), // absolute > idle
      policy(1, "HOURS", 2),
      policy(60, "MINUTES", 5), // idle > the access token's 5 minutes
      policy(525_601, "MINUTES", 60),
      policy(366, "DAYS", 1, "HOURS"),
      policy(20_000, "MINUTES", 10_081),
      policy(0, "MINUTES"),
      policy(-1, "HOURS"),
    ]) {
      await fails(write(id, wanted), "INVALID_ARGUMENT", { errorCode: "INVALID_ARGUMENT" });
    }
    assert.equal((await read(id)).policySource, APPLICATION);
  });

  test("refuses what is not there, and a malformed id", async () => {
    await fails(read(unknownId), "NOT_FOUND");
    await refuses(read("acme"), "organization_id");
    await fails(write(unknownId, policy(8, "HOURS", 1)), "NOT_FOUND");
    await refuses(write("acme", { policySource: "APPLICATION" }), "organization_id");
  });
});

describe("an environment in trouble", () => {
  test("a rate limit is reported, and not retried", async () => {
    await organizations.listOrganization();
    await environment.control("PUT", "faults", [{ rpc: "ListOrganization", kind: "rate_limit" }]);
    await environment.calls();
    await fails(organizations.listOrganization(), "RESOURCE_EXHAUSTED", { errorCode: "RATE_LIMITED" });
    assert.deepEqual(await environment.calls(), ["ListOrganization RESOURCE_EXHAUSTED"]);
  });

  test("an unavailable environment is tried again", async () => {
    const { id } = await create("Acme");
    await environment.control("PUT", "faults", [{ rpc: "GetOrganization", kind: "error_before" }]);
    await environment.calls();
    assert.equal((await get(id)).displayName, "Acme");
    assert.deepEqual(await environment.calls(), ["GetOrganization UNAVAILABLE", "GetOrganization OK"]);
  });
});
