/** Whether this is the inside of a container whose ports are not those of the machine around it. */
import { existsSync } from "node:fs";

/** Dev containers forward each port that is opened in them. */
const forwarding = ["REMOTE_CONTAINERS", "CODESPACES"];

export function isInContainer(env: NodeJS.ProcessEnv): boolean {
  if (forwarding.some((name) => env[name] === "true")) return false;
  return env["container"] !== undefined || existsSync("/.dockerenv") || existsSync("/run/.containerenv");
}
