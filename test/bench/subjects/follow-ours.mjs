// node follow-ours.mjs LIBRARY FILE SCHEMA: prints each port that a callback sees, and the first one.
import { createRequire } from "node:module";

const [, , library, file, schema] = process.argv;
const { liveConfig } = createRequire(import.meta.url)(library);
const config = await liveConfig({ files: file, schema, environment: false });
config.on("port", (now) => console.log(now));
config.on("error", () => {});
console.log(config.get("port"));
setInterval(() => {}, 2 ** 30);
