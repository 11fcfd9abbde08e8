// How Scalekit's Node SDK gets, uses and renews its token.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ScalekitUnauthorizedException, ScalekitValidateTokenFailureException } from "@scalekit-sdk/node";
import { checked } from "./coverage.mjs";
import { emulator } from "./emulator.mjs";
import { fails } from "./failure.mjs";

const environment = emulator();
let client;

/** Asserts that a call that is no RPC fails with an exception of the SDK, which has no ErrorInfo then. */
async function failsWith(call, exception) {
  const error = await call.then(() => assert.fail("succeeded"), (thrown) => thrown);
  assert.ok(error instanceof exception, String(error));
  checked(error, error.name);
  return error;
}

beforeEach(async () => {
  await environment.control("POST", "reset");
  client = environment.client();
});

test("the first call goes without a token, is refused, and is repeated with one", async () => {
  await client.organization.listOrganization();
  assert.deepEqual(await environment.calls(), [
    "ListOrganization UNAUTHENTICATED",
    "oauth/token 200",
    "ListOrganization OK",
  ]);
  await client.organization.listOrganization();
  assert.deepEqual(await environment.calls(), ["ListOrganization OK"], "the token is used again");
});

test("a revoked token is renewed in the middle of work", async () => {
  const { organization } = await client.organization.createOrganization("Before");
  const token = client.coreClient.accessToken;
  await environment.control("POST", "tokens/revoke");
  await environment.calls();

  await client.organization.updateOrganization(organization.id, { displayName: "After" });
  assert.deepEqual(await environment.calls(), [
    "UpdateOrganization UNAUTHENTICATED",
    "oauth/token 200",
    "UpdateOrganization OK",
  ]);
  assert.notEqual(client.coreClient.accessToken, token);
  assert.equal((await client.organization.getOrganization(organization.id)).organization.displayName, "After");
});

test("a token that the environment never issued is refused", async () => {
  await client.organization.listOrganization();
  const [header, payload, signature] = client.coreClient.accessToken.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const forged = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 3600 })).toString("base64url");
  client.coreClient.authenticateClient = async () => {}; // The SDK renews nothing, and gives up after three retries.

  for (const token of ["", "garbage", `${header}.${forged}.${signature}`, `${header}.${payload}.`]) {
    client.coreClient.accessToken = token;
    await environment.calls();
    await fails(client.organization.listOrganization(), "UNAUTHENTICATED", { errorCode: "UNAUTHENTICATED" });
    assert.deepEqual(await environment.calls(), Array(4).fill("ListOrganization UNAUTHENTICATED"));
  }
});

test("wrong credentials get no token", async () => {
  for (const stranger of [
    environment.client(environment.clientId, "wrong"),
    environment.client("skc_nobody", environment.clientSecret),
  ]) {
    // The SDK lets the HTTP client's error through. Status and body are OAuth's; the platform's own are not documented.
    const error = await stranger.organization.listOrganization().then(() => assert.fail("succeeded"), (thrown) => thrown);
    assert.ok([400, 401].includes(error.response?.status), String(error));
    assert.equal(error.response.data.error, "invalid_client");
    assert.equal(stranger.coreClient.accessToken, null);
  }
});

test("the token is a signed JWT, as documented", async () => {
  const { data } = await client.coreClient.authenticate(
    new URLSearchParams({
      grant_type: "client_credentials",
      client_id: environment.clientId,
      client_secret: environment.clientSecret,
    }).toString(),
  );
  assert.equal(data.token_type, "Bearer");
  assert.equal(data.expires_in, 86399);
  assert.equal(data.scope, "openid");
  const header = JSON.parse(Buffer.from(data.access_token.split(".")[0], "base64url"));
  assert.equal(header.alg, "RS256");

  const { keys } = await (await fetch(`${environment.url}/keys`)).json();
  const key = keys.find((candidate) => candidate.kid === header.kid);
  assert.match(key.kid, /^snk_/);
  assert.deepEqual([key.use, key.kty, key.alg], ["sig", "RSA", "RS256"]);
  assert.equal(await client.validateAccessToken(data.access_token), true, "the SDK checks the signature by /keys");
  assert.equal((await client.validateToken(data.access_token)).sub, environment.clientId);
  const forged = data.access_token.slice(0, -8) + "AAAAAAAA";
  assert.equal(await client.validateAccessToken(forged), false);
  await failsWith(client.validateToken(forged), ScalekitValidateTokenFailureException);
});

test("the SDK hands out its token, and one of other credentials", async () => {
  const tokens = [
    await client.getClientAccessToken(),
    await client.generateClientToken(environment.clientId, environment.clientSecret),
  ];
  for (const token of tokens) assert.equal(await client.validateAccessToken(token), true);
  const stranger = environment.client(environment.clientId, "wrong");
  for (const call of [
    stranger.getClientAccessToken(),
    client.generateClientToken(environment.clientId, "wrong"),
  ]) {
    const error = await failsWith(call, ScalekitUnauthorizedException);
    assert.equal(error.errDetails.error, "invalid_client");
  }
});
