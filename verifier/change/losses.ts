import type { Harm } from "./harm";
import { subjectOf, type Change } from "./movement";

/** What is lost for ever with a resource, by the end of its type. */
const LOST: readonly (readonly [type: RegExp, what: string])[] = [
  [/:Server$/, "its disk, with all that is on it"],
  [/:Volume$/, "what is on it"],
  [/:Namespace$/, "everything in it, its claims too"],
  [/:(PersistentVolumeClaim|StatefulSet)$/, "what is stored in it"],
  [
    /:(RandomPassword|RandomBytes)$/,
    "a key: what it encrypts can be read by nobody any more, also when it is put back",
  ],
  [/:PrivateKey$/, "an authority: whatever trusts it trusts nobody until it is given another"],
];

/** Is data lost, or a key? Of what the program protects: the rest can be made anew. */
export function lossHarms({ movements }: Change): readonly Harm[] {
  return movements.flatMap((movement): readonly Harm[] => {
    const { operation, before, because } = movement;
    if (before?.protect !== true || before.retainOnDelete === true) return [];
    if (operation !== "delete" && operation !== "replace") return [];
    const { name, type } = subjectOf(movement);
    const what = LOST.find(([ending]) => ending.test(type))?.[1] ?? "what nothing else has";
    const verb = operation === "delete" ? "deleted" : `deleted and made anew (${because.join(", ")})`;
    return [
      {
        kind: "loss",
        subject: name,
        why: `it is protected, and to be ${verb}: with it goes ${what}`,
        way: `leave it; or give it up for one run: pulumi config set --path 'keybuzz:consentToDelete[0]' ${name}`,
        names: [...new Set([name, name.split("/")[0] ?? name])],
      },
    ];
  });
}
