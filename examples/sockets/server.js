// Accepts on the socket that reload keeps open; started without reload, on PORT.
import { createServer } from "node:http";

const server = createServer((_request, response) => response.end("Hello from Node\n"));
server.listen(process.env.LISTEN_FDS === undefined ? { port: process.env.PORT ?? 3000 } : { fd: 3 });
// What was accepted is answered before the end; what was not is for the next one.
process.on("SIGTERM", () => {
  server.close(() => process.exit());
  server.closeIdleConnections();
});
