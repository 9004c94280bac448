// What Kubernetes objects on a packet's way may say.
import { any, NEVER, type Words } from "./wordsOf";

/** Of ingress-nginx' ConfigMap (its documentation, ConfigMap): read in ask/, or of no consequence to a path. */
export const INGRESS_OPTIONS: Words = {
  ...any(`annotations-risk-level keep-alive keep-alive-requests proxy-real-ip-cidr use-forwarded-headers
    worker-shutdown-timeout proxy-connect-timeout proxy-read-timeout proxy-send-timeout proxy-body-size
    proxy-request-buffering whitelist-source-range global-auth-url global-allowed-response-headers
    enable-underscores-in-headers server-tokens use-gzip gzip-types use-http2 ssl-redirect
    hsts hsts-max-age hsts-include-subdomains hsts-preload add-headers hide-headers
    log-format-upstream log-format-escape-json access-log-path error-log-level disable-access-log
    upstream-keepalive-connections upstream-keepalive-requests upstream-keepalive-timeout worker-processes
    ssl-protocols ssl-ciphers`),
  // What is above a route's limits is refused as too many, and as nothing that a client would take for an answer.
  "limit-conn-status-code": /^429$/,
  "limit-req-status-code": /^429$/,
  "allow-snippet-annotations": /^false$/,
  // The whole of a server that hands the controller's own health on (controllerHealth.ts), and nothing beside it.
  "http-snippet":
    /^server \{ listen 80; server_name [\w-]+; access_log off; location = \/healthz \{ proxy_pass http:\/\/127\.0\.0\.1:\d+; \} location \/ \{ return 404; \} \}$/,
  "proxy-cookie-path": /^~\^\(\/\.\*\)\$ "\$1; Secure"$/,
  // The balancers in front speak HTTP as it is: nginx would wait for a header that nobody sends.
  "use-proxy-protocol": /^false$/,
  "strict-validate-path-type": /^true$/,
};

/** Arguments of its controller (its documentation, Command line arguments). */
export const CONTROLLER_ARGS: Words = {
  ...any(`/nginx-ingress-controller --ingress-class --controller-class --election-id --configmap --enable-metrics
    --report-node-internal-ip-address --shutdown-grace-period --v --healthz-port --watch-ingress-without-class
    --disable-svc-external-name --default-ssl-certificate --post-shutdown-grace-period`),
  "--watch-namespace": NEVER,
};

/** Of a Service's spec (kubernetes.io, Service). */
export const SERVICE: Words = {
  ...any(`ports[].name ports[].port ports[].protocol ports[].targetPort ports[].nodePort ports[].appProtocol clusterIP
    externalTrafficPolicy publishNotReadyAddresses selector.*`),
  type: /^(ClusterIP|NodePort)$/,
  "clusterIPs[]": /^None$/,
  "ipFamilies[]": /^IPv4$/,
  ipFamilyPolicy: /^SingleStack$/,
  sessionAffinity: /^None$/,
  internalTrafficPolicy: /^Cluster$/,
};

/** Of an Ingress' spec. The balancers end TLS; a default backend would answer where nothing is declared. */
export const INGRESS: Words = any(`ingressClassName rules[].host rules[].http.paths[].path rules[].http.paths[].pathType
  rules[].http.paths[].backend.service.name rules[].http.paths[].backend.service.port.number`);

/** Of the operator's Installation (docs.tigera.io, installation reference). */
export const INSTALLATION: Words = {
  ...any(`calicoNetwork.ipPools[].allowedUses[] calicoNetwork.ipPools[].blockSize calicoNetwork.ipPools[].cidr
    calicoNetwork.ipPools[].name calicoNetwork.ipPools[].natOutgoing calicoNetwork.ipPools[].encapsulation
    calicoNetwork.ipPools[].disableBGPExport calicoNetwork.mtu calicoNetwork.nodeAddressAutodetectionV4.cidrs[]
    registry imagePath imagePrefix imagePullSecrets[].name flexVolumePath kubeletVolumePluginPath
    controlPlaneReplicas nodeMetricsPort`),
  "calicoNetwork.bgp": /^Disabled$/,
  "calicoNetwork.containerIPForwarding": /^(Enabled|Disabled)$/,
  "calicoNetwork.hostPorts": /^Disabled$/,
  "calicoNetwork.linuxDataplane": /^Iptables$/,
  "calicoNetwork.ipPools[].assignmentMode": /^Automatic$/,
  "calicoNetwork.ipPools[].disableNewAllocations": /^false$/,
  "calicoNetwork.ipPools[].nodeSelector": /^all\(\)$/,
  variant: /^Calico$/,
};

/** Of FelixConfiguration "default" (docs.tigera.io, Felix configuration). */
export const FELIX: Words = {
  ...any(
    "chainInsertMode defaultEndpointToHostAction logSeverityScreen prometheusMetricsEnabled prometheusMetricsPort",
  ),
  ipv6Support: /^false$/,
};

/** Of a pod's spec (kubernetes.io, Pod). Names that only its own file of hosts knows are no names of the cluster. */
export const POD: ReadonlySet<string> = new Set(
  `containers initContainers serviceAccountName serviceAccount automountServiceAccountToken enableServiceLinks
  securityContext volumes affinity terminationGracePeriodSeconds topologySpreadConstraints restartPolicy
  imagePullSecrets tolerations nodeSelector nodeName dnsPolicy hostNetwork priorityClassName activeDeadlineSeconds
  shareProcessNamespace hostname subdomain hostIPC hostPID preemptionPolicy schedulingGates overhead os
  setHostnameAsFQDN`.split(/\s+/),
);

/** Prefixes of annotations that nothing on a packet's way reads. */
export const ANNOTATIONS =
  /^(nginx\.ingress\.kubernetes\.io|keybuzz\.io|pulumi\.com|kubectl\.kubernetes\.io|meta\.helm\.sh|helm\.sh|app\.kubernetes\.io|prometheus\.io|external-dns\.alpha\.kubernetes\.io)\//;
/** Those by which Calico and the kubelet give a pod or a namespace another network than the one that is read. */
export const NETWORK_ANNOTATIONS =
  /^(cni\.projectcalico\.org|projectcalico\.org|k8s\.v1\.cni\.cncf\.io|v1\.multus-cni\.io)\/|^kubernetes\.io\/(in|e)gress-bandwidth$/;
