import type { SecretLedger } from "../secrets/secretLedger";
import type { BucketAccess, DatabaseAccess, RedisAccess } from "./services";

/** A mail relay; its password comes from configuration under `chatwootSmtpPassword`. */
export interface SmtpSettings {
  readonly host: string;
  /** 587 (STARTTLS) or 465. */
  readonly port: number;
  /** HELO domain: "keybuzz.io". */
  readonly domain: string;
  readonly username: string;
}

/** Who may make an account. */
export const SIGN_UP = { off: "false", on: "true", apiOnly: "api_only" } as const;
export type SignUp = keyof typeof SIGN_UP;

/** What Chatwoot was given by the data tier. */
export interface ChatwootAccess {
  readonly database: DatabaseAccess;
  readonly redis: RedisAccess;
  readonly bucket: BucketAccess;
}

export interface ChatwootSettings extends ChatwootAccess {
  readonly host: string;
  /** "KeyBuzz Support <support@keybuzz.io>" */
  readonly sender: string;
  /** Default: Chatwoot sends no mail. */
  readonly smtp?: SmtpSettings;
  /** Of attachments, for browsers. Default: the bucket's private address. */
  readonly publicStorageUrl?: string;
  readonly signUp: SignUp;
  /** "14s": what Chatwoot itself uses, one second below rack-timeout. */
  readonly statementTimeout: string;
}

/** Where the processes find the certificate that PostgreSQL is verified with. */
export const DATABASE_AUTHORITY_FILE = "/etc/ssl/postgres/ca.crt";
export const PUBLIC_ATTACHMENTS_FILE = "/app/config/initializers/public_attachments.rb";
/**
 * Chatwoot has one address of the store, for its own uploads and in what it signs for browsers. Uploads stay on the
 * private network: only what is signed names the public host, which is open for reading alone. Built on Active
 * Storage's own interface of a service (initialize, url), the same in Rails 6.1 to 7.2.
 */
export const PUBLIC_ATTACHMENTS = `require "active_storage/service/s3_service"

module PublicAttachments
  def initialize(endpoint: nil, **options)
    super
    public_endpoint = ENV.fetch("STORAGE_PUBLIC_ENDPOINT")
    return if endpoint == public_endpoint

    @published = self.class.new(endpoint: public_endpoint, **options)
  end

  def url(key, **options)
    @published ? @published.url(key, **options) : super
  end
end

ActiveStorage::Service::S3Service.prepend(PublicAttachments)
`;
export const SMTP_PASSWORD_KEY = "chatwootSmtpPassword";
const SECRET_KEY_LENGTH = 64;

/**
 * Chatwoot v3.12.0's environment, shared by web, worker and migration (docs/reference/workloads.md).
 *
 * Redis: ActionCable knows REDIS_URL alone, so Sentinel stays out of it (no REDIS_SENTINELS) and the address is
 * the balancer's, which always leads to the primary. REDIS_SENTINEL_MASTER_NAME must never be empty: it is not set.
 * The brand is part of the image (its installation_config.yml, loaded by the migration).
 */
export function chatwootEnvironment(
  settings: ChatwootSettings,
  secrets: SecretLedger,
): Readonly<Record<string, string>> {
  const { database, redis, bucket } = settings;
  return {
    RAILS_ENV: "production",
    // The user that it runs as has no home in the image.
    HOME: "/tmp",
    NODE_ENV: "production",
    RAILS_LOG_TO_STDOUT: "true",
    // The liveness probe asks for a static file.
    RAILS_SERVE_STATIC_FILES: "true",
    SECRET_KEY_BASE: secrets.kept(
      "chatwoot/secret-key-base",
      {
        owner: "chatwoot",
        loses:
          "the key of Chatwoot's sessions and of the links to its attachments, also of those in mails that were sent",
      },
      SECRET_KEY_LENGTH,
    ),
    FRONTEND_URL: `https://${settings.host}`,
    // TLS ends at the web load balancers, which redirect plain HTTP themselves.
    FORCE_SSL: "false",
    ENABLE_ACCOUNT_SIGNUP: SIGN_UP[settings.signUp],

    POSTGRES_HOST: database.host,
    POSTGRES_PORT: String(database.port),
    POSTGRES_DATABASE: database.database,
    POSTGRES_USERNAME: database.username,
    POSTGRES_PASSWORD: database.password,
    POSTGRES_STATEMENT_TIMEOUT: settings.statementTimeout,
    // libpq's own variables: database.yml has no settings for them.
    PGSSLMODE: "verify-ca",
    PGSSLROOTCERT: DATABASE_AUTHORITY_FILE,

    REDIS_URL: redis.url,
    REDIS_PASSWORD: redis.password,

    ACTIVE_STORAGE_SERVICE: "s3_compatible",
    STORAGE_ENDPOINT: bucket.url,
    ...(settings.publicStorageUrl === undefined ? {} : { STORAGE_PUBLIC_ENDPOINT: settings.publicStorageUrl }),
    STORAGE_BUCKET_NAME: bucket.bucket,
    STORAGE_REGION: bucket.region,
    STORAGE_ACCESS_KEY_ID: bucket.accessKey,
    STORAGE_SECRET_ACCESS_KEY: bucket.secretKey,
    STORAGE_FORCE_PATH_STYLE: "true",

    MAILER_SENDER_EMAIL: settings.sender,
    ...(settings.smtp === undefined ? {} : smtpEnvironment(settings.smtp, secrets)),
  };
}

function smtpEnvironment(smtp: SmtpSettings, secrets: SecretLedger): Readonly<Record<string, string>> {
  return {
    SMTP_ADDRESS: smtp.host,
    SMTP_PORT: String(smtp.port),
    SMTP_DOMAIN: smtp.domain,
    SMTP_USERNAME: smtp.username,
    SMTP_PASSWORD: secrets.configured(SMTP_PASSWORD_KEY),
    SMTP_AUTHENTICATION: "plain",
    SMTP_ENABLE_STARTTLS_AUTO: String(smtp.port !== 465),
    SMTP_TLS: String(smtp.port === 465),
  };
}
