import type { Address } from '../lib/address.ts'
import type { Arrival } from './intake.ts'
import type { Delivery } from './mail-store.ts'
import type { TryLater } from './runtime.ts'

/** Mail that this server writes itself: reports. Nobody judges it, and nothing is refused at RCPT. */
export interface OwnMail {
  /** Where it would go. Changes nothing: who asked carries the delivery out, together with what it reports. */
  plan(arrival: Arrival): Promise<OwnMailPlan>
}

type OwnMailPlan =
  | { readonly kind: 'planned'; readonly delivery: Delivery }
  /** It leads nowhere, and nobody is told: a report about a report would go round for ever. RFC 5321 §6.1. */
  | { readonly kind: 'nowhere'; readonly text: string }
  | TryLater

/** The same for who has written no more than the message: it is stored, and its way is found out. */
export interface OwnLetters {
  /** Nothing is left behind where it goes nowhere. */
  plan(letter: OwnLetter): ReturnType<OwnMail['plan']>
}

export interface OwnLetter {
  readonly id: string
  readonly to: Address
  readonly whole: Uint8Array
  readonly requireTls: boolean
  readonly smtpUtf8: boolean
}
