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
