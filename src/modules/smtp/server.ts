import type { Networks } from '../../lib/networks.ts'
import type { SenderPolicy } from '../../ports/addresses.ts'
import type { CredentialVerifier, ScramVerifier } from '../../ports/credentials.ts'
import type { Intake } from '../../ports/intake.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { OldServers } from '../../ports/old-servers.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import type { BinaryBudget } from './message/binary.ts'
import type { SmtpLimits, SmtpSettings } from './settings.ts'

/** What all sessions share. */
export interface Server {
  readonly intake: Intake
  readonly bytes: MessageBytes
  readonly credentials: CredentialVerifier
  readonly scram: ScramVerifier
  readonly oldServers: Pick<OldServers, 'enter'>
  readonly senders: SenderPolicy
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: SmtpSettings
  readonly limits: SmtpLimits
  readonly trusted: Networks
  readonly binaryBudget: BinaryBudget
  isDraining: boolean
  /** A new id for a message. */
  nextId(): string
}

/** Ids that sort by time and do not come back: milliseconds and a counter, base 36. */
export function createIds(clock: Clock): () => string {
  let counter = 0
  return () => {
    counter = (counter + 1) % 46_656
    return clock.now().toString(36) + counter.toString(36).padStart(3, '0')
  }
}
