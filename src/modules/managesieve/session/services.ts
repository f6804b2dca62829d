import type { ConnectionCount } from '../../../platform/connection-count.ts'
import type { CredentialVerifier, ScramVerifier } from '../../../ports/credentials.ts'
import type { Clock, Log, Meter } from '../../../ports/runtime.ts'
import type { SieveEngine } from '../../../ports/sieve.ts'
import type { SieveScripts } from '../../../ports/sieve-scripts.ts'

interface ManageSieveSettings {
  /** Lets people sign in without TLS: where something in front of us ends TLS. */
  readonly allowPlaintextAuth: boolean
  /** SCRAM knows passwords alone: of no use where only app tokens sign in. */
  readonly offerScram: boolean
  readonly maxConnectionsPerUserAndIp: number
  /** RFC 5804 §1.7 MAXREDIRECTS. */
  readonly maxRedirects: number
  /** The largest script that is kept. */
  readonly scriptBytes: number
}

export interface ManageSieveParts {
  readonly scripts: SieveScripts
  readonly engine: Pick<SieveEngine, 'capabilities'>
  readonly credentials: CredentialVerifier
  readonly scram: ScramVerifier
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: ManageSieveSettings
}

/** What all clients share. */
export interface Services extends ManageSieveParts {
  /** What `require` knows. */
  readonly extensions: readonly string[]
  readonly connections: ConnectionCount
}
