export const PUBLIC_FILES_PORT = 8080;

/**
 * nginx.conf of the way to published buckets. An address is signed over method, host, path and query: what is passed
 * on is what was sent. What is passed on at all is decided by the address as it was sent, before anybody decodes it:
 * GET and HEAD of an object of one of the buckets, and no step up from there.
 *
 * @param store "10.0.0.134:9000"
 * @param buckets lower-case letters, digits and hyphens
 */
export function publicFilesConfig(store: string, buckets: readonly string[]): string {
  return `worker_processes 2;
pid /tmp/nginx.pid;
events {
  worker_connections 1024;
}
http {
  # Whoever has a signed address may read: none is written down.
  access_log off;
  server_tokens off;
  client_body_temp_path /tmp/client;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;

  upstream store {
    server ${store};
    keepalive 16;
  }
  map $request_uri $published {
    default "";
    "~^[^?]*/(\\.|%2[eE])+(/|%2[fF]|\\?|$)" "";
    "~^[^?]*(//|\\x5C|%5[cC])" "";
    "~^/(${buckets.join("|")})/[^/?]" "yes";
  }
  server {
    listen ${PUBLIC_FILES_PORT};
    merge_slashes off;

    location = /healthz {
      return 200 "ok\\n";
    }
    location / {
      if ($published = "") {
        return 404;
      }
      limit_except GET {
        deny all;
      }
      proxy_pass http://store;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header Cookie "";
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_connect_timeout 5s;
      proxy_read_timeout 60s;
      # Downloads go at the browser's pace, and never by the disk.
      proxy_max_temp_file_size 0;
      # Browsers take what people sent for what it says it is.
      add_header X-Content-Type-Options nosniff always;
    }
  }
}
`;
}
