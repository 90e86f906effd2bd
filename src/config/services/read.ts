/** `[service.NAME]` of a file → what it sets, service by service. */
import { type Complaint, decodeTable, type TableKeys } from "../keys/decode.ts";
import { allKeys } from "../keys/keys.ts";
import { serviceKeys, serviceName } from "../keys/service-keys.ts";
import { itemsOf, type ReadLayer } from "../layers/file-layers.ts";
import type { Origin } from "../layers/layers.ts";
import type { Table } from "../text/toml.ts";
import { bareOrQuoted, shown, typeOf } from "../write/write.ts";

const isTable = (value: unknown): value is Table =>
  typeOf(value) === "a table" && typeof value === "object" && value !== null;

/** The names that a file declares and where, in its order. */
export function declaredIn({ services, source }: ReadLayer): [string, Origin][] {
  const names = isTable(services) ? Object.keys(services).filter((name) => serviceName.test(name)) : [];
  return names.map((name) => [name, { from: "file", source, path: ["service", name] }]);
}

/** The same layer, with what it says of services among its items. */
export function withServices(layer: ReadLayer): ReadLayer {
  const { source, services } = layer;
  if (services === undefined) return layer;
  if (!isTable(services)) {
    const message = `service is a table of services, not ${typeOf(services)}`;
    const hint = "give each program a name and a table of its own: [service.api.proc]";
    return { ...layer, complaints: [...layer.complaints, wrong(["service"], message, hint, "value")] };
  }
  const complaints: Complaint[] = [];
  const items = Object.entries(services).flatMap(([name, table]) => {
    if (!serviceName.test(name)) {
      complaints.push(notAName(name, table));
      return [];
    }
    if (!isTable(table)) {
      complaints.push(wrong(["service", name], `service.${name} is a table, not ${typeOf(table)}`, tableHint(name)));
      return [];
    }
    const decoded = decodeTable(table, scopeOf(name));
    complaints.push(...decoded.complaints);
    return itemsOf(source, decoded.settings).map((item) => ({ ...item, service: name }));
  });
  return { ...layer, items: [...layer.items, ...items], complaints: [...layer.complaints, ...complaints] };
}

const scopeOf = (name: string): TableKeys => ({
  keys: serviceKeys(),
  above: ["service", name],
  whyNot(key, leaf) {
    const known = allKeys();
    const isOfTop = leaf === undefined ? known.has(key) || isSection(key) : known.has(`${key}.${leaf}`);
    if (!isOfTop || isSectionOfServices(key, leaf)) return undefined;
    const spelled = leaf === undefined ? (isSection(key) ? `[${key}]` : key) : `${leaf} of [${key}]`;
    return `${spelled} holds for all services: it stands at the top`;
  },
});

const isSection = (name: string): boolean => [...allKeys().values()].some(({ section }) => section === name);

const isSectionOfServices = (section: string, leaf: string | undefined): boolean =>
  leaf === undefined && [...serviceKeys().values()].some((key) => key.section === section);

const wrong = (path: Complaint["path"], message: string, hint: string, at: Complaint["at"] = "key"): Complaint => ({
  code: "config/bad-value",
  severity: "error",
  path,
  at,
  message,
  hint,
});

/** `[service] cmd = "…"`: people who have one program write it so. */
function tableHint(name: string): string {
  const isKey = [...serviceKeys().values()].some(({ leaf, section }) => leaf === name || section === name);
  return isKey
    ? "services have names: write [service.NAME], and its keys below it"
    : `write [service.${name}] on a line of its own, and the keys below it`;
}

function notAName(name: string, value: unknown): Complaint {
  const path = ["service", name];
  const message = `${shown(name)} cannot be the name of a service: use small letters, digits and "-", and begin with a letter`;
  const near = name
    .replaceAll(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  const hint = near !== "" && isTable(value) ? `[service.${bareOrQuoted(near)}] would do` : tableHint(name);
  return wrong(path, message, hint);
}
