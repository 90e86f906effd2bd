/** What failed, over the page. */

export interface PageFailure {
  readonly service: string;
  readonly stage: string;
  readonly message: string;
  readonly output: string;
}

let over: HTMLElement | undefined;
let shown = "";
let before: Element | null = null;

const close = (): void => {
  over?.remove();
  over = undefined;
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  before = null;
};

export const show = (failures: readonly PageFailure[]): void => {
  const text = JSON.stringify(failures);
  if (text === shown) return;
  // What was dismissed does not come back because a part of it is mended.
  const isAway = !over && failures.every((it) => shown.includes(JSON.stringify(it)));
  shown = text;
  // The page around it shows the same, and has the focus.
  if (frameElement || isAway) return;
  close();
  if (failures.length > 0) open(failures);
};

const add = (parent: Node, tag: string, text: string, kind = ""): HTMLElement => {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = kind;
  parent.appendChild(element);
  return element;
};

/** Colours stay, everything else that a terminal would obey goes. */
const paint = (parent: Node, text: string): void => {
  let kind = "";
  for (const part of text.split(/(\x1b\[[\d;]*m)/)) {
    const codes = /^\x1b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes === undefined) {
      add(
        parent,
        "span",
        part
          .replace(/\x1b(\[[0-?]*[ -/]*[@-~]|\].*?(\x07|\x1b\\|$)|.)/g, "")
          .replace(/[^\n\t\x20-\x7e\xa0-\uffff]/g, ""),
        kind,
      );
      continue;
    }
    for (const code of codes.split(";").map(Number)) {
      if (code === 0 || code === 39) kind = code === 0 ? "" : kind.replace(/c\d/, "");
      else if (code === 1) kind += " b";
      else if ((code > 29 && code < 38) || (code > 89 && code < 98)) kind = `${kind.replace(/c\d/, "")} c${code % 10}`;
    }
  }
};

const look = `:host{all:initial;position:fixed;inset:0;z-index:2147483647;overflow:auto;background:#000a;font:14px/1.5 ui-monospace,monospace}
main{max-width:60rem;margin:4vh auto;padding:1rem 1.5rem;background:#181818;color:#e8e8e8;border-top:4px solid #f55;border-radius:4px}
h2{font:600 16px system-ui,sans-serif;margin:.5rem 0;color:#ff8a8a}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 1rem}
button{float:right;font:inherit;color:inherit;background:#333;border:0;border-radius:4px;padding:.2rem .6rem;cursor:pointer}
.b{font-weight:700}.c0{color:#888}.c1{color:#f77}.c2{color:#7d7}.c3{color:#dc6}.c4{color:#79f}.c5{color:#d8f}.c6{color:#6cd}.c7{color:#fff}`;

const open = (failures: readonly PageFailure[]): void => {
  before = document.activeElement;
  over = document.createElement("reload-overlay");
  const root = over.attachShadow({ mode: "open" });
  // Neither an element nor an attribute with styles: a strict Content-Security-Policy allows this.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(look);
  root.adoptedStyleSheets = [sheet];
  const main = add(root, "main", "");
  main.setAttribute("role", "alertdialog");
  main.setAttribute("aria-label", "reload: something failed");
  const button = add(main, "button", "close (Esc)");
  button.onclick = close;
  over.onkeydown = ({ key }) => {
    if (key === "Escape") close();
  };
  for (const { service, stage, message, output } of failures) {
    add(main, "h2", [service, stage, message].filter((word) => word !== "").join(" · "));
    paint(add(main, "pre", ""), output);
  }
  (document.body ?? document.documentElement).appendChild(over);
  button.focus({ preventScroll: true });
};
