import { type Address, domainOf } from '../../lib/address.ts'
import type { Leaving } from '../../ports/leaving.ts'
import type { Way } from '../../ports/outgoing-queue.ts'

/** By which way one of its recipients leaves at first. */
export const wayOf = ({ anyhow }: Pick<Leaving, 'anyhow'>, address: Address): Way =>
  anyhow ? `anyhow:${domainOf(address)}` : domainOf(address)
