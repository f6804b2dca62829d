/** Time for each step. RFC 5321 §4.5.3.2 names the least; all are milliseconds. */
export interface ClientTimes {
  readonly connect: number
  readonly greeting: number
  readonly hello: number
  readonly tls: number
  readonly mail: number
  readonly rcpt: number
  /** For the 354 that allows a message. */
  readonly dataStart: number
  /** For the far side to take one block. */
  readonly dataBlock: number
  /** For the reply to the whole message. RFC 5321 §4.5.3.2.6: a short one makes duplicates. */
  readonly dataEnd: number
  readonly quit: number
}

const minute = 60_000

export const standardTimes: ClientTimes = {
  connect: 30_000,
  greeting: 5 * minute,
  hello: 5 * minute,
  tls: 2 * minute,
  mail: 5 * minute,
  rcpt: 5 * minute,
  dataStart: 2 * minute,
  dataBlock: 3 * minute,
  dataEnd: 10 * minute,
  // Nobody has to wait for a farewell.
  quit: 5_000,
}
