import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { AptRepository } from "../../../../components/machines/hostConfig";

/** Of this machine, and so of its guests, in Debian's words. */
const ARCHITECTURE = process.arch === "arm64" ? "arm64" : "amd64";

/** Keys that sign archives, made here. */
export class SigningKeys {
  constructor(private readonly home: string) {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  }

  /** @returns its fingerprint. */
  make(name: string): string {
    const user = `${name}@example.org`;
    this.#gpg("--quick-generate-key", `${name} <${user}>`, "ed25519", "sign", "never");
    const [, fingerprint] = /^fpr:+([0-9A-F]{40}):/m.exec(this.#gpg("--with-colons", "--list-keys", user)) ?? [];
    if (fingerprint === undefined) throw new Error(`no key ${name}`);
    return fingerprint;
  }

  /** @param end as gpg wants it: "seconds=1", "never". */
  expire(fingerprint: string, end: string): void {
    this.#gpg("--quick-set-expire", fingerprint, end);
  }

  export(fingerprints: readonly string[]): string {
    return this.#gpg("--armor", "--export", ...fingerprints);
  }

  sign(fingerprint: string, file: string, signed: string): void {
    rmSync(signed, { force: true });
    this.#gpg("--local-user", fingerprint, "--clearsign", "--output", signed, file);
  }

  close(): void {
    spawnSync("gpgconf", ["--homedir", this.home, "--kill", "all"]);
  }

  #gpg(...args: readonly string[]): string {
    const options = ["--batch", "--no-options", "--homedir", this.home, "--passphrase", ""];
    const { status, stdout, stderr } = spawnSync("gpg", [...options, ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(`gpg ${args[0] ?? ""}: ${stderr.trim()}`);
    return stdout;
  }
}

/** The folder of what an URL names, below that of all hosts. */
const placeOf = (folder: string, url: string): string => {
  const { hostname, pathname } = new URL(url);
  return join(folder, hostname, pathname);
};

/** Stands where a repository of a host's configuration does: the same place, form and suite, with these packages. */
export class AptArchive {
  constructor(
    private readonly args: {
      /** Served over https, one folder for each host. */
      readonly folder: string;
      readonly repository: AptRepository;
      readonly keys: SigningKeys;
      readonly debs: readonly string[];
    },
  ) {}

  /** Writes packages and lists, which this key signs. */
  publish(fingerprint: string): void {
    const { folder, repository, debs, keys } = this.args;
    const base = placeOf(folder, repository.uri);
    for (const suite of repository.suites) {
      const flat = suite.endsWith("/");
      const lists = flat ? join(base, suite) : join(base, "dists", suite);
      const pool = flat ? suite : "pool/";
      const stanzas = debs.map((deb) => {
        const file = `${pool}${basename(deb)}`;
        mkdirSync(join(base, dirname(file)), { recursive: true });
        copyFileSync(deb, join(base, file));
        return stanzaOf(deb, file);
      });
      const index = flat ? "Packages" : `${repository.components[0] ?? ""}/binary-${ARCHITECTURE}/Packages`;
      mkdirSync(dirname(join(lists, index)), { recursive: true });
      writeFileSync(join(lists, index), stanzas.join("\n"));
      const fields = [
        "Origin: rehearsal",
        ...(flat ? [] : [`Suite: ${suite}`, `Codename: ${suite}`, `Components: ${repository.components.join(" ")}`]),
        `Architectures: ${ARCHITECTURE}`,
        `Date: ${new Date().toUTCString().replace("GMT", "UTC")}`,
        "SHA256:",
        ` ${sha256(join(lists, index))} ${statSync(join(lists, index)).size} ${index}`,
        "",
      ];
      writeFileSync(join(lists, "Release"), fields.join("\n"));
      keys.sign(fingerprint, join(lists, "Release"), join(lists, "InRelease"));
    }
  }

  /** What the owner shows as the archive's key: these, one behind the other. */
  showKeys(...fingerprints: readonly string[]): void {
    const { key } = this.args.repository;
    if (key.kind !== "url") throw new Error(`${this.args.repository.name}: its key is in no place`);
    const path = placeOf(this.args.folder, key.url);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.args.keys.export(fingerprints));
  }
}

function stanzaOf(deb: string, file: string): string {
  const { stdout } = spawnSync("dpkg-deb", ["--field", deb], { encoding: "utf8" });
  return `${stdout.trim()}\nFilename: ${file}\nSize: ${statSync(deb).size}\nSHA256: ${sha256(deb)}\n`;
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
