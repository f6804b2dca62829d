import type { AccountId } from './accounts.ts'
import type { TryLater } from './runtime.ts'

/** What became of messages, for whoever sent them or was to get them; of the last weeks, some thousands for each account. */
export interface MailTraces {
  /** Losing the last second of it is bearable: the log has it. What is known of the same message and person already stands. */
  keep(traces: readonly Trace[]): Promise<{ readonly kind: 'kept' } | TryLater>
  /** The newest first; `before` is the last number of the page before, `containing` a part of an address, a name or the subject. */
  list(
    account: AccountId,
    question: { readonly atMost: number; readonly before?: number; readonly containing?: string },
  ): Promise<readonly KeptTrace[]>
  /** The same of everybody. */
  find(question: {
    readonly atMost: number
    readonly arrival?: string
    readonly messageId?: string
    readonly containing?: string
  }): Promise<readonly (KeptTrace & Pick<Trace, 'account'>)[]>
}

export interface Trace {
  readonly account: AccountId
  /** The arrival's id. */
  readonly arrival: string
  readonly at: number
  readonly way: 'in' | 'out'
  /** The account's own address in the envelope. Empty is the null reverse-path. */
  readonly own: string
  /** Who sent it, or was to get it. */
  readonly other: string
  /** From, as people read it. */
  readonly author: string
  readonly subject: string
  /** Without its brackets; empty where it has none, or was refused before anybody read it. */
  readonly messageId?: string
  readonly outcome: TraceOutcome
  /** What a server said, ours or another. */
  readonly detail: string
}

/**
 * | outcome   | way     | what it means                                                        |
 * |-----------|---------|----------------------------------------------------------------------|
 * | delivered | in, out | it was accepted here; what rules made of it, decisions tell          |
 * | refused   | in, out | it was not accepted, and whoever brought it was told                 |
 * | later     | in, out | whoever brought it was asked to come again                           |
 * | waiting   | out     | it is in the queue                                                   |
 * | sent      | out     | the other server has taken it                                        |
 * | failed    | out     | it was given up, or sent back                                        |
 * | withdrawn | out     | somebody took it out of the queue                                    |
 */
export type TraceOutcome = 'delivered' | 'refused' | 'later' | 'waiting' | 'sent' | 'failed' | 'withdrawn'

export interface KeptTrace extends Omit<Trace, 'account'> {
  /** Rises; never reused. */
  readonly number: number
  /** When it came to that. */
  readonly settledAt: number
}
