import type { MachineDisk } from "./machineDisk";
import type { BootAccounts } from "./userData";

/** A line of authorized_keys that an account takes beside those that it has. */
export interface TakenKey {
  readonly user: string;
  readonly key: string;
}

/** Who may log in to a simulated machine: what its sshd would say after its files, its accounts and its first boot. */
export class Logins {
  constructor(
    private readonly disk: MachineDisk,
    private readonly accounts: () => BootAccounts,
  ) {}

  /** What the files of this machine's sshd say; the first value counts, as there. */
  sshd(keyword: string): readonly string[] | undefined {
    const paths = Object.keys(this.disk.state.files)
      .filter((path) => /^\/etc\/ssh\/sshd_config\.d\/.*\.conf$/.test(path))
      .sort();
    for (const line of paths.flatMap((path) => (this.disk.read(path) ?? "").split("\n"))) {
      const [word, ...values] = line.trim().split(/\s+/);
      if (word?.toLowerCase() === keyword.toLowerCase()) return values;
    }
    return undefined;
  }

  /** The keys of an account, where sshd looks for them; none where it may not log in. */
  authorizedKeys(user: string): readonly string[] {
    if (user === "root" && (this.accounts().rootDisabled || this.sshd("PermitRootLogin")?.[0] === "no")) return [];
    const allowed = this.sshd("AllowUsers");
    if (allowed !== undefined && !allowed.includes(user)) return [];
    if (!this.accounts().keys.has(user) && !this.disk.state.accounts.includes(`user/${user}`)) return [];
    const files = this.sshd("AuthorizedKeysFile") ?? [".ssh/authorized_keys"];
    return files.flatMap((file) => this.#keysIn(pathOf(file, user), user));
  }

  /** Into whichever files the account has keys in. @returns whether there are any. */
  take({ user, key }: TakenKey): boolean {
    const files = [...(this.sshd("AuthorizedKeysFile") ?? []), ".ssh/authorized_keys"].map((one) => pathOf(one, user));
    const found = files.filter((path) => this.#text(path, user) !== "");
    for (const path of found) {
      const text = this.#text(path, user);
      if (text.split("\n").includes(key)) continue;
      const fromBoot = { mode: "600", owner: `${user}:${user}`, secret: false, byRole: true, markers: [] };
      this.disk.write(path, `${text}\n${key}\n`, this.disk.state.files[path] ?? fromBoot);
    }
    this.disk.save();
    return found.length > 0;
  }

  /** As sshd with StrictModes, which reads as the account itself: a file that others may change, or that it may not read, has none. */
  #keysIn(path: string, user: string): readonly string[] {
    const meta = this.disk.state.files[path];
    if (meta !== undefined) {
      const mode = parseInt(meta.mode, 8);
      const own = meta.owner.startsWith(`${user}:`);
      if ((mode & 0o022) !== 0 || (!own && (mode & 0o004) === 0)) return [];
      if (!own && !meta.owner.startsWith("root:")) return [];
    }
    return this.#text(path, user)
      .split("\n")
      .filter((line) => line.trim() !== "" && !line.startsWith("#"));
  }

  /** Of a home that nothing has written to, what cloud-init puts there. */
  #text(path: string, user: string): string {
    const boot = path === pathOf(".ssh/authorized_keys", user) ? (this.accounts().keys.get(user) ?? []) : [];
    return this.disk.read(path) ?? boot.join("\n");
  }
}

function pathOf(file: string, user: string): string {
  const home = user === "root" ? "/root" : `/home/${user}`;
  const path = file.replaceAll("%u", user).replaceAll("%h", home);
  return path.startsWith("/") ? path : `${home}/${path}`;
}
