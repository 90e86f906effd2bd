/** The sockets of `[sockets]`: opened before anything is started, kept over edits that leave them as they are, closed at the end. */
import type { Handing } from "../adapters/sockets/handing.ts";
import type { OpenSocket, SocketAddress } from "../adapters/sockets/sockets.ts";
import type { LoadedConfig } from "../config/layers/load.ts";
import type { Prepared } from "../config/store/store.ts";
import type { Command } from "../core/command.ts";
import type { Problem } from "../core/problem.ts";

export interface HeldSockets {
  /** Opens what is not open yet. `commit` lets go what is not asked for any more. */
  aim(loaded: LoadedConfig, addresses: readonly SocketAddress[]): Promise<Prepared<Problem>>;
  /** For the next run; `undefined` where there are none. */
  hand(command: Command): Handing | undefined;
  close(): void;
}

interface Held {
  readonly address: SocketAddress;
  readonly socket: OpenSocket;
}

const nothingToDo: Prepared<Problem> = { ok: true, commit() {}, abandon() {} };

export function holdSockets(): HeldSockets {
  let held: readonly Held[] = [];
  let wordsOf: ((command: Command, sockets: readonly OpenSocket[]) => Handing) | undefined;
  const keyOf = (address: SocketAddress): string => JSON.stringify(address);
  const closeAll = (all: readonly Held[]): void => {
    for (const { socket } of all) socket.close();
  };

  return {
    async aim(loaded, addresses) {
      if (addresses.length === 0 && held.length === 0) return nothingToDo;
      const open = new Map(held.map((each) => [keyOf(each.address), each]));
      const missing = addresses.filter((address) => !open.has(keyOf(address)));
      // Only who has sockets pays for them.
      const [{ openSockets }, { handing }] = await Promise.all([
        import("../adapters/sockets/sockets.ts"),
        import("../adapters/sockets/handing.ts"),
      ]);
      wordsOf = handing;
      const opened = missing.length === 0 ? ({ ok: true, sockets: [] } as const) : await openSockets(missing);
      if (!opened.ok) {
        const address = missing[opened.at];
        const part = address === undefined ? [] : [addresses.indexOf(address)];
        const message = `sockets.listen: ${opened.message}`;
        const { problemOf } = await import("../config/check/complain.ts");
        const problem = await problemOf(loaded.effectives, { key: "sockets.listen", message, part });
        return { ok: false, faults: [{ ...problem, code: "session/no-socket" }] };
      }
      const fresh = missing.flatMap((address, at): Held[] => {
        const socket = opened.sockets[at];
        return socket === undefined ? [] : [{ address, socket }];
      });
      for (const each of fresh) open.set(keyOf(each.address), each);
      const next = addresses.flatMap((address) => open.get(keyOf(address)) ?? []);
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
    hand: (command) =>
      held.length === 0
        ? undefined
        : wordsOf?.(
            command,
            held.map(({ socket }) => socket),
          ),
    close() {
      closeAll(held);
      held = [];
    },
  };
}
