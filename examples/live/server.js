const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { join } = require("node:path");

const greeting = "Hello";

const files = { "/": ["page.html", "text/html"], "/style.css": ["style.css", "text/css"] };
const listeners = new Set();

const server = createServer((request, response) => {
  const [path] = request.url.split("?");
  if (path === "/events") {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(`data: run ${process.env.RELOAD_RUN}\n\n`);
    listeners.add(response);
    response.on("close", () => listeners.delete(response));
    return;
  }
  const file = files[path];
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  const [name, type] = file;
  const text = readFileSync(join(__dirname, name), "utf8").replace("{{greeting}}", greeting);
  response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(text);
});

setInterval(() => {
  for (const response of listeners)
    response.write(`data: run ${process.env.RELOAD_RUN}, ${new Date().toISOString()}\n\n`);
}, 1_000);

server.listen(process.env.PORT, () => console.log(`open ${process.env.RELOAD_URL}`));
// The event stream ends by itself when this is asked to: nothing keeps the server from closing.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
