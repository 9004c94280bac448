import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Programs that a host script may really use; everything that would touch this machine is a double. */
const REAL = [
  "awk", "base64", "bash", "cat", "chmod", "chown", "cmp", "cp", "cut", "date", "env", "flock", "grep", "head", "id", "install", "mkdir",
  "mv", "rm", "sed", "sh", "sha256sum", "sort", "stat", "tail", "tar", "test", "timeout", "touch", "tr", "true", "false", "kill", "gzip",
]; // prettier-ignore

const SYSTEMCTL = `#!/bin/bash
F="$FAKE"; echo "systemctl $*" >>"$F/calls"
unit="\${@: -1}"; d="$F/units/$unit"
exists() { [ -e "$d" ] || [ -e "$KEYBUZZ_ROOT/etc/systemd/system/$unit" ]; }
get() { cat "$d/$1" 2>/dev/null || echo "$2"; }
put() { mkdir -p "$d"; echo "$2" >"$d/$1"; }
case "$1" in
  show) case "$3" in
      LoadState) if exists; then echo loaded; else echo not-found; fi ;;
      ActiveState) get active inactive ;;
      UnitFileState) get file disabled ;;
      ConditionResult) get condition yes ;;
    esac ;;
  daemon-reload) ;;
  enable) put file enabled ;;
  disable) put file disabled; [ "$2" != --now ] || put active inactive ;;
  start | restart) [ ! -e "$F/broken/$unit" ] || { echo "$unit is broken" >&2; exit 1; }
    if [ -e "$d/waits" ]; then
      case "$*" in *--no-block*) put active "$(get waits)"; exit 0 ;; *) echo "$unit waits for others for ever" >&2; exit 1 ;; esac
    fi; [ "$(get condition yes)" = no ] || put active active ;;
  reload) [ ! -e "$F/broken/$unit" ] || { echo "$unit is broken" >&2; exit 1; } ;;
  stop) put active inactive ;;
  reset-failed) ;;
  *) echo "fake systemctl does not know $1" >&2; exit 64 ;;
esac
`;
const DOUBLES: Readonly<Record<string, string>> = {
  systemctl: SYSTEMCTL,
  "apt-get": `#!/bin/bash
echo "apt-get $*" >>"$FAKE/calls"; [ ! -e "$FAKE/broken/apt-get" ] || { echo "E: no network" >&2; exit 100; }
case " $* " in *" update "*) for f in "$KEYBUZZ_ROOT"/etc/apt/sources.list.d/*.sources; do
  [ -e "$f" ] || continue; key="$(sed -n 's/^Signed-By: //p' "$f")"
  [ -s "$KEYBUZZ_ROOT$key" ] || { echo "E: $f: the public key is not available: NO_PUBKEY" >&2; exit 100; }
done ;; esac
mkdir -p "$FAKE/packages"; seen=0
for word in "$@"; do case "$word" in install) seen=1 ;; -*) ;; *) [ $seen = 0 ] || { v="1.0-1"; [[ "$word" != *=* ]] || v="\${word#*=}"; echo "\${v%\\*}" >"$FAKE/packages/\${word%%=*}"; } ;; esac; done
`,
  "dpkg-query": `#!/bin/bash
n="\${@: -1}"; [ -e "$FAKE/packages/$n" ] && echo "installed $(cat "$FAKE/packages/$n")"
`,
  dpkg: `#!/bin/bash
[ "$1" = --audit ] || echo "dpkg $*" >>"$FAKE/calls"
`,
  "apt-mark": `#!/bin/bash
case "$1" in showhold) cat "$FAKE/held" 2>/dev/null ;; hold) echo "$2" >>"$FAKE/held" ;; esac
`,
  sysctl: `#!/bin/bash
case "$1" in -n) cat "$FAKE/sysctl/$2" 2>/dev/null || exit 255 ;; *) echo "sysctl $*" >>"$FAKE/calls"; p="\${@: -1}"; mkdir -p "$FAKE/sysctl"; echo "\${p#*=}" >"$FAKE/sysctl/\${p%%=*}" ;; esac
`,
  modprobe: `#!/bin/bash
echo "modprobe $*" >>"$FAKE/calls"
`,
  getent: `#!/bin/bash
grep "^$2:" "$FAKE/$1" 2>/dev/null
`,
  groupadd: `#!/bin/bash
echo "groupadd $*" >>"$FAKE/calls"; echo "\${@: -1}:x:990:" >>"$FAKE/group"
`,
  useradd: `#!/bin/bash
echo "useradd $*" >>"$FAKE/calls"; home=/nonexistent; shell=/usr/sbin/nologin
names=()
while [ $# -gt 0 ]; do
  case "$1" in
    --home-dir) home="$2"; shift ;;
    --shell) shell="$2"; shift ;;
    --uid | --gid | --groups) shift ;;
    --system | --no-create-home | --user-group) ;;
    -*) echo "useradd: unrecognized option '$1'" >&2; exit 2 ;;
    *) names+=("$1") ;;
  esac
  shift
done
[ "\${#names[@]}" -eq 1 ] || { echo "Usage: useradd [options] LOGIN" >&2; exit 2; }
echo "\${names[0]}:x:990:990::$home:$shell" >>"$FAKE/passwd"
`,
  curl: `#!/bin/bash
echo "curl $*" >>"$FAKE/calls"; [ ! -e "$FAKE/broken/curl" ] || exit 22
while [ $# -gt 1 ]; do [ "$1" != -o ] || out="$2"; shift; done
cp "$FAKE/web/\${1##*/}" "$out"
`,
  // A key file has a line for each key: its fingerprint, and its end in seconds (empty: never).
  gpg: `#!/bin/bash
file="\${@: -1}"
while [ $# -gt 0 ]; do case "$1" in --homedir) home="$2" ;; --output) out="$2" ;; --import) verb=import ;; --export) verb=export ;; esac; shift; done
case "\${verb:-show}" in
  import) cp "$file" "$home/keys" ;;
  export) grep "^$file" "$home/keys" >"$out" || { rm -f "$out"; exit 2; } ;;
  show) while read -r key end; do echo "pub:-:255:22:X:1:$end:::::scSC::::::"; echo "fpr:::::::::$key:"; done <"$file" ;;
esac
`,
  "systemd-detect-virt": `#!/bin/bash
exit 1
`,
  sleep: `#!/bin/bash
exit 0
`,
};

export interface Run {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Calls of doubles that change something, in order, of this run alone. */
  readonly calls: readonly string[];
}

/** A directory that stands for a host's root, with doubles of every program that would change a real host. */
export class FakeHost {
  readonly dir = mkdtempSync(join(tmpdir(), "keybuzz-host-"));
  readonly root = join(this.dir, "root");
  readonly fake = join(this.dir, "fake");
  readonly #bin = join(this.dir, "bin");

  constructor() {
    for (const dir of [this.root, this.#bin, join(this.fake, "broken"), join(this.fake, "web")])
      mkdirSync(dir, { recursive: true });
    for (const name of REAL) {
      const path = ["/usr/bin", "/bin"].map((dir) => join(dir, name)).find((one) => existsSync(one));
      if (path !== undefined) symlinkSync(path, join(this.#bin, name));
    }
    for (const [name, text] of Object.entries(DOUBLES)) this.double(name, text);
  }

  double(name: string, text: string): void {
    rmSync(join(this.#bin, name), { force: true });
    writeFileSync(join(this.#bin, name), text);
    chmodSync(join(this.#bin, name), 0o755);
  }

  /** A unit that a package brings. */
  knowUnit(name: string): void {
    mkdirSync(join(this.fake, "units", name), { recursive: true });
  }

  /** A unit whose start waits for other machines, and what it is meanwhile. Undefined: they are there. */
  setWaiting(name: string, state: "activating" | "failed" | undefined): void {
    this.knowUnit(name);
    const path = join(this.fake, "units", name, "waits");
    if (state === undefined) {
      rmSync(path, { force: true });
      writeFileSync(join(this.fake, "units", name, "active"), "active");
    } else writeFileSync(path, state);
  }

  setBroken(name: string, broken: boolean): void {
    const path = join(this.fake, "broken", name);
    if (broken) writeFileSync(path, "");
    else rmSync(path, { force: true });
  }

  /** As the provider sends it: the script on the standard input of bash -s. */
  run(script: string, environment: Readonly<Record<string, string>> = {}): Run {
    rmSync(join(this.fake, "calls"), { force: true });
    const result = spawnSync(join(this.#bin, "bash"), ["-s"], {
      input: script,
      encoding: "utf8",
      timeout: 60_000,
      env: { PATH: this.#bin, KEYBUZZ_ROOT: this.root, FAKE: this.fake, ...environment },
    });
    const calls = existsSync(join(this.fake, "calls")) ? readFileSync(join(this.fake, "calls"), "utf8") : "";
    const changing = calls.split("\n").filter((line) => line !== "" && !line.startsWith("systemctl show"));
    return {
      status: result.status,
      signal: result.signal,
      stdout: result.stdout,
      stderr: result.stderr,
      calls: changing,
    };
  }

  path(path: string): string {
    return join(this.root, path);
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.path(path), ".."), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  exists(path: string): boolean {
    return existsSync(this.path(path));
  }

  mode(path: string): string {
    return (statSync(this.path(path)).mode & 0o7777).toString(8);
  }

  /** Every file below the root with its content and mode, without the script's own log. */
  snapshot(): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const entry of readdirSync(this.root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const short = path.slice(this.root.length);
      if (!entry.isFile() || short.startsWith("/var/lib/keybuzz/log/")) continue;
      found[short] = `${(statSync(path).mode & 0o7777).toString(8)} ${readFileSync(path, "utf8")}`;
    }
    return found;
  }

  close(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The script's syntax, judged by bash itself. */
export function syntaxError(script: string): string {
  try {
    execFileSync("bash", ["-n"], { input: script, stdio: ["pipe", "pipe", "pipe"] });
    return "";
  } catch (error) {
    return (error as { stderr: Buffer }).stderr.toString();
  }
}
