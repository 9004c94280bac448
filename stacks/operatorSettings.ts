import { z } from "zod";
import { shown, type Mistake } from "../components/mistakes";
import { operatorNameMistake, type Operator } from "../components/machines/operators";
import { publicKeyBody } from "../components/machines/publicKey";

const PATH = "keybuzz:operators";
/** What the operators' keys were called when they had no names. */
export const FORMER_SETTING = "operatorPublicKeys";

const setName = (i: number): string => `pulumi config set --path '${PATH}[${i}].name' alice`;
const setKey = (i: number, key = 0): string =>
  `pulumi config set --path '${PATH}[${i}].publicKeys[${key}]' "$(cat ~/.ssh/id_ed25519.pub)"`;

const Entry = z.strictObject({ name: z.string(), publicKeys: z.array(z.string()).min(1) });

/**
 * The operators, and every mistake in what is said of them.
 *
 * @param demanding is it a mistake that there are none? Nobody could log in to what is made then.
 */
export function readOperators(
  read: (key: string) => string | undefined,
  demanding: boolean,
): { readonly operators: readonly Operator[]; readonly mistakes: readonly Mistake[] } {
  const raw = read("operators");
  const former: readonly Mistake[] =
    read(FORMER_SETTING) === undefined
      ? []
      : [
          {
            path: `keybuzz:${FORMER_SETTING}`,
            found: "keys that belong to nobody by name",
            allowed: `${PATH}: a name and the keys of each person`,
            fix: `${setName(0)}; ${setKey(0)}; and so on; then pulumi config rm keybuzz:${FORMER_SETTING}`,
          },
        ];
  if (raw === undefined || raw === "[]") {
    const missing = {
      path: PATH,
      found: raw === undefined ? "nothing" : "an empty list",
      allowed: "a name and the SSH keys of at least one person: nobody else can log in to the machines",
      fix: `${setName(0)}; ${setKey(0)}`,
    };
    return { operators: [], mistakes: demanding && former.length === 0 ? [missing] : former };
  }
  const entries = parsed(raw);
  if (!Array.isArray(entries)) {
    const allowed = "a list of names with keys";
    const found = entries === undefined ? "a text" : shown(entries);
    return { operators: [], mistakes: [...former, { path: PATH, found, allowed, fix: `${setName(0)}; ${setKey(0)}` }] };
  }
  const operators: Operator[] = [];
  const mistakes = entries.flatMap((entry: unknown, i) => {
    const { data, success } = Entry.safeParse(entry);
    if (success) operators.push(data);
    return success ? operatorMistakes(data, i) : [shapeMistake(i)];
  });
  return { operators, mistakes: [...former, ...mistakes, ...sharedMistakes(operators)] };
}

function shapeMistake(i: number): Mistake {
  return {
    path: `${PATH}[${i}]`,
    // Not shown: somebody may have given a private key.
    found: "something else",
    allowed: '{ "name": ..., "publicKeys": [...] } with at least one key',
    fix: `${setName(i)}; ${setKey(i)}`,
  };
}

function operatorMistakes({ name, publicKeys }: Operator, i: number): readonly Mistake[] {
  const allowed = operatorNameMistake(name);
  return [
    ...(allowed === undefined ? [] : [{ path: `${PATH}[${i}].name`, found: shown(name), allowed, fix: setName(i) }]),
    ...publicKeys.flatMap((key, k) =>
      publicKeyBody(key) === undefined
        ? [
            {
              path: `${PATH}[${i}].publicKeys[${k}]`,
              found: "something else",
              allowed: "an OpenSSH public key of one line",
              fix: setKey(i, k),
            },
          ]
        : [],
    ),
  ];
}

/** Two people of one name, or with one key, could not be told apart in the logs. */
function sharedMistakes(operators: readonly Operator[]): readonly Mistake[] {
  const names = new Map<string, number>();
  const keys = new Map<string, string>();
  return operators.flatMap(({ name, publicKeys }, i) => {
    const found: Mistake[] = [];
    const twin = names.get(name);
    if (twin !== undefined)
      found.push({
        path: `${PATH}[${i}].name`,
        found: `${name}, as at ${PATH}[${twin}]`,
        allowed: "each name once, with all keys of that person",
        fix: "join the two",
      });
    names.set(name, i);
    for (const [k, key] of publicKeys.entries()) {
      const body = publicKeyBody(key);
      const owner = body === undefined ? undefined : keys.get(body);
      if (owner !== undefined && owner !== name)
        found.push({
          path: `${PATH}[${i}].publicKeys[${k}]`,
          found: `a key of ${owner}'s`,
          allowed: "a key of one person",
          fix: "take it out of one of the two",
        });
      if (body !== undefined) keys.set(body, name);
    }
    return found;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
