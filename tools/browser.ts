// The browser in which the picture's page is tried: Debian's chromium, or whichever of its kind is on PATH.
import { execFileSync, spawnSync } from "node:child_process";
import { chromium, type Browser } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"] as const;
/** Letters for it, too: a server has none. */
const PACKAGES = ["chromium", "fonts-dejavu-core"] as const;

const pathOf = (command: string): string | undefined => {
  const found = spawnSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" }).stdout?.trim() ?? "";
  return found === "" ? undefined : found;
};

/** Its path. Nothing is installed here. */
export function browserPath(): string | undefined {
  return NAMES.map(pathOf).find((path) => path !== undefined);
}

/** Why there is none, in one line; undefined: it is here, or apt can install it. */
export function whyNoBrowser(): string | undefined {
  if (browserPath() !== undefined || (process.getuid?.() === 0 && pathOf("apt-get") !== undefined)) return undefined;
  return `browser: no ${NAMES.join(", ")} on PATH, and only root can install one with apt`;
}

/** Installs it where it is missing. @throws Error where apt cannot. */
export function installBrowser(log: (line: string) => void): void {
  if (browserPath() !== undefined) return;
  const options = { stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] };
  const install = (): void =>
    void execFileSync("apt-get", ["-q", "-y", "--no-install-recommends", "install", ...PACKAGES], options);
  log(`browser: apt-get install ${PACKAGES.join(" ")}`);
  try {
    install();
  } catch {
    // A fresh image has no package lists.
    execFileSync("apt-get", ["-q", "update"], options);
    install();
  }
}

/** @throws Error where there is none */
export function openBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === undefined) throw new Error(`found no browser; allowed: ${NAMES.join(", ")} on PATH`);
  // Its sandbox wants another user than root.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}
