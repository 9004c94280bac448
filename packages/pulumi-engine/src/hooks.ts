import type { RegisterResourceHookRequest, RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { ResourceHookRequest, ResourceHookResponse } from "@pulumi/pulumi/proto/resource_pb";
import type { Callbacks } from "./callbacks";
import { messageOf } from "./errors";
import { toStruct } from "./serialize";
import { parseUrn } from "./urn";
import type { PropertyMap } from "./values";

/** When a hook runs. Deletions have none here: they may come when there is no program that could run them. */
export type HookMoment = "beforeCreate" | "afterCreate" | "beforeUpdate" | "afterUpdate";

/** Names of a resource's hooks, by moment. */
export type HookNames = Readonly<Partial<Record<HookMoment, readonly string[]>>>;

/** What a hook is told; which of them are there depends on the moment, as the SDK documents it. */
export interface HookFacts {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly newInputs?: PropertyMap;
  readonly oldInputs?: PropertyMap;
  readonly newOutputs?: PropertyMap;
  readonly oldOutputs?: PropertyMap;
}

/** Reads the hooks of a registration. @throws Error for those that the engine does not run. */
export function hooksFromRequest(request: RegisterResourceRequest): HookNames {
  const hooks = request.getHooks();
  if (hooks === undefined) return {};
  const name = request.getName();
  const refuse = (names: readonly string[], what: string): void => {
    if (names.length > 0)
      throw new Error(`${what} ("${name}") are not part of the embedded engine; use the Pulumi CLI.`);
  };
  refuse([...hooks.getBeforeDeleteList(), ...hooks.getAfterDeleteList()], "hooks of deletions");
  refuse(hooks.getOnErrorList(), "error hooks");
  const all: HookNames = {
    beforeCreate: hooks.getBeforeCreateList(),
    afterCreate: hooks.getAfterCreateList(),
    beforeUpdate: hooks.getBeforeUpdateList(),
    afterUpdate: hooks.getAfterUpdateList(),
  };
  return Object.fromEntries(Object.entries(all).filter(([, names]) => names.length > 0));
}

/** Functions of the program that run before and after a resource's step, in the program's own process. */
export class Hooks {
  private readonly known = new Map<string, RegisterResourceHookRequest>();

  /** @param warn told of an error after a step that is done. */
  constructor(
    private readonly callbacks: Callbacks,
    private readonly preview: boolean,
    private readonly warn: (urn: string, message: string) => void,
  ) {}

  /** @throws Error when the name is taken: two hooks of one name would be one in the state. */
  add(request: RegisterResourceHookRequest): void {
    const name = request.getName();
    if (this.known.has(name)) throw new Error(`resource hook already registered: "${name}"`);
    this.known.set(name, request);
  }

  /**
   * Runs hooks in their order. As the real engine: an error before a step fails it; one after it is a warning, since
   * the step is done, and what comes next begins.
   *
   * @throws Error before a step, naming the hook
   */
  async run(moment: HookMoment, names: readonly string[], told: HookFacts): Promise<void> {
    for (const name of names) {
      const hook = this.known.get(name);
      if (hook === undefined) throw new Error(`hook "${name}" was not registered`);
      if (this.preview && !hook.getOnDryRun()) continue;
      try {
        await this.call(hook, told);
      } catch (error) {
        const message = `hook "${name}" failed: ${messageOf(error)}`;
        if (moment.startsWith("before") && !hook.getIgnoreErrors()) throw new Error(message, { cause: error });
        this.warn(told.urn, message);
      }
    }
  }

  private async call(hook: RegisterResourceHookRequest, told: HookFacts): Promise<void> {
    const callback = hook.getCallback();
    if (callback === undefined) throw new Error("it has no function");
    const request = new ResourceHookRequest();
    request.setUrn(told.urn);
    request.setId(told.id);
    request.setName(parseUrn(told.urn).name);
    request.setType(told.type);
    if (told.newInputs !== undefined) request.setNewInputs(toStruct(told.newInputs));
    if (told.oldInputs !== undefined) request.setOldInputs(toStruct(told.oldInputs));
    if (told.newOutputs !== undefined) request.setNewOutputs(toStruct(told.newOutputs));
    if (told.oldOutputs !== undefined) request.setOldOutputs(toStruct(told.oldOutputs));
    const answer = await this.callbacks.invoke(callback, request.serializeBinary(), "the call");
    const error = ResourceHookResponse.deserializeBinary(answer).getError();
    if (error !== "") throw new Error(error);
  }
}
