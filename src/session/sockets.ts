/** The sockets of `[sockets]`: opened before anything is started, kept over edits that leave them as they are, closed at the end. */
import type { Handing } from "../adapters/sockets/handing.ts";
import type { OpenSocket, SocketAddress } from "../adapters/sockets/sockets.ts";
import type { LoadedConfig } from "../config/layers/load.ts";
import type { Prepared } from "../config/store/store.ts";
import type { Command } from "../core/command.ts";
import { wholePart } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { Service } from "../core/types.ts";
import type { Settings } from "./settings.ts";

export interface HeldSockets {
  /** Opens what is not open yet. `commit` lets go what is not asked for any more. */
  aim(loaded: LoadedConfig, settings: Settings): Promise<Prepared<Problem>>;
  /** For the next run of a service; `undefined` where it has none. */
  hand(service: Service, command: Command): Handing | undefined;
  close(): void;
}

interface Held {
  readonly service: Service;
  readonly address: SocketAddress;
  readonly socket: OpenSocket;
}

type Wanted = Pick<Held, "service" | "address">;

const nothingToDo: Prepared<Problem> = { ok: true, commit() {}, abandon() {} };

export function holdSockets(): HeldSockets {
  let held: readonly Held[] = [];
  let wordsOf: ((command: Command, sockets: readonly OpenSocket[]) => Handing) | undefined;
  const keyOf = ({ service, address }: Wanted): string => JSON.stringify([service, address]);
  const closeAll = (all: readonly Held[]): void => {
    for (const { socket } of all) socket.close();
  };

  return {
    async aim(loaded, { services }) {
      const wanted = [...services].flatMap(([service, { sockets }]) =>
        sockets.map((address): Wanted => ({ service, address })),
      );
      if (wanted.length === 0 && held.length === 0) return nothingToDo;
      const open = new Map(held.map((each) => [keyOf(each), each]));
      const missing = wanted.filter((one) => !open.has(keyOf(one)));
      // Only who has sockets pays for them.
      const [{ openSockets }, { handing }] = await Promise.all([
        wholePart(import("../adapters/sockets/sockets.ts"), "openSockets"),
        wholePart(import("../adapters/sockets/handing.ts"), "handing"),
      ]);
      wordsOf = handing;
      const opened =
        missing.length === 0
          ? ({ ok: true, sockets: [] } as const)
          : await openSockets(missing.map(({ address }) => address));
      if (!opened.ok) {
        const one = missing[opened.at];
        const own = services.get(one?.service ?? "")?.sockets ?? [];
        const part = one === undefined ? [] : [own.indexOf(one.address)];
        const message = `sockets.listen: ${opened.message}`;
        const { problemOfKey: problemOf } = await import("../config/check/complain.ts");
        const effectives = loaded.services.get(one?.service ?? "")?.effectives ?? loaded.effectives;
        const problem = await problemOf(effectives, { key: "sockets.listen", message, part });
        return { ok: false, faults: [{ ...problem, code: "session/no-socket" }] };
      }
      const fresh = missing.flatMap((one, at): Held[] => {
        const socket = opened.sockets[at];
        return socket === undefined ? [] : [{ ...one, socket }];
      });
      for (const each of fresh) open.set(keyOf(each), each);
      const next = wanted.flatMap((one) => open.get(keyOf(one)) ?? []);
      return {
        ok: true,
        commit() {
          const before = held;
          held = next;
          closeAll(before.filter((each) => !next.includes(each)));
        },
        abandon: () => closeAll(fresh),
      };
    },
    hand(service, command) {
      const own = held.filter((each) => each.service === service).map(({ socket }) => socket);
      return own.length === 0 ? undefined : wordsOf?.(command, own);
    },
    close() {
      closeAll(held);
      held = [];
    },
  };
}
