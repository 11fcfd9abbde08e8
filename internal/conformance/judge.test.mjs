// The judgement at the end of make conformance can fail, in every way that it is meant to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, table } from "./judge.mjs";

const well = { succeeded: true, failures: [{ code: "NOT_FOUND", message: "not found" }] };
const refused = (code, message) => ({ succeeded: false, failures: [{ code, message }] });
const problems = (offered, outcomes, rules = {}) => judge(offered, outcomes, { reasons: {}, ...rules }).problems;

test("what has succeeded and failed is served", () => {
  assert.deepEqual(judge(["a.b"], { "a.b": well }, { reasons: {} }), { served: ["a.b"], unserved: [], problems: [] });
});

test("what is not called is a problem, or has a reason", () => {
  assert.match(problems(["a.b"], {})[0], /a\.b: no test calls it/);
  assert.match(problems(["a.b"], { "a.b": refused("NOT_FOUND", "not found") })[0], /a\.b: no test calls it/);
  const reasons = { "a.*": "because" };
  assert.deepEqual(judge(["a.b"], {}, { reasons }).unserved, [{ call: "a.b", reason: "because" }]);
});

test("the emulator's own words are a reason", () => {
  const { unserved } = judge(
    ["S/A", "S/B", "S/C"],
    {
      "S/A": refused("UNIMPLEMENTED", "[unimplemented] /S/A is not served here: because"),
      "S/B": refused("PERMISSION_DENIED", "[permission_denied] not for you"),
      "S/C": refused("UNIMPLEMENTED", "[unimplemented] /S/C is not served here"),
    },
    { reasons: {} },
  );
  assert.deepEqual(unserved, [
    { call: "S/A", reason: "because" },
    { call: "S/B", reason: "not for you" },
  ]);
});

test("an error that no test checks is a problem, but for what cannot fail", () => {
  const outcomes = { a: { succeeded: true, failures: [] } };
  assert.match(problems(["a"], outcomes)[0], /a: no test checks how it fails/);
  assert.deepEqual(problems(["a"], outcomes, { infallible: { a: "it answers false" } }), []);
  assert.match(problems(["a"], { a: well }, { infallible: { a: "it answers false" } })[0], /a fails/);
});

test("a reason for what is served is a problem, and one for nothing", () => {
  assert.match(problems(["a.b"], { "a.b": well }, { reasons: { "a.b": "because" } })[0], /a\.b is served/);
  assert.match(problems(["a.b", "a.c"], { "a.b": well }, { reasons: { "a.*": "because" } })[0], /a\.b is served/);
  assert.match(problems([], {}, { reasons: { "a.b": "because" } })[0], /a\.b: a reason for a call that nobody offers/);
});

test("where refusals are asked for, one must have been seen", () => {
  const rules = { reasons: { "a.b": "because" }, refusals: true };
  assert.match(problems(["a.b"], {}, rules)[0], /no test has seen it refused/);
  assert.deepEqual(problems(["a.b"], { "a.b": refused("404", "Entity not found") }, rules), []);
});

test("the table has every call and its reason", () => {
  const unserved = ["a.b", "a.c", "d", "e.F/G"].map((call) => ({ call, reason: "because" }));
  assert.deepEqual(table(unserved), [
    "  a: because",
    "    b c",
    "  the client itself: because",
    "    d",
    "  e.F: because",
    "    G",
  ]);
});
