// Says at the end of make conformance which calls of the official clients the tests have made, and which the emulator
// does not serve and why. It fails where a call is in neither list, or in both.
//
//   node report.mjs FOLDER
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { judge, table } from "./judge.mjs";
import { platformRPCs, scalekitCalls, svixCalls, versions } from "./offered.mjs";
import * as reasons from "./unserved.mjs";

const folder = process.argv[2];
const outcomes = {};
for (const file of readdirSync(folder)) {
  for (const [name, part] of Object.entries(JSON.parse(readFileSync(path.join(folder, file), "utf8")))) {
    const whole = (outcomes[name] ??= { succeeded: false, failures: [] });
    whole.succeeded ||= part.succeeded;
    whole.failures.push(...part.failures);
  }
}

const clients = [
  {
    title: `Calls of Scalekit's Node SDK ${versions.scalekit}`,
    offered: scalekitCalls(),
    rules: { reasons: reasons.scalekit, infallible: { validateAccessToken: "it answers false" } },
  },
  {
    title: "RPCs of the platform that Scalekit's SDKs know",
    offered: platformRPCs(),
    rules: { reasons: reasons.platform, refusals: true },
  },
  {
    title: `Calls of Svix's JavaScript client ${versions.svix}`,
    offered: svixCalls(),
    rules: { reasons: reasons.svix, refusals: true },
  },
].map(({ title, offered, rules }) => ({ title, offered, ...judge(offered, outcomes, rules) }));

const lines = [];
for (const { title, offered, served, unserved } of clients) {
  lines.push("", `${title}: ${served.length} of ${offered.length} served, each tested with success and with an error`);
  if (unserved.length > 0) lines.push(`Not served, and why (${unserved.length}):`, ...table(unserved));
}
console.log(lines.join("\n"));

const problems = clients.flatMap((client) => client.problems);
if (problems.length > 0) {
  console.error(["", "error: the conformance tests are not complete:", ...problems.map((line) => `  ${line}`)].join("\n"));
  process.exit(1);
}
