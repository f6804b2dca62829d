import type { CredentialVerifier, ScramVerifier } from '../../../ports/credentials.ts'
import type { MailStore } from '../../../ports/mail-store.ts'
import type { OldServers } from '../../../ports/old-servers.ts'
import type { Clock, Log, Meter } from '../../../ports/runtime.ts'
import type { Locks } from '../maildrop/locks.ts'
import type { Sizes } from '../maildrop/sizes.ts'

interface Pop3Settings {
  readonly hostname: string
  /** Lets people sign in without TLS: where something in front of us ends TLS. */
  readonly allowPlaintextAuth: boolean
  /** SCRAM knows passwords alone: of no use where only app tokens sign in. */
  readonly offerScram: boolean
}

export interface Pop3Parts {
  readonly store: MailStore
  readonly credentials: CredentialVerifier
  readonly scram: ScramVerifier
  readonly oldServers: Pick<OldServers, 'enter'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: Pop3Settings
}

/** What all clients share. */
export interface Services extends Pop3Parts {
  readonly locks: Locks
  readonly sizes: Sizes
}
