import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

export interface DebFile {
  readonly path: string;
  readonly content: string;
  readonly mode?: number;
}

/** What dpkg keeps of an installed package's control archive. */
const CONTROL_FILES = [
  "preinst",
  "postinst",
  "prerm",
  "postrm",
  "config",
  "templates",
  "conffiles",
  "triggers",
] as const;

function run(command: string, args: readonly string[], input?: string): void {
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    ...(input === undefined ? {} : { input }),
  });
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 4).join(" ")}: ${error?.message ?? stderr.trim()}`);
}

/**
 * A package as it is installed in a root file system, made a .deb again as dpkg-repack(1) does it, with something behind
 * its version. @returns the path of the .deb.
 */
export function repack(args: {
  readonly root: string;
  readonly name: string;
  readonly versionSuffix: string;
  readonly into: string;
}): string {
  const { root, name, versionSuffix, into } = args;
  const status = readFileSync(join(root, "var/lib/dpkg/status"), "utf8");
  const stanza = status.split("\n\n").find((one) => one.startsWith(`Package: ${name}\n`));
  if (stanza === undefined) throw new Error(`${name} is not installed in ${root}`);
  const control = stanza
    // A field goes on in lines that begin with a space.
    .split(/\n(?! )/)
    .filter((field) => !/^(Status|Conffiles|Config-Version):/.test(field))
    .map((field) => (field.startsWith("Version: ") ? `${field}${versionSuffix}` : field))
    // Packages of one source want each other's very version.
    .map((field) => (/^(Pre-)?Depends: /.test(field) ? field.replaceAll(" (= ", " (>= ") : field))
    .join("\n");
  const info = (suffix: string): string | undefined =>
    [name, `${name}:amd64`, `${name}:arm64`]
      .map((one) => join(root, `var/lib/dpkg/info/${one}.${suffix}`))
      .find((path) => existsSync(path));
  const build = join(into, `${name}.build`);
  mkdirSync(join(build, "DEBIAN"), { recursive: true });
  writeFileSync(join(build, "DEBIAN/control"), `${control}\n`);
  for (const suffix of CONTROL_FILES) {
    const path = info(suffix);
    if (path !== undefined) copyFileSync(path, join(build, "DEBIAN", suffix));
  }
  const files = readFileSync(info("list") ?? "", "utf8")
    .split("\n")
    .filter((path) => path.length > 1 && path !== "/.")
    // Older packages name /lib, which is a symbolic link of the system, not of the package.
    .filter((path) => !/^\/[^/]+$/.test(path) || !lstatSync(join(root, path)).isSymbolicLink())
    .filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined);
  const list = join(into, `${name}.list`);
  writeFileSync(list, files.map((path) => `.${path}\n`).join(""));
  run("sh", ["-ec", 'tar -C "$1" --no-recursion -T "$2" -cf - | tar -C "$3" -xpf -', "sh", root, list, build]);
  return pack(build, into, name);
}

/** A package that no distribution has. @returns the path of the .deb. */
export function packNew(args: {
  readonly name: string;
  readonly version: string;
  readonly depends: string;
  readonly description: string;
  readonly files: readonly DebFile[];
  readonly postinst: string;
  readonly into: string;
}): string {
  const build = join(args.into, `${args.name}.build`);
  const control = {
    Package: args.name,
    Version: args.version,
    Architecture: "all",
    Maintainer: "rehearsal <rehearsal@example.org>",
    Depends: args.depends,
    Description: args.description,
  };
  const lines = Object.entries(control).map(([field, value]) => `${field}: ${value}\n`);
  const files: readonly DebFile[] = [
    ...args.files,
    { path: "/DEBIAN/control", content: lines.join("") },
    { path: "/DEBIAN/postinst", content: `#!/bin/sh\nset -e\n${args.postinst}\n`, mode: 0o755 },
  ];
  for (const { path, content, mode = 0o644 } of files) {
    mkdirSync(dirname(join(build, path)), { recursive: true });
    writeFileSync(join(build, path), content);
    chmodSync(join(build, path), mode);
  }
  return pack(build, args.into, args.name);
}

function pack(build: string, into: string, name: string): string {
  const deb = join(into, `${name}.deb`);
  chmodSync(build, 0o755);
  run("dpkg-deb", ["-Znone", "--build", build, deb]);
  rmSync(build, { recursive: true });
  return deb;
}
