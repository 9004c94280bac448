/** Images that hosts may have; the facts that differ between them. */
export const OS_IMAGES = {
  "ubuntu-22.04": { distribution: "ubuntu", codename: "jammy" },
  "ubuntu-24.04": { distribution: "ubuntu", codename: "noble" },
  "debian-12": { distribution: "debian", codename: "bookworm" },
} as const;

export type OsImage = keyof typeof OS_IMAGES;
