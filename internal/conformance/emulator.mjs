// An emulator of its own for a test file, so that files neither see one another's objects nor wait for one another.
// SCALEKIT_EMULATOR names its program.
import { spawn } from "node:child_process";
import { after, before } from "node:test";
import { createInterface } from "node:readline";
import { ScalekitClient } from "@scalekit-sdk/node";
import { recordScalekit } from "./coverage.mjs";

const clientId = "skc_conformance";
const clientSecret = "conformance-secret";

/** Starts an emulator before the tests of the calling file and ends it after them. */
export function emulator() {
  const program = process.env.SCALEKIT_EMULATOR;
  if (!program) throw new Error("SCALEKIT_EMULATOR is not set: run the tests with make conformance");
  const started = { url: "", clientId, clientSecret };
  let child;

  before(async () => {
    const flags = ["--listen", "127.0.0.1:0", "--client-id", clientId, "--client-secret", clientSecret];
    child = spawn(program, flags, { stdio: ["ignore", "pipe", "pipe"] });
    process.on("exit", () => child.kill());
    let log = "";
    child.stderr.on("data", (text) => (log += text));
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^export SCALEKIT_ENVIRONMENT_URL=['"]?([^'"]+)/.exec(line);
      if (url) {
        started.url = url[1];
        return;
      }
    }
    throw new Error(`the emulator ended without saying where it listens: ${log}`);
  });
  after(() => child.kill());

  return Object.assign(started, {
    /** A client of Scalekit's SDK, by default with the right credentials; it holds no token yet. */
    client: (id = clientId, secret = clientSecret) => recordScalekit(new ScalekitClient(started.url, id, secret)),

    /** The same, but what it calls does not count as tested. */
    unrecorded: () => new ScalekitClient(started.url, clientId, clientSecret),

    /** Calls one of the emulator's control paths. */
    async control(method, path, body) {
      const response = await fetch(`${started.url}/_emulator/${path}`, { method, body: body && JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} /_emulator/${path}: ${response.status} ${text}`);
      return text && JSON.parse(text);
    },

    /** The calls since the last time, each as "RPC CODE". */
    async calls() {
      const { requests } = await this.control("GET", "requests");
      await this.control("DELETE", "requests");
      return requests.map((request) => `${request.rpc} ${request.code}`);
    },
  });
}
