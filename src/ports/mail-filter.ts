import type { Arrival, Refused } from './intake.ts'

/** Programs beside us that look at a message, and may refuse it or change its header: milters. */
export interface MailFilter {
  ask(question: {
    readonly arrival: Arrival
    /** The client's name, where it is known. */
    readonly clientName: string | undefined
  }): Promise<Filtered>
}

export type Filtered =
  | {
      readonly kind: 'passed'
      /** Fields to put on top, CRLF-ended. */
      readonly added: string
      /** In the order of the message; none lies over another. */
      readonly edits: readonly HeaderEdit[]
      /** Somebody should look at it before others do. */
      readonly isSuspect: boolean
    }
  | Refused

/** Octets `[from, to)` of the message become this text; one character is one octet. */
export interface HeaderEdit {
  readonly from: number
  readonly to: number
  readonly text: string
}
