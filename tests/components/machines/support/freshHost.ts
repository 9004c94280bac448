import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostConfigPart } from "../../../../components/machines/hostConfig";
import { renderScript } from "../../../../components/machines/render";
import { FakeHost } from "./fakeHost";
import { BINARY_TEXT, FINGERPRINT, SAMPLE, sample } from "./sampleConfig";

const hosts: FakeHost[] = [];

/** A host on which nothing of the sample is yet. Gone after the test. */
export function freshHost(): FakeHost {
  const host = new FakeHost();
  hosts.push(host);
  host.knowUnit("haproxy.service");
  writeFileSync(join(host.fake, "web", "tool-1.0"), BINARY_TEXT);
  writeFileSync(join(host.fake, "web", "key.asc"), `${FINGERPRINT}\n`);
  return host;
}
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

/** The sample's script. */
export const script = renderScript(sample()).script;

export const withoutFile = (path: string): HostConfigPart => ({
  ...SAMPLE,
  files: (SAMPLE.files ?? []).filter((file) => file.path !== path),
});

export const withFile = (path: string, content: string): HostConfigPart => ({
  ...SAMPLE,
  files: (SAMPLE.files ?? []).map((file) => (file.path === path ? { ...file, content } : file)),
});
