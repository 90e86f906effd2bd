/** Servers of what was built: what is developed does not run in them. */
import type { Word } from "./shell.ts";

/** By program: its verbs; `undefined`: whatever it is told. */
const previews: Readonly<Record<string, readonly string[] | undefined>> = {
  vite: ["preview"],
  next: ["start"],
  nuxt: ["preview", "start"],
  nuxi: ["preview"],
  astro: ["preview"],
  "svelte-kit": ["preview"],
  vike: ["preview"],
  vinxi: ["start"],
  waku: ["start"],
  rsbuild: ["preview"],
  rspack: ["preview"],
  rspress: ["preview"],
  gatsby: ["serve"],
  docusaurus: ["serve"],
  vitepress: ["preview", "serve"],
  strapi: ["start"],
  medusa: ["start"],
  directus: ["start"],
  keystone: ["start"],
  "remix-serve": undefined,
  "react-router-serve": undefined,
  serve: undefined,
  sirv: undefined,
  "http-server": undefined,
};

/** `vite preview`, `next start`; `undefined`: it serves what is written, as far as its words tell. */
export function previewIn([program, verb]: readonly Word[]): string | undefined {
  const name = (program?.text ?? "").replace(/^.*node_modules\/\.bin\//, "");
  if (!Object.hasOwn(previews, name)) return undefined;
  const verbs = previews[name];
  if (verbs === undefined) return name;
  return verb?.text !== undefined && verbs.includes(verb.text) ? `${name} ${verb.text}` : undefined;
}
