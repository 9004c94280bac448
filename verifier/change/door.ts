import type { Declaration } from "../declaration";
import { contains, parseRange, type Range } from "../read/range";
import type { Harm } from "./harm";

/** Networks that people may come to the machines from. */
function doors({ flows }: Declaration): readonly Range[] {
  const cidrs = flows.flatMap(({ from, to }) =>
    from.kind === "operators" && to.id === "bastion/ssh" ? from.cidrs : [],
  );
  return [...new Set(cidrs)].flatMap((cidr) => parseRange(cidr) ?? []);
}

/** Does the way to the machines stay open for who carries out the change? */
export function doorHarms(before: Declaration, after: Declaration, runsFrom: string | undefined): readonly Harm[] {
  const [old, now] = [doors(before), doors(after)];
  const from = runsFrom === undefined ? undefined : parseRange(runsFrom);
  const came = from === undefined ? old : old.filter((range) => contains(range, from));
  const stays = (range: Range): boolean => now.some((other) => contains(other, range) || contains(range, other));
  const shut = from === undefined ? !came.some(stays) : !now.some((range) => contains(range, from));
  if (came.length === 0 || !shut) return [];
  const gone = came.map(({ text }) => text).join(", ");
  return [
    {
      kind: "door",
      subject: "the way to the machines",
      why:
        from === undefined
          ? `every network that people come from is taken away (${gone}): the door closes behind the run that does it`
          : `${runsFrom ?? ""} is where this run comes from, and ${gone} is taken away: the door closes behind it`,
      way: "add the new network beside the old one and up; then take the old one away in a run from the new one",
      names: [],
    },
  ];
}
