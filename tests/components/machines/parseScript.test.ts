import { parseScript } from "../../../components/machines/parseScript";
import { renderScript } from "../../../components/machines/render";
import { syntaxError } from "./support/fakeHost";
import { sample } from "./support/sampleConfig";
import { freshHost, script } from "./support/freshHost";

// Processes and handshakes take their time where others use the processor, too.
jest.setTimeout(60_000);

describe("parseScript", () => {
  test("is the inverse: reads back all that was put in", () => {
    const parsed = parseScript(script);
    expect(parsed.host).toBe("db-01");
    expect(parsed.hash).toBe(renderScript(sample()).hash);
    expect(parsed.packages).toEqual(
      expect.arrayContaining([
        { name: "redis-server", version: "5:7.0*" },
        { name: "haproxy", version: undefined },
      ]),
    );
    expect(parsed.files.find((file) => file.path === "/etc/tool/password")).toEqual({
      path: "/etc/tool/password", mode: "600", owner: "root", group: "root", secret: true, content: "s3cret-value\n",
      validate: "test -s %s", markers: ["restart:tool.service", "step:on-change"],
    }); // prettier-ignore
    expect(parsed.units).toContainEqual({ name: "haproxy.service", enabled: true, state: "running", begun: false });
    expect(parsed.steps.find((step) => step.id === "prepare")?.unless).toBe('test -e "$KEYBUZZ_ROOT/prepared"');
    expect(parsed.checks).toEqual([{ id: "alive", command: 'test -e "$KEYBUZZ_ROOT/prepared"', remedy: "look at it" }]);
    expect(parsed.sysctl).toEqual({ "net.core.somaxconn": "4096" });
    expect(parsed.binaries.map((binary) => binary.path)).toEqual(["/usr/local/bin/tool"]);
  });

  test.each([
    ["another script", "#!/bin/bash\necho hello\n"],
    ["a script cut off", script.slice(0, -40)],
    ["a content without its end", script.replace(/\nKB_DATA\n(?![^]*\nKB_DATA\n)/, "\n")],
    ["a command of somebody else", script.replace("\nkb_end\n", "\nrm -rf /\n")],
  ])("refuses %s", (_name, text) => {
    expect(text).not.toBe(script);
    expect(() => parseScript(text)).toThrow(/^parseScript: |not a plain/);
  });

  test("reads back whatever content, and bash writes it as it was", () => {
    const nasty = [
      "KB_DATA\n", "'; touch /pwned; '", "$(touch /pwned)`touch /pwned`", "\\", "é\u{1F600}\n\r\t", "", "no newline at end", "}\nmain\n",
      "x".repeat(200_000), "<<'KB_DATA'\nKB_DATA\nrm -rf /\n", "KB_DATA_\nKB_DATA\n", "%s %d \u0001\u007f control\n\n", "main \"$@\" </dev/null\n",
    ]; // prettier-ignore
    const files = nasty.map((content, index) => ({ path: `/etc/nasty/f${index}`, content, secret: index % 2 === 0 }));
    const rendered = renderScript(sample({}, { files })).script;
    expect(syntaxError(rendered)).toBe("");
    expect(
      parseScript(rendered)
        .files.map((file) => file.content)
        .sort(),
    ).toEqual([...nasty].sort());
    const host = freshHost();
    expect(host.run(rendered)).toMatchObject({ status: 0, stderr: "" });
    nasty.forEach((content, index) => expect(host.read(`/etc/nasty/f${index}`)).toBe(content));
    expect(host.exists("/pwned")).toBe(false);
    expect(host.run(rendered).stdout).toBe("keybuzz: host db-01: no change\n");
  });

  test("what no here-document can hold is refused", () => {
    expect(() => renderScript(sample({}, { files: [{ path: "/etc/x", content: "a\0b" }] }))).toThrow(
      /files\[\/etc\/x\]\.content: found a NUL byte; allowed: text/,
    );
  });
});
