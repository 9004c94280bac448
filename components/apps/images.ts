import type { ImageRuntime } from "./appArgs";

/**
 * The official nginx images, and static sites built on them: their own user 101, a pid file and caches to write.
 * Port 80 is no obstacle: see portSysctl in renderPods.
 */
export const NGINX_RUNTIME: ImageRuntime = {
  uid: 101,
  rootFilesystem: "readOnly",
  writableDirectories: ["/run", "/tmp", "/var/cache/nginx"],
};
