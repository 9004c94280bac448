import { expectWhole, killedUp } from "./support/interruption";
import { Stand } from "./support/stand";

const LIMIT = 300_000;

test(
  "kill -9 late in prod's first up: the next one completes",
  async () => {
    const stand = new Stand();
    try {
      await killedUp(stand, "prod", 200);
      await expectWhole(stand, "prod");
    } finally {
      await stand.dispose();
    }
  },
  LIMIT,
);
