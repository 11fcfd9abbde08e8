// Scalekit's Node SDK against the emulator: every domain call that the SDK offers. What is expected is what the
// platform's documentation and SDKs say; where they are silent, nothing is asserted, or the name says "inferred".
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { rpc } from "./coverage.mjs";
import { emulator } from "./emulator.mjs";
import { fails, refuses } from "./failure.mjs";

const environment = emulator();
let client;
let domains;
let organizationId;

const unknownOrganization = "org_1234567890123456";
const unknownId = "dom_1234567890123456";
const tooLongId = `org_${"1".repeat(29)}`;
const ALLOWED_EMAIL_DOMAIN = 1;
const ORGANIZATION_DOMAIN = 2;
const ADMIN = 1;
const NOT_APPLICABLE = 3;
const VERIFIED = [2, 4]; // VERIFIED and AUTO_VERIFIED: the documentation has both for a domain that the API creates.

const newOrganization = async (name) => (await client.organization.createOrganization(name)).organization.id;

beforeEach(async () => {
  await environment.control("POST", "reset");
  client = environment.client();
  domains = client.domain;
  organizationId = await newOrganization("Acme");
});

const create = async (name, options, organization = organizationId) =>
  (await domains.createDomain(organization, name, options)).domain;
const get = async (id) => (await domains.getDomain(organizationId, id)).domain;
const list = async (options) => (await domains.listDomains(organizationId, options)).domains;
const names = (listed) => listed.map((domain) => domain.domain).sort();
/** A domain name of so many characters. */
const nameOf = (length) => `${"a".padStart(length - 5, "a.")}.test`;

describe("createDomain", () => {
  test("an organization domain unless told otherwise, verified at once", async () => {
    const begin = Date.now();
    const domain = await create("acme.example");
    assert.match(domain.id, /^dom_\d{17,19}$/);
    assert.equal(domain.domain, "acme.example");
    assert.equal(domain.organizationId, organizationId);
    assert.match(domain.environmentId, /^env_/);
    assert.equal(domain.domainType, ORGANIZATION_DOMAIN);
    assert.equal(domain.verificationMethod, ADMIN);
    assert.ok(VERIFIED.includes(domain.verificationStatus), `status ${domain.verificationStatus}`);
    const created = Number(domain.createTime.seconds) * 1000;
    assert.ok(created >= begin - 2000 && created <= Date.now() + 2000, "create_time is now");
    assert.deepEqual(await get(domain.id), domain, "get returns what create did");
  });

  test("an organization domain by name and by number", async () => {
    for (const [name, domainType] of [["one.example", "ORGANIZATION_DOMAIN"], ["two.example", ORGANIZATION_DOMAIN]]) {
      assert.equal((await create(name, { domainType })).domainType, ORGANIZATION_DOMAIN);
    }
  });

  test("an allowed email domain, which is not verified", async () => {
    for (const [name, domainType] of [["one.example", "ALLOWED_EMAIL_DOMAIN"], ["two.example", ALLOWED_EMAIL_DOMAIN]]) {
      const domain = await create(name, { domainType });
      assert.equal(domain.domainType, ALLOWED_EMAIL_DOMAIN);
      assert.equal(domain.verificationMethod, NOT_APPLICABLE);
      assert.deepEqual(await get(domain.id), domain);
    }
  });

  test("names of 4 and of many characters, subdomains, and .test", async () => {
    for (const name of ["a.io", "mail.eu.acme.example", "acme.test", nameOf(200)]) {
      assert.equal((await create(name)).domain, name);
    }
  });

  test("refuses a name that is too short, too long, or not a domain", async () => {
    await refuses(domains.createDomain(organizationId, ""), "domain");
    await refuses(domains.createDomain(organizationId, "a.b"), "domain");
    await refuses(domains.createDomain(organizationId, nameOf(256)), "domain");
    await fails(domains.createDomain(organizationId, "localhost"), "INVALID_ARGUMENT");
    assert.deepEqual(await list(), []);
  });

  test("refuses public and disposable domains", async () => {
    for (const name of ["gmail.com", "outlook.com", "yahoo.com", "mailinator.com"]) {
      await fails(domains.createDomain(organizationId, name), "INVALID_ARGUMENT");
      await fails(domains.createDomain(organizationId, name, { domainType: ALLOWED_EMAIL_DOMAIN }), "INVALID_ARGUMENT");
    }
    assert.deepEqual(await list(), []);
  });

  test("refuses a domain that the organization has", async () => {
    await create("acme.example");
    await fails(domains.createDomain(organizationId, "acme.example"), "INVALID_ARGUMENT");
    assert.equal((await list()).length, 1);
  });

  test("refuses a domain that another organization has (inferred)", async () => {
    await create("acme.example");
    const other = await newOrganization("Other");
    await fails(domains.createDomain(other, "acme.example"), "INVALID_ARGUMENT");
  });

  test("refuses an organization that is not there, and a malformed id", async () => {
    await fails(domains.createDomain(unknownOrganization, "acme.example"), "NOT_FOUND");
    await refuses(domains.createDomain("", "acme.example"), "organization_id");
    await refuses(domains.createDomain(tooLongId, "acme.example"), "organization_id");
  });

  test("a type that there is not is the SDK's own error", async () => {
    await assert.rejects(domains.createDomain(organizationId, "acme.example", { domainType: "NONE" }), {
      message: "Invalid domain type",
    });
  });
});

describe("getDomain", () => {
  test("refuses what is not there, and a malformed organization id", async () => {
    const { id } = await create("acme.example");
    await fails(domains.getDomain(organizationId, unknownId), "NOT_FOUND");
    await fails(domains.getDomain(unknownOrganization, id), "NOT_FOUND");
    await refuses(domains.getDomain("", id), "organization_id");
  });

  test("refuses another organization's domain (inferred)", async () => {
    const { id } = await create("acme.example");
    await fails(domains.getDomain(await newOrganization("Other"), id), "NOT_FOUND");
  });
});

describe("listDomains", () => {
  test("the organization's alone, and none at first", async () => {
    assert.deepEqual(await list(), []);
    const own = [await create("one.example"), await create("two.example")];
    await create("other.example", {}, await newOrganization("Other"));
    const listed = await list();
    assert.deepEqual(names(listed), ["one.example", "two.example"]);
    for (const domain of own) assert.deepEqual(listed.find(({ id }) => id === domain.id), domain);
  });

  test("by type", async () => {
    await create("one.example", { domainType: "ORGANIZATION_DOMAIN" });
    await create("two.example", { domainType: "ALLOWED_EMAIL_DOMAIN" });
    for (const [domainType, wanted] of [
      ["ORGANIZATION_DOMAIN", ["one.example"]],
      [ORGANIZATION_DOMAIN, ["one.example"]],
      ["ALLOWED_EMAIL_DOMAIN", ["two.example"]],
      [ALLOWED_EMAIL_DOMAIN, ["two.example"]],
      [undefined, ["one.example", "two.example"]],
    ]) {
      assert.deepEqual(names(await list({ domainType })), wanted);
    }
    await assert.rejects(domains.listDomains(organizationId, { domainType: "NONE" }), /Invalid domain type: NONE/);
  });

  test("thirty a page, and no more without a page number", async () => {
    for (let i = 0; i < 30; i++) await create(`domain${i}.example`);
    assert.equal((await list()).length, 30);
    await create("domain30.example");
    assert.equal((await list()).length, 30);
  });

  // The SDK's method sends no page; its client for the service does. Pages are numbered from 0, and have no total.
  for (const total of [0, 1, 3, 4, 7]) {
    test(`pages to the end of ${total}`, async () => {
      const created = [];
      for (let i = 0; i < total; i++) created.push((await create(`domain${i}.example`)).domain);
      const page = async (pageNumber) =>
        (
          await rpc(domains, "listDomains", {
            identities: { case: "organizationId", value: organizationId },
            pageSize: 3,
            pageNumber,
          })
        ).domains;
      const pages = [];
      do pages.push(await page(pages.length));
      while (pages.at(-1).length === 3);
      assert.ok(pages.every((items) => items.length <= 3));
      assert.deepEqual(names(pages.flat()), created.sort());
      assert.deepEqual(await page(pages.length), [], "there is nothing beyond the end");
    });
  }

  test("refuses an organization that is not there, and a malformed id", async () => {
    await fails(domains.listDomains(unknownOrganization), "NOT_FOUND");
    await refuses(domains.listDomains(""), "organization_id");
  });
});

describe("deleteDomain", () => {
  test("is final, and frees the name", async () => {
    const { id } = await create("acme.example");
    await create("other.example");
    await domains.deleteDomain(organizationId, id);
    await fails(domains.getDomain(organizationId, id), "NOT_FOUND");
    await fails(domains.deleteDomain(organizationId, id), "NOT_FOUND");
    assert.deepEqual(names(await list()), ["other.example"]);
    assert.notEqual((await create("acme.example")).id, id);
  });

  test("refuses what is not there, and a malformed organization id", async () => {
    const { id } = await create("acme.example");
    await fails(domains.deleteDomain(organizationId, unknownId), "NOT_FOUND");
    await fails(domains.deleteDomain(unknownOrganization, id), "NOT_FOUND");
    await refuses(domains.deleteDomain("", id), "organization_id");
    assert.equal((await list()).length, 1);
  });

  test("goes with the organization, and frees the name (inferred)", async () => {
    const { id } = await create("acme.example");
    await client.organization.deleteOrganization(organizationId);
    await fails(domains.getDomain(organizationId, id), "NOT_FOUND");
    await create("acme.example", {}, await newOrganization("Other"));
  });
});

// RPCs of the service without a method in the SDK's client.
describe("verifyDomain and updateDomain", () => {
  const identities = () => ({ case: "organizationId", value: organizationId });

  test("a domain that the API created is verified", async () => {
    const { id } = await create("acme.example");
    assert.equal((await rpc(domains, "verifyDomain", { identities: identities(), id })).verified, true);
    // The documentation counts "domain not found" among the reasons for false.
    const missing = rpc(domains, "verifyDomain", { identities: identities(), id: unknownId });
    const verified = await missing.then((reply) => reply.verified, () => undefined);
    if (verified === undefined) await fails(missing, "NOT_FOUND");
    else assert.equal(verified, false);
    await refuses(rpc(domains, "verifyDomain", { identities: identities(), id: "acme" }), "id");
  });

  test("one that the portal created is pending (inferred: by the seed)", async () => {
    await environment.control("POST", "seed", {
      organizations: [
        {
          display_name: "Globex",
          external_id: "globex",
          domains: [{ domain: "globex.example", verification_status: "PENDING" }],
        },
      ],
    });
    const { organization } = await client.organization.getOrganizationByExternalId("globex");
    const [domain] = (await domains.listDomains(organization.id)).domains;
    assert.equal(domain.verificationStatus, 1, "PENDING");
    assert.equal(domain.verificationMethod, 2, "DNS");
    assert.match(domain.txtRecordKey, new RegExp(`-verify-${domain.id}$`));
    assert.match(domain.txtRecordSecret, /^[0-9a-f]+$/);
    const request = { identities: { case: "organizationId", value: organization.id }, id: domain.id };
    assert.equal((await rpc(domains, "verifyDomain", request)).verified, false);
  });

  test("there is nothing to update (inferred: it changes nothing)", async () => {
    const domain = await create("acme.example");
    const update = (id, of = organizationId) =>
      rpc(domains, "updateDomain", { identities: { case: "organizationId", value: of }, id, domain: {} });
    assert.equal((await update(domain.id)).domain.domain, "acme.example");
    await fails(update(unknownId), "NOT_FOUND");
    await refuses(update(domain.id, tooLongId), "organization_id");
    assert.equal((await get(domain.id)).verificationStatus, domain.verificationStatus);
  });
});
