import { changeOf } from "../../../../diff/compare/movements";
import { readEmitted, type EmittedEstate, type EmittedOne } from "../../../../diff/model/emitted";
import type { Change } from "../../../../verifier/change/movement";
import { madeOnce } from "../../../support/madeOnce";

const SOURCES = [
  "components",
  "stacks",
  "verifier",
  "tools",
  "diff",
  "packages/pulumi-engine/src",
  "package-lock.json",
];

/** Prod as `npm run diff` reads it. */
export const prodEstate = (): EmittedEstate =>
  readEmitted(madeOnce({ command: ["tools/emitEstate.ts", "--stack", "prod"], input: "", sources: SOURCES }), "prod");

export type Edit = (one: EmittedOne) => EmittedOne;

/** An estate with some of its resources edited. */
export const edited = (estate: EmittedEstate, ...edits: readonly Edit[]): EmittedEstate => ({
  ...estate,
  resources: estate.resources.map((one) => edits.reduce((known, edit) => edit(known), one)),
});

/** Of resources with these names. */
export const of =
  (names: readonly string[], edit: Edit): Edit =>
  (one) =>
    names.includes(one.name) ? edit(one) : one;

export const inputs =
  (given: Readonly<Record<string, unknown>>): Edit =>
  (one) => ({ ...one, inputs: { ...one.inputs, ...given } });

/** Drop-ins of one unit on one machine, and the commands that then run again. */
export const dropIn = (host: string, unit: string): Edit => (one) => {
  if (one.type === "keybuzz:machines:Host" && one.name === host) {
    const units = one.inputs["units"] as Readonly<Record<string, object>>;
    return inputs({ units: { ...units, [unit]: { ...units[unit], dropIns: { other: "[Service]\n" } } } })(one);
  }
  const follows = one.name === `${host}-config` || one.name === `${host}-joined` || new RegExp(`-turn-${host}(-leader)?$`).test(one.name);
  return follows ? inputs({ stdin: "[secret] another" })(one) : one;
}; // prettier-ignore

export const change = (before: EmittedEstate, after: EmittedEstate): Change => changeOf(before, after);

export const urnOf = (estate: EmittedEstate, name: string): string => {
  const found = estate.resources.find((one) => one.name === name && !one.type.startsWith("keybuzz:"));
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.urn;
};
