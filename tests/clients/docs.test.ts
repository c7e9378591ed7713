// The TypeScript of the pages in docs/: type-checked, run against the server, and what it prints compared with the page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { token, url } from "./world.ts";

const PAGES = "../../docs";
// Beside node_modules, so that examples import as they do in a reader's project.
const FOLDER = ".docs";

interface Example {
  name: string;
  file: string;
  persona: Parameters<typeof token>[0];
  code: string;
  output: string;
}

const examples = readdirSync(PAGES)
  .filter((name) => name.endsWith(".md"))
  .flatMap((page): Example[] => {
    const text = readFileSync(join(PAGES, page), "utf8");
    const found = [...text.matchAll(/^```typescript(?: as=(\w+))?\n([\s\S]*?)^```\n\n```text output\n([\s\S]*?)^```$/gm)];
    assert.equal(found.length, text.match(/^```typescript/gm)?.length ?? 0, `${page}: an example without its output`);
    return found.map(([, persona, code, output], n) => ({
      name: `the TypeScript of ${page}, number ${n + 1}`,
      file: join(FOLDER, `${page.replace(".md", "")}-${n + 1}.ts`),
      persona: (persona ?? "approver") as Example["persona"],
      code: code!,
      output: output!,
    }));
  });

before(() => {
  assert(examples.length > 3, "the pages have examples");
  mkdirSync(FOLDER, { recursive: true });
  const { host } = new URL(url);
  // `export {}` makes a module of it, as it is in a project.
  for (const { file, code } of examples) writeFileSync(file, `${code.replaceAll("127.0.0.1:8080", host)}\nexport {};\n`);
});
after(() => rmSync(FOLDER, { recursive: true, force: true }));

test("the TypeScript of the pages has the types that it says", () => {
  const options = "--strict --noEmit --skipLibCheck --target es2022 --lib es2023,dom,dom.asynciterable --module nodenext --types node";
  const files = examples.map(({ file }) => file);
  execFileSync("node_modules/.bin/tsc", [...options.split(" "), ...files], { stdio: "inherit" });
});

for (const { name, file, persona, output } of examples) {
  test(name, () => {
    const env = { ...process.env, TOKEN: token(persona) };
    // Browsers have WebSocket; Node.js 20 has it behind this flag.
    const printed = execFileSync("node", ["--experimental-websocket", "--import", "tsx", file], { env, encoding: "utf8", timeout: 60_000 });
    assert.equal(printed, output);
  });
}
