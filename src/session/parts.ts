/** What a session is made of. */

import type { Lock } from "../adapters/lock/lock.ts";
import type { Registration } from "../adapters/lock/registry.ts";
import type { ConfigRequest } from "../config/layers/load.ts";
import type { Note } from "../report/moment.ts";
import type { Configuration } from "./configuration.ts";
import type { Io } from "./io.ts";
import type { Proxies } from "./proxy/late.ts";
import type { Reporters } from "./reporters.ts";
import type { HeldSockets } from "./sockets.ts";
import type { createWarm } from "./warm/warm.ts";

export interface SessionParts {
  readonly configuration: Configuration;
  readonly sockets: HeldSockets;
  readonly proxied: Proxies;
  /** With `--once` nothing is watched for longer than until the change that it may wait for, and the configuration is not read again. */
  readonly watches: boolean;
  readonly reporters: Reporters;
  note(note: Note): void;
  /** Loaded where somebody has asked for it when `reload` was started. */
  readonly createWarm: typeof createWarm | undefined;
  /** Every process that is started carries it. */
  readonly name: string;
  readonly lock: Lock | undefined;
  /** Absent where nobody can talk to it (`--once`). */
  readonly registration: (() => Promise<Registration>) | undefined;
  /** What it was started with; of variables those alone that are ours: the others are nobody's business. */
  readonly request: ConfigRequest;
  /** What it says of itself when somebody asks. */
  readonly about: { readonly root: string; readonly config: string | undefined; readonly isBackground: boolean };
  readonly io: Io;
}
