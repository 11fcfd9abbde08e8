// The Go wire packages are generated from the descriptors that the pinned SDK publishes, and nothing else.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { descriptorSet } from "./descriptors.mjs";

test("descriptors.binpb is what the pinned SDK publishes, as far as the Go SDK has it", () => {
  const committed = readFileSync(new URL("../scalekit-sdk-go/descriptors.binpb", import.meta.url));
  assert.ok(committed.equals(descriptorSet()), "run make generate");
});
