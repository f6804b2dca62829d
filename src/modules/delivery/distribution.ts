import { type Address, parseAddress } from '../../lib/address.ts'
import { indexMessage } from '../../lib/mime/indexer.ts'
import { nextTurn } from '../../platform/next-turn.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { SieveAction, SieveEngine } from '../../ports/sieve.ts'
import { filingOf } from './collected.ts'
import { arrivalContent, type Content, contentOf, goingOn } from './content.ts'
import type { PlanFacts } from './plan-facts.ts'
import { copyPrefix } from './prefix.ts'
import type { Ends, Expansion, Forward, Target } from './resolve.ts'
import { noRuling, type Ruling, rule } from './rules/decide.ts'
import { factsFor, type SeenMessage } from './rules/facts.ts'
import { isPlain, type Person } from './rules/person.ts'
import { judgedFor, spamPercent } from './rules/spam-percent.ts'

/** A message on its way to one account. */
interface Share {
  readonly target: Target
  /** Place of the recipient of the arrival that led here. */
  readonly via: number
  /** The address that led here, as it was written. */
  readonly recipient: Address
  /** Whoever sent it on; undefined for those that the sender addressed. */
  readonly giver: AccountId | undefined
  readonly content: Content
}

/** What became of one account's share. */
export interface Standing {
  readonly share: Share
  readonly ruling: Ruling
  readonly filed: readonly Filed[]
  readonly gifts: readonly Gift[]
  readonly refusal: Extract<SieveAction, { kind: 'reject' }> | undefined
  /** Sentences, in order. */
  readonly steps: readonly string[]
}

interface Filed {
  readonly mailbox: string
  readonly flags: readonly string[]
  readonly content: Content
  /** Trace headers in front of the content. */
  readonly prefix: string
}

/** What an account's owner has sent on. */
export interface Gift {
  readonly ends: Ends
  readonly named: Address
  readonly content: Content
  /** Trace headers in front of the content, where it goes to another server. */
  readonly prefix: string
  /** The rule that said so; undefined for a forward of the settings. */
  readonly action: Extract<SieveAction, { kind: 'redirect' }> | undefined
}

/** What a plan has to know before it can be made; then it is made anew. */
export interface Needs {
  readonly accounts: Set<AccountId>
  readonly addresses: Set<Address>
  bytes: 'nothing' | 'header' | 'whole'
}

/**
 * Hands a message to everybody whom it is for, and on to those to whom they send it, level by level. Every account has its say once, so
 * that circles end; the first way that led to it counts.
 */
export class Distribution {
  readonly standings = new Map<AccountId, Standing>()
  readonly needs: Needs = { accounts: new Set(), addresses: new Set(), bytes: 'nothing' }
  /** Sentences about each recipient of the arrival beside those of the standings. */
  readonly notes: string[][]
  readonly #facts: PlanFacts
  readonly #engine: Pick<SieveEngine, 'evaluate'>
  readonly #forwards: ReadonlyMap<AccountId, Forward>
  #before: ReadonlySet<string> | undefined

  constructor(facts: PlanFacts, engine: Pick<SieveEngine, 'evaluate'>) {
    const { expansions, elsewhere } = facts.snapshot
    this.#facts = facts
    this.#engine = engine
    this.#forwards = new Map(
      [...elsewhere.values(), ...expansions].flatMap(({ forwards }) =>
        forwards.map((one) => [one.account, one]),
      ),
    )
    this.notes = expansions.map(() => [])
  }

  async run(): Promise<void> {
    let level = this.#facts.snapshot.expansions.flatMap(({ mailboxes, recipient }, via) =>
      mailboxes.map(
        (target): Share => ({ target, via, recipient, giver: undefined, content: arrivalContent }),
      ),
    )
    while (level.length > 0) {
      const next: Share[] = []
      for (const share of level) {
        const { account, address } = share.target
        if (this.standings.has(account)) {
          this.notes[share.via]?.push(`${address} has it already, by another recipient`)
          continue
        }
        const standing = await this.#settle(share)
        this.standings.set(account, standing)
        // A list of a hundred people with rules keeps nobody else waiting.
        if (standing.ruling !== noRuling) await nextTurn()
        next.push(...sharesOf(standing))
      }
      level = next
    }
    this.#breakCircles()
  }

  async #settle(share: Share): Promise<Standing> {
    const { account } = share.target
    const { people } = this.#facts.snapshot
    if (!people.has(account)) this.needs.accounts.add(account)
    const person = people.get(account)
    const forward = this.#forwards.get(account)
    const prefix = this.#prefix(share)
    if (forward === undefined && (person === undefined || isPlain(person))) {
      const { mailbox, flags } = filingOf(this.#facts.arrival, account)
      const filed = { mailbox, flags, content: share.content, prefix }
      return {
        share,
        ruling: noRuling,
        filed: [filed],
        gifts: [],
        refusal: undefined,
        steps: [`filed in ${mailbox}`],
      }
    }
    const wasHere = this.#wasHere(share)
    const keeps = forward === undefined || forward.keeps || wasHere || isNowhere(forward.ends)
    const ruling = person ? await this.#rule(share, person, prefix, keeps) : noRuling
    return this.#carryOut({ share, ruling, forward, wasHere, keeps, person, prefix })
  }

  async #rule(share: Share, person: Person, prefix: string, withScript: boolean): Promise<Ruling> {
    const message = this.#seen(share.content, person)
    if (message === undefined) return noRuling
    const { arrival, judgement, snapshot, rules } = this.#facts
    const account = share.target.account
    const facts = factsFor({
      arrival,
      person,
      recipient: share.recipient,
      message,
      prefix,
      percent: spamPercent(judgement, account),
      now: snapshot.now,
      seed: snapshot.seed,
      seen: snapshot.seen.filter((one) => one.account === account).map(({ key }) => key),
      settings: rules.sieve,
      hostname: rules.hostname,
    })
    return rule(this.#engine, { person, facts, withScript })
  }

  /** Undefined where the octets have to be read first. */
  #seen(content: Content, { script }: Person): SeenMessage | undefined {
    const { index } = this.#facts.arrival.message
    const { bytes } = this.#facts.snapshot
    const asksForBody = script.kind === 'script' && script.script.needsBody
    const isBuilt = content.kind === 'edited' && content.body === undefined
    const missing = (asksForBody || isBuilt ? index.size : index.headerBytes) - (bytes?.length ?? 0)
    if (bytes === undefined || missing > 0) {
      this.#need(asksForBody || isBuilt ? 'whole' : 'header')
      return undefined
    }
    if (content.kind === 'arrival') return { index, bytes }
    const whole =
      content.kind === 'written'
        ? content.bytes
        : Buffer.concat([content.header, content.body ?? bytes.subarray(index.headerBytes)])
    return { index: indexMessage(whole), bytes: whole }
  }

  #need(bytes: 'header' | 'whole'): void {
    if (this.needs.bytes !== 'whole') this.needs.bytes = bytes
  }

  #carryOut(of: {
    readonly share: Share
    readonly ruling: Ruling
    readonly forward: Forward | undefined
    readonly wasHere: boolean
    readonly keeps: boolean
    readonly person: Person | undefined
    readonly prefix: string
  }): Standing {
    const { share, ruling, forward, wasHere, prefix } = of
    const refusal = ruling.actions.find((action) => action.kind === 'reject')
    const steps = [...ruling.steps]
    if (refusal) return { share, ruling, filed: [], gifts: [], refusal, steps }
    const gifts = [
      ...this.#forwarded({ share, forward: ruling.isPutAway ? undefined : forward, wasHere, steps }),
      ...this.#redirected({ share, ruling, wasHere, prefix, steps }),
    ]
    const filed =
      of.keeps || ruling.isPutAway
        ? filings({ ...of, usual: filingOf(this.#facts.arrival, share.target.account), steps })
        : []
    const isSentOn = ruling.actions.some(({ kind }) => kind === 'redirect')
    // Sent on to nobody, and kept nowhere: nothing is to be lost by that.
    if (isSentOn && filed.length + gifts.length === 0) {
      filed.push({ mailbox: 'INBOX', flags: [], content: share.content, prefix })
      steps.push('filed in INBOX, since it leads nowhere else')
    }
    return { share, ruling, filed, gifts, refusal: undefined, steps }
  }

  #forwarded(of: {
    readonly share: Share
    readonly forward: Forward | undefined
    readonly wasHere: boolean
    readonly steps: string[]
  }): Gift[] {
    const { share, forward, wasHere, steps } = of
    if (forward === undefined) return []
    steps.push(...forward.ends.steps)
    if (wasHere || isNowhere(forward.ends)) {
      steps.push(wasHere ? 'not sent on again: it was here before' : 'not sent on: nobody is there')
      return []
    }
    const { address } = share.target
    const to = [...forward.ends.mailboxes.map((target) => target.address), ...forward.ends.outside]
    steps.push(`sent on to ${to.join(', ')}, as the settings say`)
    const { content } = share
    return [
      { ends: forward.ends, named: address, content, prefix: this.#leavingPrefix(share), action: undefined },
    ]
  }

  #redirected(of: {
    readonly share: Share
    readonly ruling: Ruling
    readonly wasHere: boolean
    readonly prefix: string
    readonly steps: string[]
  }): Gift[] {
    const { share, ruling, wasHere, steps } = of
    return ruling.actions.flatMap((action) => {
      if (action.kind !== 'redirect') return []
      const expansion = this.#expansionOf(action.to)
      if (expansion === undefined) return []
      if (wasHere || isNowhere(expansion)) {
        steps.push(`${action.to}: ${wasHere ? 'not sent on again, it was here before' : 'nobody is there'}`)
        return []
      }
      const own = ruling.versions[action.version]?.header !== undefined
      return {
        ends: expansion,
        named: expansion.recipient,
        content: own ? goingOn(contentOf(ruling.versions[action.version])) : share.content,
        prefix: own ? '' : this.#leavingPrefix(share),
        action,
      }
    })
  }

  /** Undefined where it has to be looked up first, or is no address. */
  #expansionOf(text: string): Expansion | undefined {
    const address = parseAddress(text)
    if (address === undefined) return undefined
    const expansion = this.#facts.snapshot.elsewhere.get(address)
    if (expansion === undefined) this.needs.addresses.add(address)
    return expansion
  }

  /** Whoever forwards to somebody who forwards back, and so on: one of them keeps it. */
  #breakCircles(): void {
    for (const [account, standing] of this.standings) {
      if (this.#leadsSomewhere(account)) continue
      const { share, steps } = standing
      const filed = { mailbox: 'INBOX', flags: [], content: share.content, prefix: this.#prefix(share) }
      const step = 'filed in INBOX, since it would go round in circles'
      this.standings.set(account, { ...standing, filed: [filed], steps: [...steps, step] })
    }
  }

  #leadsSomewhere(from: AccountId): boolean {
    const ahead = [from]
    const seen = new Set<AccountId>()
    for (const account of ahead) {
      const standing = this.standings.get(account)
      if (seen.has(account) || standing === undefined) continue
      seen.add(account)
      const { filed, gifts, refusal } = standing
      const isEnd = filed.length > 0 || gifts.length === 0 || refusal !== undefined
      if (isEnd || gifts.some(({ ends }) => ends.outside.length > 0)) return true
      ahead.push(...gifts.flatMap(({ ends }) => ends.mailboxes.map((target) => target.account)))
    }
    return false
  }

  #prefix({ target, recipient, content }: Share): string {
    const { sender, trace } = this.#facts.arrival
    const isArrival = content.kind === 'arrival'
    return copyPrefix({
      sender,
      recipient,
      owner: target.address,
      // What rules changed bears these already.
      results: isArrival ? this.#resultsFor(target.account) : '',
      trace: isArrival ? trace : '',
    })
  }

  #resultsFor(account: AccountId): string {
    const { report, judgement } = this.#facts
    return report.header + judgedFor(judgement, account).headers
  }

  /** RFC 5321 §6.3: so that it is known when it comes back. */
  #leavingPrefix({ target, content }: Share): string {
    const { trace } = this.#facts.arrival
    const results = content.kind === 'arrival' ? this.#resultsFor(target.account) + trace : ''
    return `Delivered-To: ${target.address}\r\n${results}`
  }

  /** RFC 5321 §6.3: who sent it on then would send it round for ever. */
  #wasHere({ target }: Share): boolean {
    const { bytes } = this.#facts.snapshot
    if (bytes === undefined) {
      this.#need('header')
      return false
    }
    this.#before ??= deliveredTo(bytes.subarray(0, this.#facts.arrival.message.index.headerBytes))
    return this.#before.has(target.address)
  }
}

function isNowhere({ mailboxes, outside }: Ends): boolean {
  return mailboxes.length + outside.length === 0
}

function sharesOf({ share, gifts }: Standing): Share[] {
  return gifts.flatMap(({ ends, named, content }) =>
    ends.mailboxes.map((target) => ({
      target,
      via: share.via,
      recipient: named,
      giver: share.target.account,
      content,
    })),
  )
}

function filings(of: {
  readonly share: Share
  readonly ruling: Ruling
  readonly person: Person | undefined
  readonly prefix: string
  readonly usual: ReturnType<typeof filingOf>
  readonly steps: string[]
}): Filed[] {
  const { share, ruling, person, prefix, usual, steps } = of
  const filed: Filed[] = []
  for (const action of ruling.actions) {
    if (action.kind !== 'file') continue
    if (action.implicit) steps.push(`filed in ${usual.mailbox}: no rule says otherwise`)
    const own = ruling.versions[action.version]?.header !== undefined
    const content = own ? contentOf(ruling.versions[action.version]) : share.content
    const mailbox = action.mailbox === undefined ? usual.mailbox : whereTo(action, person, steps)
    if (filed.some((one) => one.mailbox === mailbox)) continue
    filed.push({
      mailbox,
      flags: [...new Set([...action.flags, ...usual.flags])],
      content,
      prefix: own ? '' : prefix,
    })
  }
  return filed
}

/** RFC 5228 §4.1, RFC 5490 §3.2: what is not to be made, and is not there, leaves the message in the INBOX. */
function whereTo(
  { mailbox = 'INBOX', create }: Extract<SieveAction, { kind: 'file' }>,
  person: Person | undefined,
  steps: string[],
): string {
  if (mailbox === 'INBOX' || create || person?.mailboxes.some(({ name }) => name === mailbox)) return mailbox
  steps.push(`there is no folder ${mailbox}: filed in INBOX`)
  return 'INBOX'
}

function deliveredTo(header: Uint8Array): ReadonlySet<string> {
  const text = Buffer.from(header.buffer, header.byteOffset, header.length).toString('latin1')
  const found = text.matchAll(/^delivered-to:[ \t]*<?([^\s<>]+)>?[ \t]*$/gim)
  return new Set([...found].map(([, address = '']) => address.toLowerCase()))
}
