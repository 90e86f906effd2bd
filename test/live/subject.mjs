// A program that keeps one configuration for each file and prints every port that it ever sees in one, by call or by looking.
import { createRequire } from "node:module";

const [, , library, ...files] = process.argv;
const { liveConfig } = createRequire(import.meta.url)(library);

for (const file of files) {
  const config = await liveConfig({ files: file, schema: "schema.json", environment: false });
  let port;
  const look = () => {
    if (config.get("port") === port) return;
    port = config.get("port");
    process.stdout.write(`${JSON.stringify({ file, port })}\n`);
  };
  config.on("port", look);
  config.on("error", look);
  look();
  setInterval(look, 1);
}
process.stdin.resume();
