// Files of daemons as words with values. What no table allows is not understood.
import { hostYaml } from "../hostYaml";

export interface Word {
  readonly name: string;
  readonly value: string;
}

/** A word's values that are understood: by a model elsewhere, or because it tunes and opens nothing. */
export type Words = Readonly<Record<string, RegExp>>;

/** A word that is understood to say something else than it is asked to. */
export const NEVER = /^(?!)/;

/** Words whose values are read where they matter, or matter to no path. */
export function any(names: string): Words {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, /^/]));
}

export type Reader = (content: string) => readonly Word[];

const lines = (content: string): readonly string[] =>
  content.split("\n").flatMap((raw) => {
    const line = raw.trim();
    return line === "" || /^[#;]/.test(line) ? [] : [line];
  });

/** `name = value`, in sections or not: pgbouncer.ini, rabbitmq.conf, my.cnf, environment files. Words of [main] stay bare. */
export function assignments(main?: string): Reader {
  return (content) => {
    let section = main;
    return lines(content).map((line) => {
      const header = /^\[(.*)\]$/.exec(line)?.[1];
      if (header !== undefined) {
        section = header;
        return { name: `[${header}]`, value: "" };
      }
      const [, name = line, value = ""] = /^([^\s=]+)\s*=\s*(.*)$/.exec(line) ?? [];
      return { name: section === main ? name : `${section ?? ""}.${name}`, value: value.replace(/^"(.*)"$/, "$1") };
    });
  };
}

/** `name value`: redis.conf, sshd_config. */
export const spaced: Reader = (content) =>
  lines(content).map((line) => {
    const [, name = "", value = ""] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    return { name, value };
  });

/** Dotted paths of a YAML document; what stands in a list has the list's name with []. */
export const yamlPaths: Reader = (content) => {
  try {
    return [...leaves(hostYaml(content), "")];
  } catch {
    return [{ name: "not YAML", value: "" }];
  }
};

/** Every value of a document with its dotted path; what stands in a list has the list's name with []. */
export function* leaves(value: unknown, path: string): Generator<Word> {
  if (Array.isArray(value)) for (const one of value) yield* leaves(one, `${path}[]`);
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value)) yield* leaves(one, path === "" ? key : `${path}.${key}`);
  else yield { name: path, value: String(value) };
}

/** proxysql.cnf: variables of its groups, and each row of its tables as "table.column". */
export const libconfig: Reader = (content) => {
  let group = "";
  return lines(content).flatMap((line): readonly Word[] => {
    const row = /^\{ (.*) \},?$/.exec(line)?.[1];
    const pairs = (text: string, prefix: string): readonly Word[] =>
      [...text.matchAll(/(\w+)\s*=\s*("[^"]*"|[^,\s]+)/g)].map(([, name = "", value = ""]) => ({
        name: prefix + name,
        value: value.replaceAll('"', ""),
      }));
    if (row !== undefined) return pairs(row, `${group}.`);
    const opened = /^(\w+)\s*=$/.exec(line)?.[1];
    if (opened !== undefined) {
      group = opened;
      return [{ name: opened, value: "" }];
    }
    if (/^[{}()]$/.test(line)) return [];
    const read = pairs(line, "");
    return read.length === 1 ? read : [{ name: line, value: "" }];
  });
};

/** What of a file no table allows, as "name = value". */
export const unread = (content: string, reader: Reader, words: Words): readonly string[] =>
  notAllowed(reader(content), words);

/** The words that a table does not allow, as "name = value", with what it would understand. */
export function notAllowed(found: readonly Word[], words: Words): readonly string[] {
  return found.flatMap(({ name, value }) => {
    const allowed = valuesOf(name, words);
    if (allowed?.test(value) === true) return [];
    const said = value === "" ? name : `${name} = ${value}`;
    if (allowed === undefined || allowed === NEVER) return [said];
    return [`${said} (understood: ${allowed.source.replaceAll(/^\^|\$$/g, "")})`];
  });
}

/** Numbers within a name count as one, listeners.tcp.#; "a.b.*" is whatever else stands below. */
function valuesOf(name: string, words: Words): RegExp | undefined {
  const below = Object.keys(words).find((key) => key.endsWith(".*") && name.startsWith(key.slice(0, -1)));
  return words[name] ?? words[name.replaceAll(/\.\d+/g, ".#")] ?? (below === undefined ? undefined : words[below]);
}
