import { createServer } from "node:net";

function listen(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

/** A port that nobody listens on right now. */
export const freePort = (host: string): Promise<number> => listen(0, host);

export const isFree = (port: number, host: string): Promise<boolean> =>
  listen(port, host).then(
    () => true,
    () => false,
  );
