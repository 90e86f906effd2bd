/** What a process of the user's wrote, before it is believed. */
import type { RunRecord, StandbyReady, Trial } from "../../gate/order.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const areStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

export const isRunRecord = (value: unknown): value is RunRecord =>
  isObject(value) &&
  Array.isArray(value["entries"]) &&
  value["entries"].every((entry) => isObject(entry) && typeof entry["file"] === "string") &&
  areStrings(value["own"]) &&
  areStrings(value["variables"]) &&
  areStrings(value["added"]) &&
  areStrings(value["replaced"]) &&
  (value["settings"] === undefined || areStrings(value["settings"])) &&
  typeof value["hasMoved"] === "boolean" &&
  typeof value["hasWorkers"] === "boolean";

export const isTrial = (value: unknown): value is Trial =>
  isObject(value) &&
  areStrings(value["files"]) &&
  (value["own"] === undefined || areStrings(value["own"])) &&
  isObject(value["left"]) &&
  areStrings(Object.values(value["left"])) &&
  areStrings(value["added"]) &&
  areStrings(value["replaced"]) &&
  (value["names"] === undefined || areStrings(value["names"])) &&
  (value["readers"] === undefined ||
    (isObject(value["readers"]) && Object.values(value["readers"]).every((each) => areStrings(each))));

export const isHeld = (value: unknown): value is StandbyReady =>
  isObject(value) && areStrings(value["files"]) && typeof value["tookMs"] === "number";
