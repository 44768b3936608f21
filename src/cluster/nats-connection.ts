import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
} from '@nats-io/transport-node';
import { RefusedByNats } from './nats-errors.ts';
import { type NatsOptions, type ServerAddress, serverAddresses } from './nats-options.ts';

/** So long a server may take to say who it is. */
const CONNECT_MS = 2000;

/** How a connection is to be. */
export interface NatsWishes {
  /** What NATS shows of it to those who run it. */
  readonly name: string;
  /** Whether it comes back by itself, to any of the servers. Default: it ends with its server. */
  readonly reconnects?: boolean;
  /** Which of the servers, from 0 on, past the end too. Default: any. */
  readonly server?: number;
}

/**
 * Connects to NATS by options that are right. Rejects with one sentence: a `RefusedByNats` if it is
 * no use to try again.
 */
export async function connectNats(
  options: NatsOptions,
  wishes: NatsWishes,
): Promise<NatsConnection> {
  const all = serverAddresses(options);
  const { server } = wishes;
  const chosen = server === undefined ? all : [all[server % all.length]!];
  try {
    return await connect(connectionOptions(options, wishes, chosen));
  } catch (error) {
    throw asSentence(error, chosen);
  }
}

function connectionOptions(
  { credentials, ca, certificate, key }: NatsOptions,
  { name, reconnects = false }: NatsWishes,
  chosen: readonly ServerAddress[],
): ConnectionOptions {
  const { user, password, isEncrypted } = chosen[0]!;
  return {
    name,
    servers: chosen.map(({ server }) => server),
    timeout: CONNECT_MS,
    reconnect: reconnects,
    maxReconnectAttempts: -1,
    // Only those that are named: what servers say of one another may not be reached from here.
    ignoreClusterUpdates: true,
    // Wherever a name leads, its certificate is of that name.
    resolve: false,
    tls: isEncrypted ? { ...given({ ca, cert: certificate, key }) } : null,
    // A name alone is a token, as everywhere in NATS.
    ...(password === undefined ? given({ token: user }) : given({ user, pass: password })),
    ...(credentials === undefined
      ? {}
      : // What reads it wants an end of its last line, which editors and we take away.
        { authenticator: credsAuthenticator(Buffer.from(`${credentials}\n`)) }),
  };
}

/** What of it is there: the client takes nothing that is `undefined`. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as never;
}

/** Codes of Node and OpenSSL that another try will not change. */
const OF_CERTIFICATES = /^(CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;

/** Of a server without encryption, for one. */
const NO_SUPPORT = 'server does not support';

function asSentence(error: unknown, chosen: readonly ServerAddress[]): Error {
  const where = chosen.map(({ server }) => server).join(', ');
  const reason = reasonOf(error);
  const { code = '' } = rootOf(error) as NodeJS.ErrnoException;
  const isRefused =
    error instanceof errors.AuthorizationError ||
    error instanceof errors.UserAuthenticationExpiredError ||
    error instanceof errors.InvalidArgumentError ||
    reason.startsWith(NO_SUPPORT) ||
    OF_CERTIFICATES.test(code);
  const sentence = `NATS at ${where} cannot be used: ${reason}`;
  const options = { cause: error };
  return isRefused ? new RefusedByNats(sentence, options) : new Error(sentence, options);
}

/** Why, in the words of whoever knows. */
function reasonOf(error: unknown): string {
  const { message } = rootOf(error) as Error;
  // Codes of the system stay as they are.
  const plain = message.replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());
  return plain === '' ? 'it does not answer' : plain;
}

/** What began it: clients wrap what the system says. */
function rootOf(error: unknown): unknown {
  const { cause } = (error ?? {}) as Error;
  return cause instanceof Error ? rootOf(cause) : (error ?? new Error(''));
}
