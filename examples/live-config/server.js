// A server that changes its log level and its rate limit while it runs: no restart, no dropped connection.
import { createServer } from "node:http";
import { liveConfig } from "reload-dev/config";

const config = await liveConfig({ files: "config.yaml", env: "APP_", schema: "schema.json" });

const levels = ["debug", "info", "warn", "error"];
function log(level, message) {
  if (levels.indexOf(level) >= levels.indexOf(config.get("log.level"))) console.log(`${level}: ${message}`);
}

let tokens = config.get("limit.requests");
let filling;
function fill() {
  clearInterval(filling);
  const { requests, perSeconds } = config.get("limit");
  tokens = requests;
  filling = setInterval(() => {
    tokens = config.get("limit.requests");
  }, perSeconds * 1000);
}
fill();

config.on("limit", (now, before, version) => {
  console.log(`limit: ${before.requests} → ${now.requests} requests each ${now.perSeconds} s (version ${version})`);
  fill();
});
config.on("log.level", (now, before) => console.log(`log level: ${before} → ${now}`));
config.on("error", ({ message }) => console.error(`config stays as it is: ${message}`));

createServer((request, response) => {
  log("debug", `${request.method} ${request.url}`);
  response.writeHead(tokens > 0 ? 200 : 429, { "content-type": "text/plain" });
  response.end(tokens > 0 ? `version ${config.version}\n` : "too many requests\n");
  tokens -= 1;
}).listen(Number(process.env.PORT ?? 3000), "127.0.0.1", function listening() {
  console.log(`listening on http://127.0.0.1:${this.address().port}`);
});
