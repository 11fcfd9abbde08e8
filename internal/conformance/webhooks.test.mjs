// Svix's own JavaScript client against the emulator's webhook server, reached as the webhook portal reaches it. That the
// platform's webhooks are Svix's is inferred; what is expected of Svix is what its API reference says.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { WebhookVerificationError } from "@scalekit-sdk/node";
import { ApiException, Svix, Webhook } from "svix";
import { checked, recorded, recordSvix } from "./coverage.mjs";
import { emulator } from "./emulator.mjs";
import { exchange, portalKey, portalSession } from "./portal.mjs";

const environment = emulator();
const url = "https://hooks.acme.example/scalekit";
let app;
let endpoints;
let session;
let svix;

/** Asserts that the call fails with an HTTP status. */
async function fails(call, status) {
  const error = await call.then(() => assert.fail(`succeeded; expected ${status}`), (thrown) => thrown);
  assert.ok(error instanceof ApiException, String(error));
  assert.equal(error.code, status);
  checked(error, String(status));
  return error.body;
}

/** Fails with 422, because of the field. */
async function refuses(call, field) {
  const { detail } = await fails(call, 422);
  assert.ok(detail.every((problem) => problem.msg && problem.type), JSON.stringify(detail));
  assert.deepEqual(detail[0].loc.slice(0, 2), ["body", field]);
}

beforeEach(async () => {
  await environment.control("POST", "reset");
  session = await portalSession(environment);
  app = session.app;
  svix = recordSvix(new Svix(session.token, { serverUrl: session.serverUrl, numRetries: 0 }));
  endpoints = svix.endpoint;
});

// The Node SDK has no client for this service; the platform serves it as REST JSON, too.
describe("WebhookService", () => {
  let token;
  beforeEach(async () => (token = await environment.client().getClientAccessToken()));

  /** Makes a call, and throws what is not a success: an Error with the status and the body. */
  const call = (name, method, path, authorization = `Bearer ${token}`) =>
    recorded(`scalekit.v1.webhooks.WebhookService/${name}`, async () => {
      const response = await fetch(`${environment.url}/api/v1/webhooks/${path}`, { method, headers: { authorization } });
      const body = await response.json();
      if (!response.ok) throw Object.assign(new Error(body.message), { status: response.status, body });
      return body;
    });

  async function failsWith(calling, status, code, errorCode) {
    const error = await calling.then(() => assert.fail(`succeeded; expected ${status}`), (thrown) => thrown);
    assert.equal(error.status, status, error);
    assert.equal(error.body.code, code);
    const [info] = error.body.details;
    assert.equal(info["@type"], "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo");
    assert.equal(info.error_code, errorCode);
    assert.ok(info.request_info.request_id);
    checked(error, errorCode);
    return info;
  }

  test("a link to the portal", async () => {
    assert.match((await call("GetPortalURL", "GET", "portal-url")).url, /#key=/);
    await failsWith(call("GetPortalURL", "GET", "portal-url", ""), 401, 16, "UNAUTHENTICATED");
  });

  test("a test event", async () => {
    const { event_type: type, event_payload: payload } = await call("SendTestEvent", "POST", "test-event/role.created");
    assert.equal(type, "role.created");
    assert.equal(payload.type, "role.created");
    const nothing = call("SendTestEvent", "POST", "test-event/nothing.happened");
    const info = await failsWith(nothing, 400, 3, "INVALID_ARGUMENT");
    assert.equal(info.validation_error_info.field_violations[0].field, "event_type");
  });

  test("no way to the endpoints: that is for sessions of the dashboard", async () => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      await failsWith(call("WebhookWrapper", method, "wb/endpoint"), 403, 7, "PERMISSION_DENIED");
    }
  });
});

describe("session", () => {
  test("a one-time token works once", async () => {
    const key = await portalKey(environment);
    assert.equal((await exchange(key)).status, 200);
    const second = await exchange(key);
    assert.equal(second.status, 401);
    const { code, detail } = await second.json();
    assert.ok(code && detail);
  });

  test("a revoked token is refused", async () => {
    await environment.control("POST", "tokens/revoke");
    const body = await fails(endpoints.list(app), 401);
    assert.ok(body.code && body.detail);
  });

  test("a token is for one application", async () => {
    await fails(endpoints.list("app_another"), 403);
  });
});

describe("endpoints", () => {
  test("create, read, change, replace and delete", async () => {
    const created = await endpoints.create(app, {
      url,
      description: "for tests",
      eventTypes: ["organization.created"],
      channels: ["one"],
      throttleRate: 10,
      metadata: { team: "identity" },
      uid: "mine",
    });
    assert.match(created.id, /^ep_/);
    const expected = { ...created };
    assert.deepEqual(
      [created.url, created.description, created.eventTypes, created.channels, created.throttleRate, created.metadata, created.uid, created.disabled],
      [url, "for tests", ["organization.created"], ["one"], 10, { team: "identity" }, "mine", false],
    );
    assert.ok(Math.abs(created.createdAt - Date.now()) < 10_000, "createdAt is now");
    assert.deepEqual(await endpoints.get(app, created.id), expected);
    assert.equal((await endpoints.get(app, "mine")).id, created.id, "by uid");

    const patched = await endpoints.patch(app, created.id, { disabled: true, eventTypes: null, throttleRate: null });
    assert.deepEqual([patched.disabled, patched.eventTypes, patched.throttleRate], [true, null, null]);
    assert.equal(patched.description, "for tests", "what is not sent stays");

    const replaced = await endpoints.upsert(app, created.id, { url: `${url}/2` });
    assert.deepEqual(
      [replaced.id, replaced.url, replaced.description, replaced.disabled, replaced.channels, replaced.uid],
      [created.id, `${url}/2`, "", false, null, null],
    );

    await endpoints.delete(app, created.id);
    const body = await fails(endpoints.get(app, created.id), 404);
    assert.ok(body.code && body.detail);
    await fails(endpoints.delete(app, created.id), 404);
  });

  test("refusals", async () => {
    await refuses(endpoints.create(app, { url: "nowhere" }), "url");
    await refuses(endpoints.create(app, { url, eventTypes: [] }), "eventTypes");
    await refuses(endpoints.create(app, { url, eventTypes: ["not a type"] }), "eventTypes");
    await refuses(endpoints.create(app, { url, channels: Array.from({ length: 11 }, (_, i) => `c${i}`) }), "channels");
    await refuses(endpoints.create(app, { url, throttleRate: 0 }), "throttleRate");
    await refuses(endpoints.create(app, { url, uid: "with space" }), "uid");
    await refuses(endpoints.create(app, { url, secret: "whsec_short" }), "secret");
    const { id } = await endpoints.create(app, { url, uid: "taken" });
    const body = await fails(endpoints.create(app, { url, uid: "taken" }), 409);
    assert.ok(body.code && body.detail);
    await refuses(endpoints.patch(app, id, { channels: ["no space"] }), "channels");
    await refuses(endpoints.upsert(app, id, { url: "nowhere" }), "url");
    assert.equal((await endpoints.list(app)).data.length, 1);
    assert.equal((await endpoints.get(app, id)).url, url);
  });

  for (const [name, call] of Object.entries({
    get: (id) => endpoints.get(app, id),
    patch: (id) => endpoints.patch(app, id, { disabled: true }),
    delete: (id) => endpoints.delete(app, id),
    getSecret: (id) => endpoints.getSecret(app, id),
    rotateSecret: (id) => endpoints.rotateSecret(app, id, {}),
    getHeaders: (id) => endpoints.getHeaders(app, id),
    setHeaders: (id) => endpoints.setHeaders(app, id, { headers: {} }),
    patchHeaders: (id) => endpoints.patchHeaders(app, id, { headers: {} }),
    sendExample: (id) => endpoints.sendExample(app, id, { eventType: "role.created" }),
  })) {
    test(`${name} refuses an endpoint that is not there`, async () => {
      const { code, detail } = await fails(call("ep_2nobody"), 404);
      assert.ok(code && detail);
    });
  }

  test("a create that is repeated with its idempotency key is one endpoint", async () => {
    const [first, second] = [
      await endpoints.create(app, { url }, { idempotencyKey: "once" }),
      await endpoints.create(app, { url }, { idempotencyKey: "once" }),
    ];
    assert.equal(first.id, second.id);
    assert.notEqual((await endpoints.create(app, { url }, { idempotencyKey: "twice" })).id, first.id);
  });

  test("a create whose reply is lost is one endpoint", async () => {
    await environment.control("PUT", "faults", [{ rpc: "svix.endpoint.create", kind: "error_after" }]);
    const retrying = new Svix(session.token, { serverUrl: session.serverUrl, retryScheduleInMs: [1] });
    await environment.calls();
    await retrying.endpoint.create(app, { url });
    assert.deepEqual(await environment.calls(), ["svix.endpoint.create 503", "svix.endpoint.create 201"]);
    assert.equal((await endpoints.list(app)).data.length, 1);
  });

  test("pages", async () => {
    const created = [];
    for (let i = 0; i < 5; i++) created.push((await endpoints.create(app, { url })).id);
    const listed = [];
    let pages = 0;
    for (let iterator = undefined, done = false; !done; pages++) {
      const page = await endpoints.list(app, { limit: 2, iterator });
      listed.push(...page.data.map(({ id }) => id));
      ({ iterator, done } = page);
    }
    assert.equal(pages, 3);
    assert.deepEqual(listed.toSorted(), created.toSorted());
    await fails(endpoints.list(app, { limit: 251 }), 422);
  });

  test("headers", async () => {
    const { id } = await endpoints.create(app, { url });
    assert.deepEqual(await endpoints.getHeaders(app, id), { headers: {}, sensitive: [] });
    await endpoints.setHeaders(app, id, { headers: { "x-team": "a", authorization: "Bearer secret" } });
    assert.deepEqual(await endpoints.getHeaders(app, id), { headers: { "x-team": "a" }, sensitive: ["authorization"] });
    await endpoints.patchHeaders(app, id, { headers: { "x-more": "b" }, deleteHeaders: ["authorization"] });
    assert.deepEqual(await endpoints.getHeaders(app, id), { headers: { "x-team": "a", "x-more": "b" }, sensitive: [] });
  });

  test("secrets", async () => {
    const { id } = await endpoints.create(app, { url });
    const { key } = await endpoints.getSecret(app, id);
    assert.match(key, /^whsec_[a-zA-Z0-9+/=]{32,100}$/);
    await endpoints.rotateSecret(app, id, {});
    assert.notEqual((await endpoints.getSecret(app, id)).key, key);
    const chosen = `whsec_${Buffer.alloc(24, "k").toString("base64")}`;
    await endpoints.rotateSecret(app, id, { key: chosen, gracePeriodSeconds: 0 });
    assert.equal((await endpoints.getSecret(app, id)).key, chosen);
    await fails(endpoints.rotateSecret(app, id, { gracePeriodSeconds: 604_801 }), 422);
  });

  test("event types", async () => {
    const names = [];
    for (let iterator = undefined, done = false; !done; ) {
      const page = await svix.eventType.list({ limit: 20, iterator });
      names.push(...page.data.filter(({ deprecated }) => !deprecated).map(({ name }) => name));
      ({ iterator, done } = page);
    }
    await fails(svix.eventType.list({ limit: 251 }), 422);
    assert.equal(names.length, 41, "as many as the platform documents");
    assert.ok(names.includes("organization.directory.user_created"));
  });
});

describe("deliveries", () => {
  const received = [];
  let server;
  let target;

  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        received.push({ headers: request.headers, body });
        response.end();
      });
    });
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
    target = `http://127.0.0.1:${server.address().port}/hook`;
  });
  after(() => server.close());
  beforeEach(() => (received.length = 0));

  const next = async (count) => {
    for (let i = 0; received.length < count && i < 500; i++) await new Promise((later) => setTimeout(later, 10));
    assert.equal(received.length, count);
    return received.at(-1);
  };
  const verifies = (key, { headers, body }) => {
    try {
      new Webhook(key).verify(body, headers);
      return true;
    } catch {
      return false;
    }
  };

  test("events are signed, by the old secret too while it is in its grace period", async () => {
    const { id } = await endpoints.create(app, { url: target, eventTypes: ["organization.created"] });
    const old = (await endpoints.getSecret(app, id)).key;
    const { organization } = await environment.client().organization.createOrganization("Acme");
    const first = await next(1);
    assert.ok(verifies(old, first));
    const client = environment.client();
    assert.equal(client.verifyWebhookPayload(old, first.headers, first.body), true, "Scalekit's SDK agrees");
    const forged = () => client.verifyWebhookPayload(old, first.headers, `${first.body} `);
    assert.throws(forged, (error) => checked(error, "invalid") ?? error instanceof WebhookVerificationError);
    const event = JSON.parse(first.body);
    assert.equal(event.type, "organization.created");
    assert.equal(event.organization_id, organization.id);
    assert.equal(event.data.display_name, "Acme");
    assert.equal(verifies(old, { ...first, body: first.body.replace("Acme", "Evil") }), false);

    await endpoints.rotateSecret(app, id, { gracePeriodSeconds: 3600 });
    const current = (await endpoints.getSecret(app, id)).key;
    await environment.client().organization.createOrganization("Globex");
    const second = await next(2);
    assert.ok(verifies(old, second) && verifies(current, second));

    await endpoints.rotateSecret(app, id, { gracePeriodSeconds: 0 });
    await environment.client().organization.createOrganization("Initech");
    const third = await next(3);
    assert.ok(verifies(old, third), "its grace period is not over");
    assert.equal(verifies(current, third), false, "it had none");
  });

  test("an example reaches an endpoint", async () => {
    const { id } = await endpoints.create(app, { url: target, eventTypes: ["user.login"] });
    const message = await endpoints.sendExample(app, id, { eventType: "role.created" });
    const { headers, body } = await next(1);
    assert.equal(headers["webhook-id"], message.id);
    assert.deepEqual(JSON.parse(body), message.payload);
  });
});
