// templates/*.html → generated/templates.js: a function for each file, with {{ name }} filled in.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const functions = readdirSync("templates")
  .filter((file) => file.endsWith(".html"))
  .sort()
  .map((file) => {
    const text = readFileSync(`templates/${file}`, "utf8").trimEnd();
    const open = text.split("{{").length - text.split("}}").length;
    if (open !== 0) {
      const line = text.slice(0, text.lastIndexOf("{{")).split("\n").length;
      console.error(`templates/${file}:${line}: {{ and }} do not go together`);
      process.exit(1);
    }
    const body = JSON.stringify(text).replaceAll(/\{\{\s*(\w+)\s*\}\}/g, '" + values.$1 + "');
    return `export const ${file.replace(/\.html$/, "")} = (values) => ${body};\n`;
  });
mkdirSync("generated", { recursive: true });
writeFileSync("generated/templates.js", functions.join("\n"));
