// The app of examples/orders: type-checked, built, and driven in Chromium by its own tests, against the server that runs here.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { World } from "./world.ts";

test("the example app lists orders, approves one and explains a refusal", () => {
  const world: World = JSON.parse(readFileSync(process.env.QUARTERMASTER_WORLD!, "utf8"));
  const cwd = "../../examples/orders";
  const env = {
    ...process.env,
    QUARTERMASTER_URL: world.url,
    QUARTERMASTER_BINARY: world.binary,
    QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER: join(world.folder, "issuer"),
  };
  execFileSync("npm", ["ci", "--prefer-offline", "--no-progress"], { cwd, env, stdio: "inherit" });
  execFileSync("npm", ["test"], { cwd, env, stdio: "inherit" });
});
