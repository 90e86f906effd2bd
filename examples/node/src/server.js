import { createServer } from "node:http";
import { greeting } from "./greeting.js";

const port = Number(process.env.PORT ?? 4800);

const server = createServer((request, response) => {
  if (request.url === "/health") {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(`${greeting}\n`);
});

server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));

// Asked to end: finish what is being answered, take nothing new.
process.once("SIGTERM", () => server.close(() => process.exit(0)));
