import { NGINX_RUNTIME } from "../components/apps/images";
import { VERSIONS } from "./versions";

/** What stands in the place of KeyBuzz' own images until they are built: nginx, which answers "/" on port 80. */
export const PLACEHOLDER = { image: VERSIONS.images.placeholder, runtime: NGINX_RUNTIME } as const;
