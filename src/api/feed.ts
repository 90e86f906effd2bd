/** Events for whoever loops over them: every loop gets each of them once, in order, and nothing is lost between one loop and the next. */

/** More than these are not kept for one who does not read; the oldest go first. */
const most = 10_000;

export interface Feed<Event> {
  readonly events: AsyncIterable<Event>;
  give(event: Event): void;
  /** There will be no more. */
  end(): void;
}

interface Loop<Event> {
  readonly unread: Event[];
  wake: () => void;
}

export function createFeed<Event>(): Feed<Event> {
  const loops = new Set<Loop<Event>>();
  /** What came while nobody looped. */
  let between: Event[] = [];
  let isOver = false;

  const keep = (queue: Event[], event: Event): void => {
    queue.push(event);
    if (queue.length > most) queue.shift();
  };

  const leave = (loop: Loop<Event>): void => {
    if (!loops.delete(loop)) return;
    // The next loop goes on where the last one stopped.
    if (loops.size === 0) between = loop.unread;
    loop.wake();
  };

  const begin = (): AsyncIterator<Event, undefined> => {
    const loop: Loop<Event> = { unread: between, wake() {} };
    between = [];
    loops.add(loop);
    return {
      async next() {
        while (loop.unread.length === 0 && !isOver && loops.has(loop))
          await new Promise<void>((resolve) => {
            loop.wake = resolve;
          });
        const event = loops.has(loop) ? loop.unread.shift() : undefined;
        if (event !== undefined) return { done: false, value: event };
        leave(loop);
        return { done: true, value: undefined };
      },
      async return() {
        leave(loop);
        return { done: true, value: undefined };
      },
    };
  };

  return {
    events: { [Symbol.asyncIterator]: begin },
    give(event) {
      if (loops.size === 0) keep(between, event);
      for (const loop of loops) {
        keep(loop.unread, event);
        loop.wake();
      }
    },
    end() {
      isOver = true;
      for (const loop of loops) loop.wake();
    },
  };
}
