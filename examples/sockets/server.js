// Accepts on the socket that reload keeps open; started without reload, on PORT.
import { createServer } from "node:http";
import { Server } from "node:net";

const server = createServer((_request, response) => response.end("Hello from Node\n"));
server.listen(process.env.LISTEN_FDS === undefined ? { port: process.env.PORT ?? 3000 } : { fd: 3 });
// What was accepted is answered before the end, also where the request is still to be read: server.close() of HTTP would end such a
// connection, that of net does not. What was not accepted is for the next one.
process.on("SIGTERM", () => {
  Server.prototype.close.call(server, () => process.exit());
  setTimeout(() => server.closeIdleConnections(), 50);
});
