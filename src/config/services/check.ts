/** What is wrong with services as they stand beside each other, and beside the top. */
import type { KeyComplaint } from "../check/checks.ts";
import { nearest } from "../check/suggest.ts";
import { isOfOneProgram } from "../keys/service-keys.ts";
import type { Effectives, LayerItem, Origin } from "../layers/layers.ts";
import type { ServiceConfig } from "../layers/service-config.ts";
import { circles } from "./order.ts";
import { sharedPorts } from "./ports.ts";

export interface Seen {
  readonly name: string;
  readonly view: ServiceConfig;
  /** What is said of it alone. */
  readonly items: readonly LayerItem[];
  readonly declared: Origin;
  /** Something is wrong with its own keys. */
  readonly isFlawed: boolean;
}

/** A key `""` is the service itself, where it is declared. */
export type ServiceComplaint = KeyComplaint & { readonly of: Seen };

/** Keys at the top of which nobody knows whose they are. */
export function topComplaints(items: readonly LayerItem[], effectives: Effectives): KeyComplaint[] {
  const names = new Set(
    items.filter(({ key, service }) => service === undefined && isOfOneProgram(key)).map(({ key }) => key.name),
  );
  return [...names].flatMap((name) => {
    const key = effectives.get(name)?.key;
    if (key === undefined) return [];
    return [
      {
        key: name,
        message: `[${key.section}] ${key.leaf} is of one program, and services are declared: nothing says which one it is for`,
        hint: `it belongs under [service.NAME.${key.section}]`,
      },
    ];
  });
}

export function complaintsAbout(all: readonly Seen[]): ServiceComplaint[] {
  const byName = new Map(all.map((service) => [service.name, service.view]));
  return [
    ...all.flatMap((service) => [
      ...doesNothing(service),
      ...isNotItsBuild(service),
      ...afterUnknown(service, [...byName.keys()]),
    ]),
    ...circles(byName).flatMap((circle) => inCircle(circle, all)),
    ...sharedPorts(all),
  ];
}

function doesNothing(of: Seen): ServiceComplaint[] {
  const { build, proc } = of.view.config;
  const isBuilt = build.cmd !== undefined && of.view.buildGround.owner === of.name;
  if (proc.cmd !== undefined || isBuilt || of.isFlawed) return [];
  return [
    {
      of,
      key: "",
      message: `service ${of.name} has nothing to do: neither [build] cmd nor [proc] cmd is set`,
      hint: `set cmd under [service.${of.name}.proc], or under [service.${of.name}.build]`,
    },
  ];
}

/** What is said of a build that is the top's. */
function isNotItsBuild(of: Seen): ServiceComplaint[] {
  const { build } = of.view.config;
  if (of.view.buildGround.owner === of.name || build.cmd === undefined) return [];
  return [...of.view.own]
    .filter((name) => name.startsWith("build.") && name !== "build.on_fail" && name !== "build.cmd")
    .map((key) => ({
      of,
      key,
      message: `${key}: what builds ${of.name} is the [build] of the top, which is one for all`,
      hint: `give it a build of its own with cmd, or set ${key.replace("build.", "")} in [build] at the top`,
    }));
}

function afterUnknown(of: Seen, names: readonly string[]): ServiceComplaint[] {
  return of.view.after.flatMap((name, at) => {
    if (names.includes(name)) return [];
    const others = names.filter((other) => other !== of.name);
    const near = nearest(name, others);
    return [
      {
        of,
        key: "after",
        part: [at],
        message: `after: there is no service ${name}`,
        ...(others.length === 0
          ? {}
          : { hint: near === undefined ? `there are: ${others.join(", ")}` : `did you mean ${near}?` }),
      },
    ];
  });
}

function inCircle(circle: readonly string[], all: readonly Seen[]): ServiceComplaint[] {
  // Said once, where it is written last: up to there it was an order.
  const last = all.findLast(({ name }) => circle.includes(name));
  if (last === undefined) return [];
  const at = circle.indexOf(last.name);
  const way = [...circle.slice(at), ...circle.slice(0, at), last.name];
  return [
    {
      of: last,
      key: "after",
      part: [last.view.after.indexOf(way[1] ?? "")],
      message:
        circle.length === 1
          ? `after: ${last.name} would wait for itself`
          : `after: ${way.join(" is after ")}: in a circle none of them can be started`,
    },
  ];
}
