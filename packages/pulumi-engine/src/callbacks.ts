import * as grpc from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { CallbackInvokeRequest, type Callback } from "@pulumi/pulumi/proto/callback_pb";

/** Functions of the program that the engine calls: it serves them on a port of its own. */
export class Callbacks {
  private readonly clients = new Map<string, CallbacksClient>();

  /** @param what for the error: whose function that is. @returns its answer, serialized. @throws Error naming `what`. */
  invoke(callback: Callback, request: Uint8Array, what: string): Promise<Uint8Array> {
    const target = callback.getTarget();
    const client = this.clients.get(target) ?? new CallbacksClient(target, grpc.credentials.createInsecure());
    this.clients.set(target, client);
    const message = new CallbackInvokeRequest();
    message.setToken(callback.getToken());
    message.setRequest(request);
    return new Promise((resolve, reject) => {
      client.invoke(message, (error, response) => {
        if (error === null) resolve(response.getResponse_asU8());
        else reject(new Error(`${what} failed: ${error.details}`));
      });
    });
  }
}
