/** Ambient services: time, log, meter, and the life of a service. They never cross a process boundary. */

export interface Clock {
  /** UTC milliseconds. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** One event, one line. `event` is a constant such as 'message.accepted'; everything that varies is a field. */
export interface Log {
  debug(event: string, fields?: Fields): void
  info(event: string, fields?: Fields): void
  warn(event: string, fields?: Fields): void
  /** A bug or a broken machine: `cause` is logged with its stack. Answer people with the connection's id alone. */
  error(event: string, cause: unknown, fields?: Fields): void
  with(fields: Fields): Log
}

export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Names are Prometheus metric names without the prefix `homepost_`; `_total` and `_seconds` as usual there. */
export interface Meter {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void
  gauge(name: string, read: () => number): void
  observeSeconds(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void
}

/** Something with a life. Started in the order of the object graph; drained, then stopped, the other way round. */
export interface Service {
  readonly name: string
  start(): Promise<void>
  /** Takes no new work, tells those it serves, resolves when the work at hand is done. */
  drain(): Promise<void>
  stop(): Promise<void>
}

export type Stop = () => void

/** Temporary trouble that the client should hear as "try again": 451, `NO [UNAVAILABLE]`, 503. The text is for people. */
export type TryLater = { readonly kind: 'later'; readonly reason: LaterReason; readonly text: string }
export type LaterReason =
  | 'disk-full'
  | 'damaged'
  | 'overloaded'
  | 'draining'
  | 'not-there-yet'
  | 'unreachable'
