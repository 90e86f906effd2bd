// styles/*.css → generated/site.css: one file, without comments.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const parts = readdirSync("styles")
  .filter((file) => file.endsWith(".css"))
  .sort()
  .map((file) =>
    readFileSync(`styles/${file}`, "utf8")
      .replaceAll(/\/\*[\s\S]*?\*\//g, "")
      .trim(),
  );
mkdirSync("generated", { recursive: true });
writeFileSync("generated/site.css", `${parts.join("\n")}\n`);
