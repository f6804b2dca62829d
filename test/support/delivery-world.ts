import { type Address, parseAddress } from '../../src/lib/address.ts'
import { indexMessage } from '../../src/lib/mime/indexer.ts'
import { type Planned, Planner } from '../../src/modules/delivery/planner.ts'
import { People } from '../../src/modules/delivery/rules/person.ts'
import { sieveSettings } from '../../src/modules/delivery/rules/sieve-settings.ts'
import { createSieve } from '../../src/modules/sieve/index.ts'
import type { AccountId, AccountSettings } from '../../src/ports/accounts.ts'
import type { AddressResolver, Destination } from '../../src/ports/addresses.ts'
import type { Arrival, Origin } from '../../src/ports/intake.ts'
import type { Mailbox } from '../../src/ports/mail-store.ts'
import type { ActiveScript } from '../../src/ports/sieve-scripts.ts'
import type { Judgement } from '../../src/ports/spam-judge.ts'
import { createFakeClock } from './fakes/clock.ts'

const at = (text: string): Address => parseAddress(text) ?? ('never' as Address)

/** Somebody of a test's world. His account is his place in it, from 1. */
export interface Citizen {
  readonly address: string
  /** His own Sieve script. */
  readonly script?: string
  readonly forward?: { readonly to: readonly string[]; readonly keeps: boolean }
  readonly reply?: Partial<AccountSettings['reply']>
  readonly spam?: Partial<AccountSettings['spam']>
  readonly displayedName?: string
  readonly detailFiling?: boolean
  readonly folders?: readonly string[]
}

export interface World {
  readonly people: readonly Citizen[]
  readonly aliases?: Readonly<Record<string, readonly string[]>>
}

export interface Sent {
  readonly to: readonly string[]
  readonly from?: string
  readonly text?: string
  readonly score?: number
  readonly action?: Judgement['action']
  readonly origin?: Origin
  readonly repliesEach?: boolean
}

/** All of a test's people are in `a.test`; every other domain is foreign. */
export class DeliveryWorld {
  readonly planner: Planner
  readonly #engine = createSieve()
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    const clock = createFakeClock()
    this.planner = new Planner({
      addresses: { resolve: async (address) => this.#resolve(address) } satisfies AddressResolver,
      returnPaths: { leaving: async (sender) => ({ kind: 'path', sender }) },
      bytes: {
        read: async (ref, { from, to }) =>
          ref.kind === 'inline' ? ref.bytes.slice(from, to) : new Uint8Array(),
      },
      people: new People({
        accounts: { settings: async (account) => this.#settings(account) },
        scripts: { active: async (account) => this.#script(account) },
        engine: this.#engine,
        store: { mailboxes: async (account) => this.#mailboxes(account), annotations: async () => [] },
        notes: { list: async () => [] },
      }),
      engine: this.#engine,
      clock,
    })
  }

  plan(sent: Sent): Promise<Planned> {
    return this.planner.plan(questionOf(sent))
  }

  #resolve(address: Address): Destination {
    const [local = '', domain = ''] = address.split('@')
    if (domain !== 'a.test') return { kind: 'foreign' }
    const alias = this.#world.aliases?.[address]
    if (alias)
      return { kind: 'hops', hops: alias.map((to) => ({ kind: 'address', address: at(to), by: 'alias' })) }
    const [user = '', detail] = local.split('+')
    const place = this.#world.people.findIndex((one) => one.address === `${user}@${domain}`)
    const found = this.#world.people[place]
    if (!found) return { kind: 'unknown' }
    const account = (place + 1) as AccountId
    const forward = found.forward && { ...found.forward, to: found.forward.to.map(at) }
    return { kind: 'hops', hops: [{ kind: 'mailbox', account, address: at(found.address), detail, forward }] }
  }

  #citizen(account: AccountId): Citizen {
    return this.#world.people[account - 1] ?? { address: 'nobody@a.test' }
  }

  #settings(account: AccountId): { kind: 'account' } & AccountSettings {
    const { address, displayedName = '', reply, spam, detailFiling = false } = this.#citizen(account)
    return {
      kind: 'account',
      account,
      address: at(address),
      displayedName,
      enabled: true,
      quotaBytes: 0,
      timeZone: 'UTC',
      reply: { enabled: false, subject: '', body: '', start: '1900-01-01', end: '2999-12-31', ...reply },
      spam: { enabled: true, markAsRead: true, threshold: 80, ...spam },
      detailFiling,
    }
  }

  async #script(account: AccountId): Promise<ActiveScript> {
    const { script: text } = this.#citizen(account)
    if (text === undefined) return { kind: 'none' }
    const compiled = await this.#engine.compile({ name: 'main', text, library: [] })
    return compiled.kind === 'refused'
      ? { kind: 'broken', name: 'main', revision: 1, errors: compiled.errors }
      : { kind: 'script', name: 'main', revision: 1, script: compiled.script, warnings: [] }
  }

  #mailboxes(account: AccountId): readonly Mailbox[] {
    const { folders = [] } = this.#citizen(account)
    return ['INBOX', 'Junk', ...folders].map((name, place) => ({
      id: place + 1,
      name,
      uidValidity: 1,
      uidNext: 1,
      highestModSeq: 1,
      messages: 0,
      unseen: 0,
      deleted: 0,
      bytes: 0,
      subscribed: true,
      specialUse: name === 'Junk' ? '\\Junk' : undefined,
    }))
  }
}

export const plainText =
  'From: Sender <sender@else.test>\nTo: ann@a.test\nSubject: Offer\nMessage-ID: <1@else.test>\n\nBuy!\n'

export function questionOf(sent: Sent): Parameters<Planner['plan']>[0] {
  return {
    arrival: arrivalOf(sent),
    report: { header: '' },
    judgement: { action: sent.action ?? 'accept', score: sent.score ?? 0, reasons: [], headers: '' },
    rules: { noticeAfterMs: undefined, hostname: 'mx.a.test', sieve: sieveSettings('+') },
  }
}

function arrivalOf({ to, from = 'sender@else.test', text = plainText, origin, repliesEach }: Sent): Arrival {
  const bytes = new TextEncoder().encode(text.replace(/\r?\n/g, '\r\n'))
  return {
    id: 'm1',
    connection: 'c1',
    origin: origin ?? { kind: 'arrived' },
    sender: parseAddress(from),
    recipients: to.map((address) => ({
      address: at(address),
      notify: undefined,
      originalRecipient: undefined,
    })),
    message: { kind: 'inline', size: bytes.length, index: indexMessage(bytes), bytes },
    trace: 'Received: from x\r\n',
    client: { ip: '192.0.2.1', helo: 'else.test', tls: true },
    requireTls: false,
    smtpUtf8: false,
    envelopeId: undefined,
    returnContent: undefined,
    receivedAt: 1_000,
    ...(repliesEach === undefined ? {} : { repliesEach }),
  }
}

/** `ann: INBOX`, `bob: Junk \Seen`, `to x@b.test`, `550 5.7.1`: what a plan comes to, in few words. */
export function inShort(planned: Planned): readonly string[] {
  if (planned.kind === 'later') return [`later: ${planned.text}`]
  if (planned.kind === 'refused') return [`${planned.code} ${planned.status}`]
  const { copies, outgoing = [], made } = planned.delivery
  const say = (of: { copies: typeof copies; outgoing: typeof outgoing }, mark: string) => [
    ...of.copies.map(({ account, mailbox, flags }) => `${mark}${[account, mailbox, ...flags].join(' ')}`),
    ...of.outgoing.flatMap(({ recipients }) => recipients.map(({ address }) => `${mark}to ${address}`)),
  ]
  return [
    ...say({ copies, outgoing }, ''),
    ...made.flatMap((one) => say({ copies: one.copies, outgoing: one.outgoing }, `${one.content.kind}: `)),
  ]
}
