import { domainOf } from '../../lib/address.ts'
import type { EnvelopeRecipient } from '../../ports/intake.ts'
import type { Leaving } from '../../ports/leaving.ts'
import type { Way } from '../../ports/outgoing-queue.ts'

/** By which way one of its recipients leaves at first. */
export const wayOf = (
  { anyhow }: Pick<Leaving, 'anyhow'>,
  { address, way = domainOf(address) }: Pick<EnvelopeRecipient, 'address' | 'way'>,
): Way => (anyhow ? `anyhow:${way}` : way)
