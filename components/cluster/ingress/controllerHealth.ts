/**
 * Where ingress-nginx' controller says whether it is well. From the moment it is told to stop it answers 500, while nginx
 * goes on taking requests (kubernetes/ingress-nginx, internal/ingress/controller: checker.go, nginx.go).
 */
export const CONTROLLER_HEALTH = { port: 10254, path: "/healthz" } as const;

/** By this name the balancers ask nginx for it. Any other name is nginx' own 200, until its port is closed. */
export const CONTROLLER_HEALTH_HOST = "ingress-health";

/** The server of that name, for nginx' configuration. */
export const CONTROLLER_HEALTH_SERVER = [
  `server { listen 80; server_name ${CONTROLLER_HEALTH_HOST}; access_log off;`,
  `location = ${CONTROLLER_HEALTH.path} { proxy_pass http://127.0.0.1:${CONTROLLER_HEALTH.port}; }`,
  "location / { return 404; } }",
].join(" ");
