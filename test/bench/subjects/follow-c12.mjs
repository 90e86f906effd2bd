// node follow-c12.mjs LIBRARY FILE DEBOUNCE: prints each port that a callback sees, and the first one. DEBOUNCE: "default" or ms.
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";

const [, , library, file, debounce] = process.argv;
const { watchConfig } = await import(pathToFileURL(library).href);
const watched = await watchConfig({
  cwd: dirname(file),
  configFile: basename(file, ".yaml"),
  rcFile: false,
  onUpdate: ({ newConfig }) => console.log(newConfig.config.port),
  ...(debounce === "default" ? {} : { debounce: debounce === "0" ? false : Number(debounce) }),
});
console.log(watched.config.port);
