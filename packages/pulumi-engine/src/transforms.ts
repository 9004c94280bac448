import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import * as pb from "@pulumi/pulumi/proto/resource_pb";
import type { Callbacks } from "./callbacks";

function optionsOf(request: pb.RegisterResourceRequest): pb.TransformResourceOptions {
  const options = new pb.TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  if (request.hasProtect()) options.setProtect(request.getProtect() === true);
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setVersion(request.getVersion());
  options.setAliasesList(request.getAliasesList());
  options.setProvider(request.getProvider());
  const timeouts = request.getCustomtimeouts();
  if (timeouts !== undefined) options.setCustomTimeouts(timeouts);
  if (request.hasRetainondelete()) options.setRetainOnDelete(request.getRetainondelete() === true);
  options.setDeletedWith(request.getDeletedwith());
  if (request.getDeletebeforereplacedefined()) options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  request.getProvidersMap().forEach((value: string, key: string) => options.getProvidersMap().set(key, value));
  options.setImport(request.getImportid());
  options.setReplaceWithList(request.getReplaceWithList());
  const trigger = request.getReplacementTrigger();
  if (trigger !== undefined) options.setReplacementTrigger(trigger);
  return options;
}

function takeOptions(request: pb.RegisterResourceRequest, options: pb.TransformResourceOptions): void {
  request.setDependenciesList(options.getDependsOnList());
  if (options.hasProtect()) request.setProtect(options.getProtect() === true);
  request.setIgnorechangesList(options.getIgnoreChangesList());
  request.setReplaceonchangesList(options.getReplaceOnChangesList());
  request.setAliasesList(options.getAliasesList());
  request.setProvider(options.getProvider());
  const timeouts = options.getCustomTimeouts();
  if (timeouts !== undefined) request.setCustomtimeouts(timeouts);
  if (options.hasRetainOnDelete()) request.setRetainondelete(options.getRetainOnDelete() === true);
  request.setDeletedwith(options.getDeletedWith());
  if (options.hasDeleteBeforeReplace()) {
    request.setDeletebeforereplacedefined(true);
    request.setDeletebeforereplace(options.getDeleteBeforeReplace() === true);
  }
  request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  request.setImportid(options.getImport());
  request.setReplaceWithList(options.getReplaceWithList());
  request.setReplacementTrigger(options.getReplacementTrigger());
}

/** Resource transforms: functions of the program, called back to change a registration before it counts. */
export class Transforms {
  private readonly ofStack: Callback[] = [];

  constructor(private readonly callbacks: Callbacks) {}

  /** A transform for every resource of the stack. */
  add(callback: Callback): void {
    this.ofStack.push(callback);
  }

  private async invoke(callback: Callback, request: pb.TransformRequest): Promise<pb.TransformResponse> {
    const what = `a transform of ${request.getType()} "${request.getName()}"`;
    return pb.TransformResponse.deserializeBinary(
      await this.callbacks.invoke(callback, request.serializeBinary(), what),
    );
  }

  /** The request after the resource's own transforms and those of the stack. Without transforms it is returned as it is. */
  async apply(request: pb.RegisterResourceRequest): Promise<pb.RegisterResourceRequest> {
    for (const callback of [...request.getTransformsList(), ...this.ofStack]) {
      const transform = new pb.TransformRequest();
      transform.setType(request.getType());
      transform.setName(request.getName());
      transform.setCustom(request.getCustom());
      transform.setParent(request.getParent());
      transform.setProperties(request.getObject());
      transform.setOptions(optionsOf(request));
      const response = await this.invoke(callback, transform);
      const properties = response.getProperties();
      if (properties !== undefined) request.setObject(properties);
      const options = response.getOptions();
      if (options !== undefined) takeOptions(request, options);
    }
    return request;
  }
}
