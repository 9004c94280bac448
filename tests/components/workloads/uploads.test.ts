import { prod } from "./prodWorkloads";

describe("requests that are passed on while they arrive", () => {
  it("are those of the paths that take files, and of no whole application", () => {
    const uploads = prod().exposed.flatMap(({ host, routes }) =>
      routes.filter(({ kind }) => kind === "upload").map(({ path }) => `${host}${path}`),
    );
    expect(uploads.sort()).toEqual([
      "erp.keybuzz.io/api/method/upload_file",
      "n8n.keybuzz.io/form",
      "n8n.keybuzz.io/form-test",
      "n8n.keybuzz.io/form-waiting",
      "n8n.keybuzz.io/webhook",
      "n8n.keybuzz.io/webhook-test",
      "n8n.keybuzz.io/webhook-waiting",
      "support.keybuzz.io/api",
      "support.keybuzz.io/public/api",
      "support.keybuzz.io/rails/action_mailbox",
      "support.keybuzz.io/rails/active_storage",
    ]);
  });
});
