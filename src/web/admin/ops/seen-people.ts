import { type Address, domainOf } from '../../../lib/address.ts'
import type { AddressResolver } from '../../../ports/addresses.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { UserRow } from '../../../ports/directory-rows.ts'
import type { JudgedMessage } from '../../../ports/spam-history.ts'
import { type Actor, manages, outranks } from '../../site/actor.ts'

interface Parts {
  readonly admin: Pick<DirectoryAdmin, 'user' | 'managers' | 'departures'>
  readonly addresses: AddressResolver
}

/** Whom of a message somebody may know of. */
export type Sees = (address: string) => boolean

/** An alias of an alias of an alias: further on nobody is looked for. */
const mostHops = 4

/**
 * A manager sees the addresses of his domains, but nobody above him: neither a global admin who lives there nor what leads to
 * him alone, whatever it is called. Mailu's rule of who outranks whom.
 */
export async function seenIn(
  parts: Parts,
  actor: Actor,
  messages: readonly Pick<JudgedMessage, 'sender' | 'recipients'>[],
): Promise<Sees> {
  if (actor.isGlobal) return () => true
  const named = new Set(messages.flatMap(({ sender, recipients }) => [sender as Address, ...recipients]))
  const seen = new Set<string>()
  for (const address of named) {
    if (address !== '' && manages(actor, domainOf(address)) && !(await leadsAbove(parts, actor, address)))
      seen.add(address)
  }
  return (address) => seen.has(address)
}

async function leadsAbove(parts: Parts, actor: Actor, address: Address): Promise<boolean> {
  const people = await peopleBehind(parts, address, mostHops)
  for (const person of people) {
    if (await outranks(parts.admin, actor, person)) return false
  }
  return people.length > 0
}

type Person = Pick<UserRow, 'address' | 'globalAdmin'>

/** Who of ours reads what is sent there, also one who is switched off or leaves. */
async function peopleBehind(parts: Parts, address: Address, hops: number): Promise<readonly Person[]> {
  const { admin, addresses } = parts
  const user = (await admin.user(address)) ?? (await leaving(admin, address))
  if (user) return [user]
  const to = await addresses.resolve(address)
  if (to.kind !== 'hops' || hops === 0) return []
  const next = to.hops.filter((hop) => hop.address !== address)
  return (await Promise.all(next.map((hop) => peopleBehind(parts, hop.address, hops - 1)))).flat()
}

async function leaving({ departures }: Parts['admin'], address: Address): Promise<Person | undefined> {
  const row = (await departures()).find(({ user }) => user === address)
  return row && { address, globalAdmin: row.globalAdmin }
}
