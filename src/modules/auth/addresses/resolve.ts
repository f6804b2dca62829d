import { type Address, domainOf, localPartOf } from '../../../lib/address.ts'
import type { Destination, Hop } from '../../../ports/addresses.ts'
import type { User } from '../directory/rows.ts'
import type { Snapshot } from '../directory/snapshot.ts'
import { oldServerOf } from '../elsewhere.ts'
import { type Match, matchAddress } from './matching.ts'
import type { ReturnAddresses } from './return-addresses.ts'

export interface AddressRules {
  /** A set of characters. */
  readonly recipientDelimiter: string
  readonly postmaster: Address
  readonly returns: ReturnAddresses
}

export function resolveAddress(snapshot: Snapshot, rules: AddressRules, address: Address): Destination {
  const original = rules.returns.reverse(snapshot, address)
  if (original) return { kind: 'hops', hops: [{ kind: 'address', address: original, by: 'return' }] }
  const match = matchAddress(snapshot, rules.recipientDelimiter, address)
  switch (match.kind) {
    case 'foreign':
      return { kind: snapshot.relays.has(domainOf(address)) ? 'relayed' : 'foreign' }
    case 'user':
      if (oldServerOf(snapshot, match.user)) return passedOn(address, match.user)
      return { kind: 'hops', hops: [mailboxOf(snapshot, rules, match)] }
    case 'alias':
      return {
        kind: 'hops',
        hops: match.destinations.map((to) => ({ kind: 'address', address: to, by: 'alias' })),
      }
    case 'disabled':
    case 'nobody':
      return (
        postmasterOf(snapshot, rules, address) ?? { kind: match.kind === 'disabled' ? 'disabled' : 'unknown' }
      )
  }
}

/** Under his own address alone: his old server may know neither other domains nor `+detail`. */
function passedOn(address: Address, user: User): Destination {
  if (address === user.address) return { kind: 'relayed' }
  return { kind: 'hops', hops: [{ kind: 'address', address: user.address, by: 'alias' }] }
}

function mailboxOf(
  snapshot: Snapshot,
  rules: AddressRules,
  { user, detail }: Extract<Match, { kind: 'user' }>,
): Hop {
  const mailbox = { kind: 'mailbox', account: user.account, address: user.address, detail } as const
  if (!user.forwardEnabled) return { ...mailbox, forward: undefined }
  // Who forwards to himself keeps a copy.
  const isHimself = (to: Address) => {
    const match = matchAddress(snapshot, rules.recipientDelimiter, to)
    return match.kind === 'user' && match.user.account === user.account
  }
  const to = user.forwardDestination.filter((one) => !isHimself(one))
  const keeps = user.forwardKeep || to.length < user.forwardDestination.length
  return { ...mailbox, forward: to.length > 0 ? { to, keeps } : undefined }
}

// RFC 5321 §4.5.1: mail to the postmaster of a domain we serve is always accepted.
function postmasterOf(snapshot: Snapshot, rules: AddressRules, address: Address): Destination | undefined {
  if (localPartOf(address) !== 'postmaster') return undefined
  const set = matchAddress(snapshot, rules.recipientDelimiter, rules.postmaster)
  if (rules.postmaster !== address && (set.kind === 'user' || set.kind === 'alias')) {
    return { kind: 'hops', hops: [{ kind: 'address', address: rules.postmaster, by: 'alias' }] }
  }
  const admin = firstAdmin(snapshot)
  return admin && { kind: 'hops', hops: [{ kind: 'address', address: admin.address, by: 'alias' }] }
}

function firstAdmin({ users }: Snapshot): User | undefined {
  const admins = [...users.values()].filter((user) => user.globalAdmin && user.enabled)
  return admins.sort((a, b) => (a.address < b.address ? -1 : 1))[0]
}
