// node bare-proxy.mjs PORT APP: the least that passes requests on with node:http, for comparison: nothing is checked, held or changed.
import { Agent, createServer, request } from "node:http";
import { pipeline } from "node:stream";

const [, , port, app] = process.argv.map(Number);
const agent = new Agent({ keepAlive: true });
const server = createServer((asked, response) => {
  const { method, url: path, rawHeaders: headers } = asked;
  const outgoing = request({ host: "127.0.0.1", port: app, agent, method, path, headers, setHost: false }, (answer) => {
    response.writeHead(answer.statusCode, answer.rawHeaders);
    pipeline(answer, response, () => {});
  });
  outgoing.on("error", () => response.writeHead(502).end());
  asked.pipe(outgoing);
});
server.listen(port, "127.0.0.1");
