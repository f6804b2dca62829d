import type { ProcessGroup } from '../measure/process-group.ts'

/** A running mail server with the accounts of `accounts.ts`, and the ports a load generator needs. */
export type MailServer = {
  readonly name: string
  readonly host: '127.0.0.1'
  readonly ports: {
    readonly smtp: number
    /** Submission, TLS from the first byte. */
    readonly submissions: number
    readonly imap: number
    readonly imaps: number
    readonly pop3: number
    readonly pop3s: number
    /** Rspamd's HTTP protocol; only with a filter. */
    readonly filter: number
    /** The same, for teaching it. */
    readonly learning: number
  }
  /** Whether IMAP and POP3 clients speak TLS from the first byte. */
  readonly tls: boolean
  readonly processes: ProcessGroup
  /** From spawn to the last port accepting, of the latest start. */
  readonly startedInMs: () => number
  /** Ends all processes and starts again on the same data. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
  /** Where it keeps an index of words in the background: resolves when all mail is in it. */
  readonly indexed?: () => Promise<void>
}
