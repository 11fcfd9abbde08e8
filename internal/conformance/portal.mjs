// The way to the webhook server, as the portal's page goes it.

/** What the portal's link says: serverUrl, appId and a oneTimeToken. Every link is a new one. */
export async function portalKey(environment) {
  const token = await environment.unrecorded().getClientAccessToken();
  const response = await fetch(`${environment.url}/api/v1/webhooks/portal-url`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`portal-url: ${response.status} ${await response.text()}`);
  const link = new URL((await response.json()).url);
  return JSON.parse(Buffer.from(link.hash.slice("#key=".length), "base64").toString());
}

/** Exchanges the one-time token; returns the response. */
export const exchange = ({ serverUrl, oneTimeToken }) =>
  fetch(`${serverUrl}/api/v1/auth/one-time-token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ oneTimeToken }),
  });

/** A session at the webhook server: what Svix's client needs. */
export async function portalSession(environment) {
  const key = await portalKey(environment);
  const { token } = await (await exchange(key)).json();
  return { app: key.appId, token, serverUrl: key.serverUrl };
}
