/**
 * What a page runs: it is told the whole state, and does what is missing: loads again, takes over style sheets and
 * images, shows what failed. One tab listens for all of them, since a browser opens six connections to a host at most.
 */
import { type PageFailure, show } from "./overlay.ts";

interface State {
  /** Of the proxy: another one is another life of the server, which counts anew. */
  readonly id: string;
  readonly generation: number;
  readonly isServed: boolean;
  readonly page: number;
  readonly restyled: readonly { readonly path: string; readonly version: number }[];
  readonly failures: readonly PageFailure[];
}

const own = document.currentScript;
const source = new URL(own instanceof HTMLScriptElement ? own.src : location.href);
const id = source.searchParams.get("id") ?? "";
const name = `reload ${id}`;
const kept = `reload ${location.pathname}`;
const channel = new BroadcastChannel(name);
/** What this page contains already. */
let version = Number(source.searchParams.get("page"));
let last: State | undefined;
let stream: EventSource | undefined;
let resign: (() => void) | undefined;

const take = (state: State): void => {
  if (last?.id === state.id && state.generation < last.generation) return;
  last = state;
  show(state.failures);
  if (!state.isServed) return;
  if (state.id !== id || state.page > version) {
    if (!isFirst(`${state.id} ${state.page}`)) return;
    keep();
    location.reload();
    return;
  }
  isFirst("");
  for (const { path, version: at } of state.restyled) if (at > version) restyle(path, at);
  version = Math.max(version, ...state.restyled.map((it) => it.version));
};

/** A cache in front (of a service worker) may hand out the old page again: it is asked for a new one once, not without end. */
const isFirst = (wanted: string): boolean => {
  try {
    const asked = `${kept} asked`;
    if (wanted !== "" && sessionStorage.getItem(asked) === wanted) return false;
    sessionStorage.setItem(asked, wanted);
  } catch {
    // No storage: nobody knows.
  }
  return true;
};

// ── one stream for all tabs ────────────────────────────────────────────────────────────────────────────────────────

const listen = (): void => {
  stream?.close();
  stream = new EventSource(new URL(`events${source.search}`, source));
  stream.onmessage = ({ data }: MessageEvent<string>): void => {
    channel.postMessage(data);
    take(JSON.parse(data) as State);
  };
};
const stop = (): void => {
  stream?.close();
  stream = undefined;
  resign?.();
  resign = undefined;
};

channel.onmessage = ({ data }: MessageEvent<string>): void => {
  if (data !== "?") take(JSON.parse(data) as State);
  else if (stream !== undefined && last !== undefined) channel.postMessage(JSON.stringify(last));
};

const begin = (): void => {
  if (navigator.locks === undefined) {
    // Not a secure context: each tab listens for itself, as long as it is looked at.
    if (document.visibilityState === "visible") listen();
    return;
  }
  channel.postMessage("?");
  const over = new AbortController();
  resign = () => over.abort();
  navigator.locks
    .request(name, { signal: over.signal }, () => {
      listen();
      return new Promise<void>((resolve) => {
        resign = resolve;
      });
    })
    .catch(() => {});
};

addEventListener("pagehide", stop);
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) begin();
});
document.addEventListener("visibilitychange", () => {
  if (navigator.locks !== undefined) return;
  stop();
  begin();
});
begin();

// ── what stays over a reload: where one was ────────────────────────────────────────────────────────────────────────

const pathOf = (element: Element): string => {
  const parts: string[] = [];
  for (let at: Element | null = element; at?.parentElement != null; at = at.parentElement) {
    if (at.id !== "") {
      parts.unshift(`#${CSS.escape(at.id)}`);
      break;
    }
    parts.unshift(`:nth-child(${[...at.parentElement.children].indexOf(at) + 1})`);
  }
  return parts.join(">");
};

const keep = (): void => {
  const scrolled = [...document.querySelectorAll(":root *")].filter((it) => it.scrollTop !== 0 || it.scrollLeft !== 0);
  const focus = document.activeElement;
  const places = scrolled.map((it) => [pathOf(it), it.scrollLeft, it.scrollTop]);
  try {
    const field = focus !== null && focus !== document.body ? pathOf(focus) : "";
    sessionStorage.setItem(kept, JSON.stringify([Date.now(), scrollX, scrollY, places, field]));
  } catch {
    // No storage: the page begins at its top.
  }
};

const restore = (): void => {
  try {
    const text = sessionStorage.getItem(kept);
    sessionStorage.removeItem(kept);
    if (text === null) return;
    const [at, x, y, places, field] = JSON.parse(text) as [number, number, number, [string, number, number][], string];
    if (Date.now() - at > 30_000) return;
    scrollTo({ left: x, top: y, behavior: "instant" });
    for (const [path, left, top] of places) document.querySelector(path)?.scrollTo({ left, top, behavior: "instant" });
    const element = field === "" ? null : document.querySelector(field);
    if (element instanceof HTMLElement) element.focus({ preventScroll: true });
  } catch {
    // A page that has changed so much keeps no place.
  }
};
if (document.readyState === "complete") restore();
else addEventListener("load", () => setTimeout(restore));

// ── style sheets and images ────────────────────────────────────────────────────────────────────────────────────────

const baseOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const isOf = (address: string, path: string): boolean => {
  const url = new URL(address, location.href);
  return url.origin === location.origin && decodeURIComponent(baseOf(url.pathname)) === baseOf(path);
};
const anew = (address: string, at: number): string => {
  const url = new URL(address, location.href);
  url.searchParams.set("reload", String(at));
  return url.href;
};

const restyle = (path: string, at: number): void => {
  let found = false;
  for (const image of document.images) {
    if (image.src !== "" && isOf(image.src, path)) {
      image.src = anew(image.src, at);
      found = true;
    }
  }
  const sheets = [...document.querySelectorAll<HTMLLinkElement>('link[rel~="stylesheet"]')].filter(
    ({ href }) => href !== "" && new URL(href).origin === location.origin,
  );
  const named = sheets.filter(({ href }) => isOf(href, path));
  // What no page names is imported by a sheet, or is behind something in one.
  for (const sheet of named.length > 0 ? named : found ? [] : sheets) {
    const next = sheet.cloneNode() as HTMLLinkElement;
    next.href = anew(sheet.href, at);
    // The old one goes when the new one is there: no moment without any.
    next.onload = next.onerror = () => sheet.remove();
    sheet.after(next);
  }
};
