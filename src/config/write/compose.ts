/** A `.reload.toml` to begin with: what is set, what is most often set next, and a comment for each from the table of keys. */
import { allKeys, type NamedKey } from "../keys/keys.ts";
import { keyOfService } from "../keys/service-keys.ts";
import { bareOrQuoted, inline } from "./write.ts";

export interface Draft {
  /** First lines, without `#`. */
  readonly heading: readonly string[];
  readonly schema: string;
  readonly settings: readonly { readonly name: string; readonly raw: unknown }[];
  /** Shown with their defaults, but not set: what people look for next. */
  readonly offers: readonly { readonly name: string; readonly raw?: unknown }[];
  /** Last lines, without `#`. */
  readonly remarks: readonly string[];
  /** A comment above each key. */
  readonly explained: boolean;
  /** By key: why it is set so. */
  readonly reasons?: Readonly<Record<string, string>>;
}

interface Line {
  readonly key: NamedKey;
  readonly raw: unknown;
  readonly isOffer: boolean;
}

export function compose({ heading, schema, settings, offers, remarks, explained, reasons = {} }: Draft): string {
  const set = new Map(settings.map(({ name, raw }) => [name, raw]));
  const offered = new Map(offers.map(({ name, raw }) => [name, raw]));
  const lines = [...allKeys().values()].flatMap((key): Line[] => {
    if (key.name === "rule") return [];
    if (set.has(key.name)) return [{ key, raw: set.get(key.name), isOffer: false }];
    if (offered.has(key.name)) return [{ key, raw: offered.get(key.name) ?? key.default, isOffer: true }];
    return [];
  });
  const blocks = [
    ...blocksOf(lines, [], explained, reasons),
    ...serviceBlocks(settings),
    ...ruleBlocks(set.get("rule")),
  ];
  const comment = (text: string): string => (text === "" ? "#" : `# ${text}`);
  const first = [`#:schema ${schema}`, ...heading.map(comment)].join("\n");
  const last = remarks.length === 0 ? [] : [remarks.map(comment).join("\n")];
  return `${[first, ...blocks, ...last].join("\n\n")}\n`;
}

const order = ["", "build", "hooks", "proc", "ready", "proxy", "sockets", "watch", "ui", "log"];

function blocksOf(
  lines: readonly Line[],
  above: readonly string[],
  explained: boolean,
  reasons: Readonly<Record<string, string>>,
): string[] {
  return order.flatMap((section) => {
    const own = lines.filter(({ key }) => key.section === section);
    const header = [...above, ...(section === "" ? [] : [section])].join(".");
    if (own.length === 0) return [];
    const isOffer = own.every((line) => line.isOffer);
    const head = header === "" ? [] : [`${isOffer ? "# " : ""}[${header}]`];
    return [[...head, ...own.flatMap((line) => keyLines(line, explained, reasons[line.key.name]))].join("\n")];
  });
}

/** Each service in the order in which it is named first; what they have in common was explained above. */
function serviceBlocks(settings: Draft["settings"]): string[] {
  const services = new Map<string, Line[]>();
  for (const { name, raw } of settings) {
    const ofService = keyOfService(name);
    if (ofService !== undefined)
      services.set(ofService.service, [
        ...(services.get(ofService.service) ?? []),
        { key: ofService.key, raw, isOffer: false },
      ]);
  }
  return [...services].map(([name, lines]) => blocksOf(lines, ["service", name], false, {}).join("\n"));
}

/** Each rule is a table of its own. */
const ruleBlocks = (rules: unknown): string[] =>
  (Array.isArray(rules) ? rules : []).map((rule: Readonly<Record<string, unknown>>) =>
    ["[[rule]]", ...Object.entries(rule).map(([name, value]) => `${name} = ${inline(value)}`)].join("\n"),
  );

function keyLines({ key, raw, isOffer }: Line, explained: boolean, reason: string | undefined): string[] {
  const sign = isOffer ? "# " : "";
  const comment = [...(explained ? [`# ${gist(key)}`] : []), ...(reason === undefined ? [] : [`# ${reason}`])];
  if (!key.kind.isTable) return [...comment, `${sign}${key.leaf} = ${inline(raw)}`];
  const pairs = Object.entries(typeof raw === "object" && raw !== null ? raw : {});
  return [...comment, ...pairs.map(([name, value]) => `${sign}${key.leaf}.${bareOrQuoted(name)} = ${inline(value)}`)];
}

/** The first sentence, without Markdown. */
export function gist({ means }: NamedKey): string {
  const [first = ""] = means.split(/(?<=[.:]) (?=[A-Z`"])/, 1);
  return first.replaceAll("`", "").replace(/[.:]$/, "");
}
