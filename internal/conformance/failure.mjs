// What the SDK makes of an error of the platform.
import assert from "node:assert/strict";
import * as sdk from "@scalekit-sdk/node";
import { checked } from "./coverage.mjs";

const kinds = {
  INVALID_ARGUMENT: { grpcStatus: 3, httpStatus: 400, exception: sdk.ScalekitBadRequestException },
  NOT_FOUND: { grpcStatus: 5, httpStatus: 404, exception: sdk.ScalekitNotFoundException },
  PERMISSION_DENIED: { grpcStatus: 7, httpStatus: 403, exception: sdk.ScalekitForbiddenException },
  RESOURCE_EXHAUSTED: { grpcStatus: 8, httpStatus: 429, exception: sdk.ScalekitTooManyRequestsException },
  UNAUTHENTICATED: { grpcStatus: 16, httpStatus: 401, exception: sdk.ScalekitUnauthorizedException },
  UNIMPLEMENTED: { grpcStatus: 12, httpStatus: 501, exception: sdk.ScalekitNotImplementedException },
  UNAVAILABLE: { grpcStatus: 14, httpStatus: 503, exception: sdk.ScalekitServiceUnavailableException },
};

/**
 * Asserts that the call fails with a gRPC code (or one of several, where the platform's is not known), the SDK's
 * exception for it, and one ErrorInfo that names the request. expected.errorCode is ErrorInfo's error_code, where the
 * platform's is known; expected.message is a regular expression; expected.field is a field of which ErrorInfo must
 * report a violation, by the end of its path.
 */
export async function fails(call, code, expected = {}) {
  const error = await call.then(
    () => assert.fail(`succeeded; expected ${code}`),
    (thrown) => thrown,
  );
  assert.ok(error instanceof sdk.ScalekitServerException, `${error?.name}: ${error?.message}`);
  const codes = [code].flat();
  const found = codes.find((candidate) => kinds[candidate].grpcStatus === error.grpcStatus);
  assert.ok(found, `${codes.join(" or ")} expected: ${error}`);
  const kind = kinds[found];
  assert.equal(error.httpStatus, kind.httpStatus);
  assert.equal(error.constructor, kind.exception);

  assert.equal(error.errDetails.length, 1, "one ErrorInfo");
  const [info] = error.errDetails;
  assert.notEqual(info.errorCode, "");
  assert.equal(error.errorCode, info.errorCode);
  assert.notEqual(info.requestInfo?.requestId ?? "", "", "ErrorInfo names the request");
  if (expected.errorCode) assert.equal(info.errorCode, expected.errorCode);
  if (expected.message) assert.match(error.message, expected.message);
  if (expected.field) {
    const fields = (info.validationErrorInfo?.fieldViolations ?? []).map((violation) => violation.field);
    assert.ok(
      fields.some((field) => field === expected.field || field.endsWith(`.${expected.field}`)),
      `a violation of ${expected.field} expected, got ${JSON.stringify(fields)}: ${error.message}`,
    );
  }
  checked(error, found);
  return error;
}

/** fails with INVALID_ARGUMENT, because of the field. */
export const refuses = (call, field) => fails(call, "INVALID_ARGUMENT", { errorCode: "INVALID_ARGUMENT", field });
