/** Bars, drawn from the figures: one picture, no library, readable on light and dark pages. */

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly isOurs: boolean;
  readonly note?: string;
}

const height = 22;
const left = 190;
const width = 760;

/** A linear scale from zero, so that twice as long is twice as long. */
export function bars(title: string, unit: string, rows: readonly Bar[]): string {
  const most = Math.max(...rows.map(({ value }) => value));
  const room = width - left - 150;
  const lines = rows.map(({ name, value, isOurs, note }, index) => {
    const y = 44 + index * height;
    const length = Math.max(1.5, (value / most) * room);
    return [
      `<text class="t" x="${left - 8}" y="${y + 11}" text-anchor="end"${isOurs ? ' font-weight="700"' : ""}>${markup(name)}</text>`,
      `<rect class="${isOurs ? "o" : "b"}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="14" rx="2"/>`,
      `<text class="v" x="${(left + length + 6).toFixed(1)}" y="${y + 11}">${value.toLocaleString("en")} ${unit}${note === undefined ? "" : ` · ${markup(note)}`}</text>`,
    ].join("\n");
  });
  const total = 52 + rows.length * height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" role="img" aria-label="${markup(title)}">
<style>
text { font: 12px system-ui, sans-serif; }
.h { font-size: 14px; font-weight: 600; }
.t, .h { fill: #24292f; } .v { fill: #57606a; } .b { fill: #a8b3bf; } .o { fill: #1a7f37; }
@media (prefers-color-scheme: dark) { .t, .h { fill: #e6edf3; } .v { fill: #9198a1; } .b { fill: #484f58; } .o { fill: #3fb950; } }
</style>
<text class="h" x="8" y="22">${markup(title)}</text>
${lines.join("\n")}
</svg>
`;
}

function markup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
