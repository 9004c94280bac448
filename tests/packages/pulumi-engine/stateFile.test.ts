import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { open as openFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { hostname } from "node:os";
import { EngineError, stateSummary } from "@standin/pulumi-engine";
import { State } from "@standin/pulumi-engine/state";
import { encodeLine } from "@standin/pulumi-engine/stateFormat";
import { providerEntry } from "@standin/pulumi-engine/providerRegistry";
import { Stand } from "./support/stand";

describe("the state file", () => {
  let stand: Stand;
  beforeEach(() => {
    stand = new Stand();
    mkdirSync(dirname(stand.stateFile), { recursive: true });
  });
  afterEach(() => {
    stand.dispose();
  });
  const open = (readOnly = false, stack = "dev"): Promise<State> =>
    State.open({ file: stand.stateFile, project: "declared", stack, passphrase: "correct horse", readOnly });
  const urn = (n: number): string => `urn:pulumi:dev::declared::pulumi:providers:fake::p${n}`;
  const put = (n: number) => ({
    op: "put" as const,
    entry: providerEntry(urn(n), { n }, { id: `${n}`, hidden: false }),
  });

  async function expectRefused(code: string, message: RegExp): Promise<void> {
    const before = readFileSync(stand.stateFile);
    const files = readdirSync(dirname(stand.stateFile));
    for (const command of ["up", "preview", "destroy"] as const) {
      const error: unknown = await stand.run(command, []).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(EngineError);
      expect((error as EngineError).code).toBe(code);
      expect((error as EngineError).message).toMatch(message);
      expect((error as EngineError).message).toContain(stand.stateFile);
    }
    expect(readFileSync(stand.stateFile).equals(before)).toBe(true);
    expect(readdirSync(dirname(stand.stateFile))).toEqual(files);
  }

  test("a commit is on disk when it resolves; what was dropped stays away", async () => {
    const state = await open();
    await Promise.all([state.commit(put(1), put(2)), state.commit(put(3))]);
    await state.commit({ op: "drop", key: urn(2) });
    // Not closed: as after a crash.
    const after = await open(true);
    expect(after.entries().map((e) => e.urn)).toEqual([urn(1), urn(3)]);
    await state.close();
    expect((await open(true)).entries()).toHaveLength(2);
    expect(readFileSync(stand.stateFile, "utf8").trim().split("\n")).toHaveLength(3);
  });

  test("on a full disk a commit fails, and what half of it was written stands before nothing; the file stays whole", async () => {
    const state = await open();
    await state.commit(put(1));
    const some = await openFile(stand.stateFile, "r");
    const handles = Object.getPrototypeOf(some) as FileHandle;
    await some.close();
    const full = jest.spyOn(handles, "appendFile").mockImplementationOnce(function (this: FileHandle, text) {
      appendFileSync(stand.stateFile, (text as string).slice(0, 40));
      return Promise.reject(new Error("ENOSPC: no space left on device, write"));
    });
    await expect(state.commit(put(2))).rejects.toThrow("ENOSPC");
    full.mockRestore();
    await state.commit(put(3));
    expect((await open(true)).entries().map(({ urn: one }) => one)).toEqual([urn(1), urn(3)]);
    // No room for the short form either.
    mkdirSync(`${stand.stateFile}.tmp`);
    await state.close();
    expect((await open(true)).entries().map(({ urn: one }) => one)).toEqual([urn(1), urn(3)]);
  });

  test("a line cut off by a crash never happened; the rest counts", async () => {
    const state = await open();
    await state.commit(put(1));
    await state.close();
    appendFileSync(stand.stateFile, encodeLine([put(2)]).slice(0, 40));
    expect((await open(true)).entries()).toHaveLength(1);
    const writer = await open();
    await writer.commit(put(3));
    await writer.close();
    expect((await open(true)).entries()).toHaveLength(2);
  });

  test("a changed byte in the middle is damage", async () => {
    const state = await open();
    await state.commit(put(1));
    await state.commit(put(2));
    await state.close();
    writeFileSync(stand.stateFile, readFileSync(stand.stateFile, "utf8").replace('"id":"1"', '"id":"7"'));
    await expectRefused("state-damaged", /checksum of line 2/);
    expect(() => stateSummary(stand.stateFile)).toThrow(/damaged/);
  });

  test("something else than a state is refused", async () => {
    writeFileSync(stand.stateFile, "{}\n");
    await expectRefused("state-damaged", /not the header/);
  });

  test("a newer format is refused", async () => {
    writeFileSync(
      stand.stateFile,
      encodeLine({
        format: "standin-engine-state",
        version: 99,
        project: "declared",
        stack: "dev",
        salt: "",
        check: "",
      }),
    );
    await expectRefused("state-newer", /format 99, this engine reads up to 1/);
  });

  test("the format of an earlier version is no damage: what to do is said in one sentence", async () => {
    const header = { version: 1, project: "declared", stack: "dev", salt: "", check: "" };
    writeFileSync(stand.stateFile, encodeLine({ format: "some-engine-state", ...header }));
    const folder = dirname(stand.stateFile);
    await expectRefused(
      "state-foreign",
      new RegExp(`format "some-engine-state".*nothing was changed\\. It cannot be gone on with: move ${folder} away`),
    );
  });

  test("another stack's state is refused", async () => {
    await (await open(false, "prod")).close();
    await expectRefused("state-foreign", /declared\/prod, not of declared\/dev/);
  });

  test("a preview creates no file; there is no summary of nothing", async () => {
    await (await open(true)).close();
    expect(existsSync(stand.stateFile)).toBe(false);
    expect(stateSummary(stand.stateFile)).toBeUndefined();
  });

  test("two engines at once: the second is refused; a lock of a dead or reused pid is taken over", async () => {
    const lock = `${stand.stateFile}.lock`;
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), since: "2026-01-01T00:00:00Z" }));
    await expect(stand.run("destroy", [])).rejects.toThrow(`process ${process.pid} on`);
    expect(existsSync(lock)).toBe(true);
    for (const holder of [{ pid: 2 ** 22 + 1 }, { pid: process.pid, started: "1" }]) {
      writeFileSync(lock, JSON.stringify({ host: hostname(), since: "2026-01-01T00:00:00Z", ...holder }));
      const result = await stand.run("destroy", []);
      expect(result.ok).toBe(true);
      expect(result.diagnostics.map((d) => d.message)).toEqual([
        expect.stringContaining(`took over the lock of process ${holder.pid}`),
      ]);
      expect(existsSync(lock)).toBe(false);
    }
    writeFileSync(lock, JSON.stringify({ pid: 1, host: "elsewhere", since: "2026-01-01T00:00:00Z" }));
    await expect(stand.run("destroy", [])).rejects.toThrow("on elsewhere");
  });
});
