// `npm run picture`: docs/terminal.svg, from a real session of examples/go-gin in a real terminal (needs tmux and go).
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const columns = 102;
const rows = 17;
const root = fileURLToPath(new URL("../../", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "shop-"));
const socket = `reload-picture-${process.pid}`;
const tmux = (...args) => execFileSync("tmux", ["-L", socket, ...args], { encoding: "utf8" });
const type = (text) => tmux("send-keys", "-t", "p", text, "Enter");

async function until(pattern) {
  for (let tries = 0; tries < 1_200; tries += 1) {
    if (pattern.test(tmux("capture-pane", "-p", "-t", "p"))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never saw ${pattern}:\n${tmux("capture-pane", "-p", "-t", "p")}`);
}

const palette = { 31: "#e5534b", 32: "#57ab5a", 33: "#c69026", 34: "#539bf5", 35: "#b083f0", 36: "#39c5cf" };
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** One line of a terminal as SVG: only what our own lines and Go's need. */
function svgLine(line, y) {
  let style = {};
  let x = 0;
  const spans = [];
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes === undefined) {
      if (part !== "") {
        const fill = style.color ?? "#adbac7";
        spans.push(
          `<tspan x="${(16 + x * 8.4).toFixed(1)}" fill="${fill}"${style.dim ? ' opacity="0.6"' : ""}${style.bold ? ' font-weight="bold"' : ""}>${escaped(part)}</tspan>`,
        );
        x += [...part].length;
      }
      continue;
    }
    for (const code of codes.split(";").map(Number)) {
      if (code === 0) style = {};
      else if (code === 1) style = { ...style, bold: true };
      else if (code === 2) style = { ...style, dim: true };
      else if (code === 22) style = { ...style, bold: false, dim: false };
      else if (code === 39) style = { ...style, color: undefined };
      else if (palette[code] !== undefined) style = { ...style, color: palette[code] };
    }
  }
  return `<text y="${y}" xml:space="preserve">${spans.join("")}</text>`;
}

try {
  cpSync(join(root, "examples/go-gin"), directory, {
    recursive: true,
    // Without its file: the first command in a project shows what it finds.
    filter: (path) => !/[/\\](?:tmp|\.reload\.toml)$/.test(path) || path === directory,
  });
  tmux(
    "-f",
    "/dev/null",
    "new-session",
    "-d",
    "-s",
    "p",
    "-x",
    String(columns),
    "-y",
    String(rows + 1),
    "env",
    "PS1=$ ",
    `PATH=${process.env.PATH}`,
    "sh",
  );
  type(`cd ${directory}; reload() { ${process.execPath} ${join(root, "dist/cli.js")} "$@"; }; clear`);
  await until(/^\$ *$/m);
  type("reload");
  await until(/run 1/);
  const source = readFileSync(join(directory, "greeting.go"), "utf8");
  writeFileSync(join(directory, "greeting.go"), source.replace('"Hello"', '"Good morning"'));
  await until(/run 2/);
  writeFileSync(join(directory, "greeting.go"), source.replace('"Hello"', "Hello"));
  await until(/run 2 stays/);
  writeFileSync(join(directory, "greeting.go"), source.replace('"Hello"', '"Good evening"'));
  await until(/run 3/);
  writeFileSync(
    join(directory, "templates/hello.tmpl"),
    `${readFileSync(join(directory, "templates/hello.tmpl"), "utf8")}\n`,
  );
  await until(/run 4/);
  const screenText = tmux("capture-pane", "-e", "-p", "-t", "p");
  tmux("send-keys", "-t", "p", "C-c");
  await until(/run 4[\s\S]*\n(?:\^C)?\$\s*$/);
  const screen = screenText.trimEnd().split("\n");
  const height = 28 + screen.length * 20;
  const width = 32 + columns * 8.4;
  const lines = screen.map((line, index) => svgLine(line, 30 + index * 20)).join("\n");
  writeFileSync(
    join(root, "docs/terminal.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A session of reload in a terminal">\n<rect width="100%" height="100%" rx="8" fill="#1c2128"/>\n<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">\n${lines}\n</g>\n</svg>\n`,
  );
  console.log(screenText);
} finally {
  try {
    tmux("kill-server");
  } catch {
    // It has ended already.
  }
  rmSync(directory, { recursive: true, force: true });
}
