// node served.mjs DIRECTORY [PORT]: listens on PORT, the variable or descriptor 3; says the version that stands in version.go, and writes down what is posted.
// With IN_ORDER it answers what it has accepted before it ends. A version that is "bad" ends as soon as it is started; one that is "brief" after as many milliseconds as it says.
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [, , directory, port] = process.argv;
const [, version, kind, ms] = readFileSync(join(directory, "version.go"), "utf8").split(" ");
if (kind === "bad") process.exit(1);
if (kind === "brief") setTimeout(() => process.exit(1), Number(ms));
const posts = join(directory, "posts.txt");
const server = createServer((request, response) => {
  if (request.method === "POST") appendFileSync(posts, `${request.url}\n`);
  request.resume().on("end", () => {
    response.setHeader("Content-Type", "text/plain");
    response.end(`${version} ${process.pid}`);
  });
});
const place =
  process.env.LISTEN_FDS === undefined ? { port: Number(port ?? process.env.PORT), host: "127.0.0.1" } : { fd: 3 };
server.listen(place);
if (process.env.IN_ORDER !== undefined)
  process.once("SIGTERM", () => {
    server.close(() => process.exit(0));
  });
