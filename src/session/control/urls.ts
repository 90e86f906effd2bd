/** Addresses of proxies, for who asks: to be opened, to be told to a command, or whose pages load again. */
import type { FinalAnswer, Question } from "../../adapters/control/channel.ts";
import type { Service } from "../../core/types.ts";
import { addresses } from "../environment.ts";
import { end } from "./answers.ts";

type Urls = ReadonlyMap<Service, string>;

/** @param refresh is told of each service whose pages are to load again */
export function urlsAnswer(
  { verb, names }: Question,
  services: readonly Service[],
  all: Urls,
  refresh: (service: Service) => void,
): FinalAnswer {
  const open = services.filter((service) => all.has(service));
  const urls = open.map((service) => all.get(service) ?? "");
  if (urls.length === 0) return end(2, noProxy(names, all));
  if (verb === "refresh") for (const service of open) refresh(service);
  return end(0, verb === "url" ? urls.join("\n") : "refreshed", { url: urls[0] ?? null });
}

const noProxy = (names: readonly Service[], { size }: Urls): string =>
  size === 0
    ? "there is no proxy: [proxy] in the configuration opens one"
    : `${names.join(", ")} ${names.length === 1 ? "has" : "have"} no proxy: [service.${names[0]}.proxy] opens one`;

/** Variables for a command that is about these services. */
export const addressesAnswer = (services: readonly Service[], urls: Urls): FinalAnswer =>
  end(
    0,
    "",
    addresses(
      { urls },
      services.find((service) => urls.has(service)),
    ),
  );
