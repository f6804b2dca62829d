import { createHash } from 'node:crypto'
import { addressOctets, reversed } from '../../../lib/ip-octets.ts'
import type { DnsList } from './table.ts'

/** Whom and what lists are asked about: nothing of it is local. */
export interface Suspects {
  readonly client: string | undefined
  readonly hops: readonly string[]
  /** Names, as somebody registers them, and addresses. */
  readonly hosts: readonly string[]
  /** Names that links lead to: lists are asked where they are. */
  readonly linked: readonly string[]
  readonly mailboxes: readonly string[]
  readonly signers: readonly string[]
}

export interface ListQuestion {
  readonly list: DnsList
  /** Without the zone. */
  readonly name: string
  /** For a person. */
  readonly about: string
}

/** More than honest mail asks for. */
const mostQuestions = 80

export function questionsFor(lists: readonly DnsList[], suspects: Suspects): ListQuestion[] {
  return lists
    .flatMap((list) =>
      suspectsFor(list, suspects).flatMap((about) => {
        const name = nameFor(list, about)
        return name === undefined ? [] : [{ list, name, about }]
      }),
    )
    .slice(0, mostQuestions)
}

/** Where a name leads to. */
export interface Place {
  readonly host: string
  readonly address: string
}

export const questionsOfPlaces = (lists: readonly DnsList[], places: readonly Place[]): ListQuestion[] =>
  lists
    .filter(({ of }) => of === 'place')
    .flatMap((list) =>
      places.flatMap(({ host, address }) => {
        const name = nameFor(list, address)
        return name === undefined ? [] : [{ list, name, about: host }]
      }),
    )

function suspectsFor({ of }: DnsList, { client, hops, hosts, mailboxes, signers }: Suspects) {
  switch (of) {
    case 'client':
      return client === undefined ? [] : [client]
    case 'hop':
      return hops
    case 'host':
      return hosts
    case 'mailbox':
      return mailboxes
    case 'signer':
      return signers
    case 'place':
      return []
  }
}

function nameFor({ of, versions }: DnsList, about: string): string | undefined {
  if (of === 'mailbox') return createHash('sha1').update(plainMailbox(about)).digest('hex')
  const octets = addressOctets(about)
  if (!octets) return of === 'host' || of === 'signer' ? about : undefined
  // RFC 5782 §2.1, §2.4.
  return versions.includes(octets.length === 4 ? 4 : 6) ? reversed(octets) : undefined
}

/** One mailbox may be written in many ways; lists of swindlers know one of them. */
function plainMailbox(address: string): string {
  const [local = '', domain = ''] = address.toLowerCase().split('@')
  const name = local.replace(/\+.*$/, '')
  const isGoogle = domain === 'gmail.com' || domain === 'googlemail.com'
  return isGoogle ? `${name.replaceAll('.', '')}@gmail.com` : `${name}@${domain}`
}
