/** What a Content-Security-Policy makes of our script: a nonce is copied, a policy never changed; what is in the way is named. */

const sourcesOf = (policy: string, ...names: readonly string[]): { name: string; sources: string[] } | undefined => {
  const directives = new Map<string, string[]>();
  for (const part of policy.split(";")) {
    const [name, ...sources] = part.trim().split(/\s+/);
    // The first of two directives of one name counts (CSP 3, 2.2.1).
    if (name !== undefined && name !== "" && !directives.has(name.toLowerCase()))
      directives.set(name.toLowerCase(), sources);
  }
  for (const name of names) {
    const sources = directives.get(name);
    if (sources !== undefined) return { name, sources };
  }
  return undefined;
};

/** A header may hold several policies, and each of them must allow. */
export const policiesOf = (headers: readonly string[]): string[] =>
  headers.flatMap((header) => header.split(",")).filter((policy) => policy.trim() !== "");

export function nonceOf(policies: readonly string[]): string | undefined {
  for (const policy of policies) {
    const found = sourcesOf(policy, "script-src-elem", "script-src", "default-src");
    const nonce = found?.sources.map((source) => /^'nonce-([A-Za-z0-9+/_=-]+)'$/.exec(source)?.[1]).find(Boolean);
    if (nonce !== undefined) return nonce;
  }
  return undefined;
}

/** The directive that keeps the script out or keeps it from listening, as it stands in the policy; `undefined` where nothing does. */
export function obstacle(policies: readonly string[], host: string): string | undefined {
  for (const policy of policies) {
    const script = sourcesOf(policy, "script-src-elem", "script-src", "default-src");
    if (script !== undefined && !allows(script.sources, host, true)) return shown(script);
    const connect = sourcesOf(policy, "connect-src", "default-src");
    if (connect !== undefined && !allows(connect.sources, host, false)) return shown(connect);
  }
  return undefined;
}

const shown = ({ name, sources }: { name: string; sources: readonly string[] }): string => [name, ...sources].join(" ");

function allows(sources: readonly string[], host: string, isScript: boolean): boolean {
  if (isScript && sources.some((source) => source.startsWith("'nonce-"))) return true;
  // With `strict-dynamic` neither 'self' nor a host counts for scripts.
  if (isScript && sources.includes("'strict-dynamic'")) return false;
  const own = host.toLowerCase();
  return sources.some((source) => {
    const lower = source.toLowerCase();
    if (lower === "'self'" || lower === "*" || lower === "http:") return true;
    const name = lower.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
    return name === own || name === own.replace(/:\d+$/, ":*");
  });
}

/** The policies in `<meta http-equiv>` of the beginning of a page. */
export function metaPolicies(start: string): string[] {
  const found: string[] = [];
  for (const [tag] of start.matchAll(/<meta\b[^>]*>/gi)) {
    if (!/http-equiv\s*=\s*["']?content-security-policy["'\s/>]/i.test(tag)) continue;
    const content = /content\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag);
    const policy = content?.[1] ?? content?.[2];
    if (policy !== undefined) found.push(policy.replaceAll("&#39;", "'").replaceAll("&quot;", '"'));
  }
  return found;
}
