// Fails unless ../build is exactly what the sources build. Reviewers read the sources, so the
// bundle that browsers run must be built from them.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const committed = join(here, "..", "build");
const fresh = mkdtempSync(join(tmpdir(), "card-form-bundle-"));

const contents = (folder) =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );

try {
  await build({ root: here, logLevel: "error", build: { outDir: fresh } });
  const [was, is] = [contents(committed), contents(fresh)];
  const differing = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => was[name] !== is[name],
  );
  if (differing.length > 0) {
    console.error(
      "The committed bundle of the card form is not what its sources build " +
        `(${differing.join(", ")}): run "npm run build" and commit components/card_form/build.`,
    );
    process.exitCode = 1;
  } else {
    console.log(`The bundle is what the sources build (${Object.keys(is).join(", ")}).`);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
