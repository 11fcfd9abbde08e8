// An emulator of its own for a test file, so that files neither see one another's objects nor wait for one another.
// SCALEKIT_EMULATOR names its program.
import { spawn } from "node:child_process";
import { after, before } from "node:test";
import { createInterface } from "node:readline";
import { ScalekitClient } from "@scalekit-sdk/node";

const clientId = "skc_conformance";
const clientSecret = "conformance-secret";

/** Starts an emulator before the tests of the calling file and ends it after them. */
export function emulator() {
  const started = {};
  let stop;
  before(async () => {
    const running = await startEmulator();
    stop = running.stop;
    Object.assign(started, running.environment);
  });
  after(() => stop());
  return started;
}

/** Starts an emulator, and returns it together with the function that ends it. */
export async function startEmulator() {
  const program = process.env.SCALEKIT_EMULATOR;
  if (!program) throw new Error("SCALEKIT_EMULATOR is not set: run the tests with make conformance");
  const flags = ["--listen", "127.0.0.1:0", "--client-id", clientId, "--client-secret", clientSecret];
  const child = spawn(program, flags, { stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => child.kill();
  process.on("exit", stop);
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^export SCALEKIT_ENVIRONMENT_URL=['"]?([^'"]+)/.exec(line);
    if (url) return { environment: environmentAt(url[1]), stop };
  }
  throw new Error(`the emulator ended without saying where it listens: ${log}`);
}

const environmentAt = (url) => ({
  url,
  clientId,
  clientSecret,

  /** A client of Scalekit's SDK, by default with the right credentials; it holds no token yet. */
  client: (id = clientId, secret = clientSecret) => new ScalekitClient(url, id, secret),

  /** Calls one of the emulator's control paths. */
  async control(method, path, body) {
    const response = await fetch(`${url}/_emulator/${path}`, { method, body: body && JSON.stringify(body) });
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
