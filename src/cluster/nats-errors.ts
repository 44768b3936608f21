/** NATS will not have us, however often it is asked: a name, a password, a certificate. */
export class RefusedByNats extends Error {
  override readonly name = 'RefusedByNats';
}

/** The log is there, and is not to be used as it is: no other try will change that. */
export class UnusableLog extends Error {
  override readonly name = 'UnusableLog';
}
