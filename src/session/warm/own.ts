/** A process beside the runs has a cookie of its own: the end of a run is not the end of the standby for the next one. */
import type { RunOrder } from "../run.ts";

export interface Own {
  readonly token: string;
  readonly cookie: string;
  readonly env: NodeJS.ProcessEnv;
}

/** @param token begins with `run`: that is how a `reload` that was killed finds it */
export function ofOwn(session: string, order: RunOrder, env: NodeJS.ProcessEnv, token: string): Own {
  const cookie = `${session}-${token}.`;
  const others = (env["RELOAD_SESSION"] ?? "").split(":").filter((cookie) => cookie !== "" && cookie !== order.cookie);
  return { token, cookie, env: { ...env, RELOAD_SESSION: [...others, cookie].join(":") } };
}
