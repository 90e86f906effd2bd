/** Control that is loaded and opened when the program has been started and is watched. */
import { setTimeout } from "node:timers/promises";
import { resolvable } from "../../core/resolvable.ts";
import type { SessionParts } from "../parts.ts";
import type { Control, ControlParts } from "./control.ts";

export interface LateControl {
  /** Nothing to do where nobody can find us. */
  open(): Promise<void>;
  /** There is one, which has an answer; not yet for those who come over the socket. */
  readonly canBeAsked: Promise<Control | undefined>;
  /** Whoever asks by `triedTo` waits no longer, whether it could be opened or not. What stays in the background ends where it could not. */
  triedToOpen(): void;
  readonly triedTo: Promise<Control | undefined>;
  close(): Promise<void>;
}

const longestSearchMs = 2_000;

export function lateControl(
  control: ControlParts,
  { registration, lock, proxied, reporters, note, about, io }: SessionParts,
): LateControl {
  let loaded: Control | undefined;
  let isOpen = false;
  const { promise: canBeAsked, resolve: asked } = resolvable<Control | undefined>();
  const { promise: triedTo, resolve: tried } = resolvable<Control | undefined>();
  return {
    canBeAsked,
    triedTo,
    async open() {
      if (registration === undefined) return;
      const { createControl } = await import("./control.ts");
      loaded = createControl(control);
      asked(loaded);
      lock?.say({ address: proxied.urls.values().next().value ?? null });
      const problem = await loaded.open(registration);
      // What was printed until now is kept as well.
      reporters.add(loaded.hear);
      isOpen = problem === undefined;
      if (problem === undefined) return;
      const say = (): void => note({ type: "warned", problem });
      if (about.isBackground && io.aloud !== undefined) io.aloud(say);
      else say();
    },
    triedToOpen() {
      tried(loaded);
      // Nobody would ever hear of it again.
      if (about.isBackground && !isOpen) control.quit(2);
    },
    async close() {
      // Whoever has started it looks for it a hundred times a second, and may not have found it yet.
      if (about.isBackground && isOpen)
        await Promise.race([loaded?.hasToldOnce, setTimeout(longestSearchMs, undefined, { ref: false })]);
      await loaded?.close();
    },
  };
}

/** Aborted as well when this has come: what waits then would wait for nothing, and keep the process alive. */
export function orAfter(end: Promise<unknown>, gone: AbortSignal): AbortSignal {
  const over = new AbortController();
  void end.then(() => over.abort());
  return AbortSignal.any([gone, over.signal]);
}
