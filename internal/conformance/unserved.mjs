// Why the emulator does not serve a call. Of the RPCs of its own services it says so itself, in the error; here is the
// rest: by name, or, with a * at the end, all calls that begin so.
const signIn = "for signing users in to an application; the provider manages what they sign in to";
const local = "makes no call";
const access = "clients and tokens of other programs; the provider does not manage them";
const agents = "tools and accounts that agents use; the provider does not manage them";
const logs = "events and logs of what has happened; the provider does not manage them";

export const scalekit = {
  getAuthorizationUrl: local,
  getLogoutUrl: local,
  verifyScopes: local,
  verifyInterceptorPayload: `${local}, and the emulator calls no interceptors`,
  authenticateWithCode: signIn,
  getIdpInitiatedLoginClaims: signIn,
  refreshAccessToken: signIn,
  "passwordless.*": signIn,
  "auth.*": signIn,
  "webauthn.*": signIn,
  "session.*": signIn,
  "token.*": access,
  "m2m.*": access,
  "tools.*": agents,
  "connectedAccounts.*": agents,
  "actions.*": agents,
  "events.*": logs,
};

export const platform = {
  "scalekit.v1.auditlogs.AuditLogsService/*": logs,
  "scalekit.v1.auth.AuthService/*": signIn,
  "scalekit.v1.auth.passwordless.PasswordlessService/*": signIn,
  "scalekit.v1.auth.webauthn.WebAuthnService/*": signIn,
  "scalekit.v1.clients.ClientService/*": access,
  "scalekit.v1.connected_accounts.ConnectedAccountService/*": agents,
  "scalekit.v1.connections.ConnectionService/GetConnectionTestResult":
    "finds nothing, with NOT_FOUND: nobody can sign in by a connection of the emulator to test it",
  "scalekit.v1.organizations.OrganizationService/DeletePortalLinkByID":
    "finds nothing: it takes ids of the form lnk_…, and links have UUIDs, as documented",
  "scalekit.v1.errdetails.Dummy/*": "no call of the platform; it is in the descriptors beside ErrorInfo",
  "scalekit.v1.events.EventsService/*": logs,
  "scalekit.v1.sessions.SessionService/*": signIn,
  "scalekit.v1.tokens.ApiTokenService/*": access,
  "scalekit.v1.tools.ToolService/*": agents,
};

const server = "runs the webhook server, which is the platform's; the portal is for one application's endpoints";
const messages = "the emulator keeps no messages once they are delivered";
const transformations = "code that changes messages; the provider does not manage it";
const eventTypes = "the platform's event types are given; the portal lists them";
const other = "another product of Svix's; the provider manages endpoints";

export const svix = {
  "svix.application.*": server,
  "svix.authentication.*": `${server}; its sessions end by themselves`,
  "svix.autoconfigSubscription.*": server,
  "svix.backgroundTask.*": server,
  "svix.environment.*": server,
  "svix.health.*": server,
  "svix.operationalWebhook.*": server,
  "svix.statistics.*": server,
  "svix.integration.*": other,
  "svix.connector.*": other,
  "svix.destination.*": other,
  "svix.ingest.*": other,
  "svix.streaming.*": other,
  "svix.message.*": messages,
  "svix.messageAttempt.*": messages,
  "svix.endpoint.replayMissing": messages,
  "svix.endpoint.bulkReplay": messages,
  "svix.endpoint.getStats": messages,
  "svix.endpoint.recover": messages,
  "svix.endpoint.transformationPartialUpdate": transformations,
  "svix.endpoint.transformation.*": transformations,
  "svix.eventType.create": eventTypes,
  "svix.eventType.get": eventTypes,
  "svix.eventType.upsert": eventTypes,
  "svix.eventType.delete": eventTypes,
  "svix.eventType.patch": eventTypes,
  "svix.eventType.importOpenapi": eventTypes,
};
