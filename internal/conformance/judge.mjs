// Whether the tests have made every call that a client offers, and what they have not and why.

/** What the emulator says of an RPC that it does not serve. */
function ownWords({ code, message }) {
  if (code === "PERMISSION_DENIED") return message.replace(/^\[permission_denied\] /, "");
  return code === "UNIMPLEMENTED" ? / is not served here: (.+)/s.exec(message)?.[1] : undefined;
}

const covers = (key, call) => (key.endsWith("*") ? call.startsWith(key.slice(0, -1)) : key === call);

/**
 * Holds the calls that are offered against what became of them. One that is served must have succeeded in a test, and a
 * test must have checked an error of it, unless infallible names it. Every other one must have a reason: one of reasons,
 * or the emulator's own. Where refusals are asked for, a test must also have seen it refused. What is wrong is in
 * problems, a line for each.
 */
export function judge(offered, outcomes, { reasons, refusals = false, infallible = {} }) {
  const served = [];
  const unserved = [];
  const problems = [];
  for (const call of offered) {
    const { succeeded = false, failures = [] } = outcomes[call] ?? {};
    const key = Object.keys(reasons).find((candidate) => covers(candidate, call));
    const reason = reasons[key] ?? failures.map(ownWords).find(Boolean);
    if (succeeded) {
      served.push(call);
      if (reason) problems.push(`${call} is served, and is said not to be: ${reason}`);
      if (failures.length === 0 && !infallible[call]) problems.push(`${call}: no test checks how it fails`);
      if (failures.length > 0 && infallible[call]) problems.push(`${call} fails, and is said not to: ${infallible[call]}`);
    } else if (!reason) {
      problems.push(`${call}: no test calls it with success, and nothing says why it is not served`);
    } else {
      unserved.push({ call, reason });
      if (refusals && failures.length === 0) problems.push(`${call} is said not to be served, and no test has seen it refused`);
    }
  }
  for (const key of [...Object.keys(reasons), ...Object.keys(infallible)]) {
    if (!offered.some((call) => covers(key, call))) problems.push(`${key}: a reason for a call that nobody offers`);
  }
  return { served, unserved, problems };
}

const width = 120;

/** The calls that are not served, in paragraphs of one part of a client and one reason, as lines of text. */
export function table(unserved) {
  const paragraphs = new Map();
  for (const { call, reason } of unserved) {
    const part = /^(.*[./])?/.exec(call)[0];
    const key = JSON.stringify([part, reason]);
    paragraphs.set(key, [...(paragraphs.get(key) ?? []), call.slice(part.length)]);
  }
  const lines = [];
  for (const [key, names] of paragraphs) {
    const [part, reason] = JSON.parse(key);
    lines.push(`  ${part.slice(0, -1) || "the client itself"}: ${reason}`);
    let line = "   ";
    for (const name of names) {
      if (line.length + 1 + name.length > width) {
        lines.push(line);
        line = "   ";
      }
      line += ` ${name}`;
    }
    lines.push(line);
  }
  return lines;
}
