import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as enginePb from "@pulumi/pulumi/proto/engine_pb";
import type { CallResponse } from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { messageOf } from "./errors";
import type { Severity } from "./events";
import { goalFromRequest } from "./goal";
import { invoke } from "./invoke";
import { PULUMI_VERSION, versionProblem } from "./pulumiVersion";
import { readResource } from "./read";
import { register, registerOutputs, useDefaultProvider } from "./register";
import type { Registered } from "./register";
import type { Run } from "./run";
import { fromStruct, toStruct } from "./serialize";
import { Transforms } from "./transforms";

// As the SDK sets it for its side; a program's inputs may be large.
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

// Output values and resource references stay off: then the SDK sends plain ids, URNs, secrets and unknowns.
// Error hooks are on, so that the refusal below names the engine rather than an outdated CLI.
const Feature = pb.ResourceMonitorFeature;
const FEATURES = new Map<string, pb.ResourceMonitorFeature>([
  ["secrets", Feature.RESOURCE_MONITOR_FEATURE_SECRETS],
  ["aliasSpecs", Feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS],
  ["deletedWith", Feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH],
  ["replaceWith", Feature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH],
  ["transforms", Feature.RESOURCE_MONITOR_FEATURE_TRANSFORMS],
  ["invokeTransforms", Feature.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS],
  ["parameterization", Feature.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION],
  ["resourceHooks", Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS],
  ["errorHooks", Feature.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS],
  ["replacementTrigger", Feature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER],
]);

/** What the host answers the program's questions about the stack with. */
export interface HostOptions {
  readonly run: Run;
  readonly config: { readonly [key: string]: string };
  readonly secretConfigKeys: readonly string[];
}

/** The two gRPC services of Pulumi's engine, on a loopback port of their own. */
export interface Host {
  /** host:port */
  readonly address: string;
  close(): void;
}

const RESULTS = { success: pb.Result.SUCCESS, failed: pb.Result.FAIL, skipped: pb.Result.FAIL };
const SEVERITIES: { readonly [severity: number]: Severity } = {
  [enginePb.LogSeverity.DEBUG]: "debug",
  [enginePb.LogSeverity.INFO]: "info",
  [enginePb.LogSeverity.WARNING]: "warning",
  [enginePb.LogSeverity.ERROR]: "error",
};

/** What the SDK says of everything that needs a failed resource; the failure itself has been reported. */
const CONSEQUENCE = /resource .* failed to register|Resource monitor is terminating/;

function registerResponse(registered: Registered): pb.RegisterResourceResponse {
  const response = new pb.RegisterResourceResponse();
  response.setUrn(registered.urn);
  response.setId(registered.id);
  response.setObject(toStruct(registered.outputs));
  response.setResult(RESULTS[registered.result]);
  response.setUnknown(registered.elided === true);
  return response;
}

function unary<Q, A>(run: Run, work: (request: Q) => Promise<A> | A): grpc.handleUnaryCall<Q, A> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => work(call.request))
      .then(
        (answer) => {
          callback(null, answer);
        },
        (error: unknown) => {
          callback({ code: grpc.status.UNKNOWN, details: run.options.masker.mask(messageOf(error)) });
        },
      );
  };
}

function refuse(what: string): () => never {
  return () => {
    throw new Error(`${what} not part of the embedded engine; use the Pulumi CLI.`);
  };
}

function monitor(options: HostOptions): grpc.UntypedServiceImplementation {
  const { run } = options;
  const transforms = new Transforms(run.callbacks);
  const registerResource = async (request: pb.RegisterResourceRequest): Promise<pb.RegisterResourceResponse> => {
    const goal = goalFromRequest(await transforms.apply(request));
    const registered = await register(run, goal);
    return registerResponse(registered);
  };
  return {
    getDeploymentInfo: unary(run, () => {
      const info = new pb.DeploymentInfo();
      info.setProject(run.options.project);
      info.setStack(run.options.stack);
      info.setOrganization("organization");
      for (const [key, value] of Object.entries(options.config)) info.getConfigMap().set(key, value);
      info.setConfigsecretkeysList([...options.secretConfigKeys]);
      info.setDryrun(run.preview);
      info.setParallel(run.options.parallel);
      info.setSupportedfeaturesList([...FEATURES.values()]);
      return info;
    }),
    supportsFeature: unary(run, (request: pb.SupportsFeatureRequest) => {
      const response = new pb.SupportsFeatureResponse();
      response.setHassupport(FEATURES.has(request.getId()));
      return response;
    }),
    registerResource: unary(run, registerResource),
    registerResourceOutputs: unary(run, async (request: pb.RegisterResourceOutputsRequest) => {
      await registerOutputs(run, request.getUrn(), fromStruct(request.getOutputs()));
      return new Empty();
    }),
    readResource: unary(run, async (request: pb.ReadResourceRequest) => {
      const read = await readResource(run, request);
      // This call has no result field; its failure must be an error.
      if (read.result !== "success")
        throw new Error(`resource ${request.getName()} [${request.getType()}] failed to register`);
      const response = new pb.ReadResourceResponse();
      response.setUrn(read.urn);
      response.setProperties(toStruct(read.outputs));
      return response;
    }),
    existsResource: unary(run, async (request: pb.ExistsResourceRequest) => {
      if (request.getProvider() === "") await useDefaultProvider(run, request.getType());
      const provider = await run.options.providers.get(
        run.options.providers.urnFor(request.getType(), request.getProvider()),
      );
      const found = await provider.read(run.context("", request.getType(), {}), request.getId(), undefined);
      const response = new pb.ExistsResourceResponse();
      response.setExists(found !== undefined);
      return response;
    }),
    invoke: unary(run, (request: pb.ResourceInvokeRequest) => invoke(run, request)),
    call: unary(run, (request: pb.ResourceCallRequest): CallResponse =>
      refuse(`${request.getTok()}: methods of provider resources are`)(),
    ),
    registerPackage: unary(run, (request: pb.RegisterPackageRequest) => {
      const response = new pb.RegisterPackageResponse();
      response.setRef(request.getParameterization()?.getName() ?? request.getName());
      return response;
    }),
    registerStackTransform: unary(run, (callback: Parameters<Transforms["add"]>[0]) => {
      transforms.add(callback);
      return new Empty();
    }),
    registerStackInvokeTransform: unary(run, refuse("invoke transforms are")),
    registerResourceHook: unary(run, (request: pb.RegisterResourceHookRequest) => {
      run.hooks.add(request);
      return new Empty();
    }),
    registerErrorHook: unary(run, refuse("error hooks are")),
    // The program may end at once: there are no callbacks into it after everything that it registers has been answered.
    signalAndWaitForShutdown: unary(run, () => new Empty()),
  };
}

function engine({ run }: HostOptions): grpc.UntypedServiceImplementation {
  let root = "";
  return {
    log: unary(run, (request: enginePb.LogRequest) => {
      const severity = SEVERITIES[request.getSeverity()] ?? "info";
      const message = request.getMessage();
      if (severity !== "debug")
        run.diagnose(run.failed && CONSEQUENCE.test(message) ? "debug" : severity, message, request.getUrn());
      return new Empty();
    }),
    getRootResource: unary(run, () => {
      const response = new enginePb.GetRootResourceResponse();
      response.setUrn(root);
      return response;
    }),
    setRootResource: unary(run, (request: enginePb.SetRootResourceRequest) => {
      root = request.getUrn();
      return new enginePb.SetRootResourceResponse();
    }),
    startDebugging: unary(run, () => new Empty()),
    requirePulumiVersion: unary(run, (request: enginePb.RequirePulumiVersionRequest) => {
      const problem = versionProblem(request.getPulumiVersionRange(), PULUMI_VERSION);
      if (problem !== undefined) throw new Error(problem);
      return new enginePb.RequirePulumiVersionResponse();
    }),
  };
}

/** Starts the services. @throws Error when no port can be had. */
export async function startHost(options: HostOptions): Promise<Host> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(ResourceMonitorService, monitor(options));
  server.addService(EngineService, engine(options));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    close: () => {
      server.forceShutdown();
    },
  };
}
