// Starts one server with the demo's world behind it, runs the tests against it, and stops it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { World } from "./world.ts";

const binary = process.env.QUARTERMASTER_BINARY!;
const tools = process.env.CLIENT_TOOLS!;
const folder = mkdtempSync(join(tmpdir(), "quartermaster-clients-"));
const env = {
  ...process.env,
  QUARTERMASTER_ENVIRONMENT: "development",
  QUARTERMASTER_LISTEN: "127.0.0.1:0",
  QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER: join(folder, "issuer"),
};

/** The demo greets when its world is lived: with the address, and with each persona's subject and token. */
async function greeted(demo: ReturnType<typeof spawn>): Promise<World> {
  const world: World = { url: "", binary, folder, tokens: {} };
  let subject = "";
  for await (const line of createInterface({ input: demo.stdout! })) {
    const address = /^ +API +(\S+)\/graphql$/.exec(line);
    const persona = /^ {2}\S.*: .* \((\S+)\)$/.exec(line);
    const token = /^ {2}(ey\S+)$/.exec(line);
    if (address) world.url = address[1]!;
    else if (persona) subject = persona[1]!;
    else if (token) world.tokens[subject] = token[1]!;
    else if (line.startsWith("Ctrl-C stops")) return world;
  }
  throw new Error("the demo ended before it greeted; what it said is above");
}

async function run(command: string, words: string[], more: NodeJS.ProcessEnv): Promise<boolean> {
  const child = spawn(command, words, { env: { ...env, ...more }, stdio: "inherit" });
  const [code] = await once(child, "exit");
  return code === 0;
}

/** The app of examples/orders, by its own tests in Chromium; true also where there is none, which is said. */
async function example(world: World): Promise<boolean> {
  const browser = spawnSync("../../scripts/browser", { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (browser.status !== 0) return browser.status === 75;
  const told = { QUARTERMASTER_URL: world.url, CHROMIUM: browser.stdout.trim() };
  const npm = (...words: string[]) => run("npm", ["--prefix", "../../examples/orders", ...words], told);
  return (await npm("ci", "--prefer-offline", "--no-progress")) && (await npm("test"));
}

const asked = process.argv.slice(2);
const files = readdirSync(".").filter((name) => name.endsWith(".test.ts") && (!asked.length || asked.includes(name)));
const demo = spawn(binary, ["demo"], { env, stdio: ["ignore", "pipe", "inherit"] });
let good = true;
try {
  const world = await greeted(demo);
  // What it says from here on is nobody's to read, but has to go somewhere.
  demo.stdout!.resume();
  const file = join(folder, "world.json");
  writeFileSync(file, JSON.stringify(world));
  const told = { QUARTERMASTER_WORLD: file, PYTHONPATH: "python:generated" };
  if (files.length) good = await run("node", ["--import", "tsx", "--test", "--test-force-exit", "--test-timeout=120000", "--test-reporter=spec", ...files], told);
  if (!asked.length || asked.includes("python")) {
    for (const [python, tests] of Object.entries({ "bin/python": ["test_ariadne", "test_sgqlc"], "gql/bin/python": ["test_gql"] })) {
      good = (await run(join(tools, python), ["-m", "unittest", "--verbose", ...tests], told)) && good;
    }
  }
  if (!asked.length || asked.includes("example")) good = (await example(world)) && good;
} finally {
  if (demo.exitCode === null) {
    demo.kill("SIGTERM");
    await once(demo, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = good ? 0 : 1;
