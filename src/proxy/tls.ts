/** Whether somebody speaks TLS there: asked only where plain words got no answer. */
import { connect } from "node:tls";

const withinMs = 2_000;

export async function isTls(hosts: readonly string[], port: number): Promise<boolean> {
  for (const host of hosts) if (await shakesHands(host, port)) return true;
  return false;
}

const shakesHands = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    // Who it is does not matter: nothing is sent to it.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: withinMs });
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket
      .once("secureConnect", () => end(true))
      .once("error", () => end(false))
      .once("timeout", () => end(false))
      .once("close", () => end(false));
  });
