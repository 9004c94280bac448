/** Many resources of some size in chains of four, as an estate has them. */
import * as pulumi from "@pulumi/pulumi";

class Thing extends pulumi.CustomResource {
  constructor(name: string, inputs: pulumi.Inputs) {
    super("fake:index:Thing", name, { computed: undefined, token: undefined, ...inputs });
  }
}

const count = new pulumi.Config().requireNumber("count");
const text = "a line of a configuration file, long enough to be like a real one\n".repeat(20);
let last: Thing | undefined;
for (let i = 0; i < count; i++) {
  const before = i % 4 === 0 ? undefined : last;
  last = new Thing(`thing-${i}`, {
    value: `${i}`,
    text,
    after: before?.id,
    password: pulumi.secret(`secret-${i}`),
    labels: { a: "1", b: { c: [1, 2, 3] } },
  });
}
