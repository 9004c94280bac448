import type { Answer } from "../http/router";
import { renderAction } from "../model/actions";
import type { CloudContext } from "../model/context";
import type { ActionRow, Task } from "../model/rows";
import type { Met, WeatherHands } from "./weather";

type ActionError = NonNullable<ActionRow["error"]>;
interface Rendered {
  readonly id: number;
  readonly command: string;
  readonly resources: ActionRow["resources"];
}
interface WithActions {
  readonly action?: Rendered | null;
  readonly actions?: readonly Rendered[];
  readonly next_actions?: readonly Rendered[];
}

/** In the place of a start. */
const stayingOff = ({ args }: Task): Task => ({ name: "server.settle", args: { id: args["id"] ?? 0, status: "off" } });

class Undone extends Error {}

/** What a request does is taken back at once; its answer is not. */
function undone(cloud: CloudContext, work: () => Answer): Answer {
  let answer: Answer | undefined;
  try {
    cloud.store.transaction(() => {
      answer = work();
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return answer as Answer;
}

/** The actions of a change, begun anew: nothing is done by them, and they fail. */
function changeFails(cloud: CloudContext, error: ActionError, work: () => Answer): Answer {
  const { status, body = {} } = undone(cloud, work);
  const { action, actions } = body as WithActions;
  const begun = ({ command, resources }: Rendered): object =>
    renderAction(cloud.actions.start({ command, resources, fails: error }));
  return cloud.store.transaction(() => ({
    status,
    body: {
      ...body,
      ...(action === undefined || action === null ? {} : { action: begun(action) }),
      ...(actions === undefined ? {} : { actions: actions.map(begun) }),
    },
  }));
}

/** What is created is there. Its last actions fail: those that would have started it, where there are any. */
function creationFails(cloud: CloudContext, error: ActionError, work: () => Answer): Answer {
  return cloud.store.transaction(() => {
    const answer = work();
    const { action, actions = [], next_actions: next = [] } = (answer.body ?? {}) as WithActions;
    for (const { id } of next.length > 0 ? next : [action ?? [], actions].flat()) {
      const row = cloud.store.get("action", id);
      if (row === undefined) continue;
      const task = row.task?.name === "server.power" ? stayingOff(row.task) : row.task;
      cloud.store.put("action", { ...row, task, fails: error });
    }
    return answer;
  });
}

/** With what the weather of this cloud does what it does. */
export function weatherHands(cloud: CloudContext): WeatherHands {
  return {
    nameOf: ({ endpoint, call }: Met) => {
      const [, plural = ""] = endpoint.split("/");
      const { id } = call.params;
      if (id === undefined) return (call.body as { readonly name?: string } | undefined)?.name;
      const rows = (cloud.shelves.get(plural)?.() ?? []) as readonly { readonly id: number; readonly name: string }[];
      return rows.find((row) => String(row.id) === id || row.name === id)?.name;
    },
    failing: ({ endpoint }, error, work) =>
      endpoint.includes("/actions/") ? changeFails(cloud, error, work) : creationFails(cloud, error, work),
  };
}
