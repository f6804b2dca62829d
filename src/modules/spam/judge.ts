import { randomUUID } from 'node:crypto'
import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver, LocalDomains } from '../../ports/addresses.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { AuthReport } from '../../ports/mail-authentication.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { Meter } from '../../ports/runtime.ts'
import type { SenderSayings } from '../../ports/sender-lists.ts'
import type { Judgement, SpamJudge, TaughtMessage } from '../../ports/spam-judge.ts'
import { Experience } from './experience.ts'
import { fileRules } from './files/file-rules.ts'
import type { FuzzyFlag } from './known/likeness.ts'
import { SelfTeaching } from './learn/self-teaching.ts'
import { type DnsListParts, DnsLists } from './lists/dns-lists.ts'
import { askSenderNames } from './lists/sender-names.ts'
import { suspectsOf } from './lists/suspects.ts'
import { Looker, octetsRead } from './looker.ts'
import type { Came, Looked } from './looking.ts'
import { isAsked } from './memory/greylist.ts'
import type { SpamMemory } from './memory/memory.ts'
import { isNearby } from './nearby.ts'
import type { Tally } from './rspamd/tally.ts'
import { applyRules } from './rules/rule.ts'
import { isDoubtful, judgementOf, judgementOfOwn, putOff, unweighed } from './verdict.ts'

/** Whose mail it is. */
export interface Directory {
  readonly addresses: AddressResolver
  readonly domains: LocalDomains
  readonly listed: SenderSayings
}

export interface JudgeParts extends DnsListParts, Directory {
  readonly memory: () => SpamMemory
  readonly tally: Tally
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly meter: Meter
  readonly greylisting: boolean
  /** Whether the filter learns from its own verdicts. */
  readonly autolearn: boolean
  /** 0: none is kept. */
  readonly historyDays: number
}

/** Everything of strangers is weighed; who signed in, or sends from a trusted network, hears only what forces. */
export class RulesJudge implements SpamJudge {
  readonly #parts: JudgeParts
  readonly #looker = new Looker()
  readonly #lists: DnsLists
  readonly #experience: Experience
  readonly #selfTeaching: SelfTeaching

  constructor(parts: JudgeParts) {
    this.#parts = parts
    this.#lists = new DnsLists(parts)
    this.#experience = new Experience(parts)
    this.#selfTeaching = new SelfTeaching(parts)
  }

  /** A filter that fails lets mail pass: it is there to sort it. */
  async judge(arrival: Arrival, report: AuthReport, directory: Directory = this.#parts): Promise<Judgement> {
    const began = performance.now()
    try {
      return await this.#judge(arrival, report, directory)
    } catch (cause) {
      this.#parts.log.error('spam.failed', cause, { id: arrival.id, error: randomUUID() })
      return unweighed
    } finally {
      this.#parts.meter.observeSeconds('judge_seconds', (performance.now() - began) / 1000)
    }
  }

  /** What was told before is known by the memory itself. */
  async learn(messages: readonly TaughtMessage[]): Promise<{ kind: 'learned' }> {
    for (const { message, spam, account } of messages) await this.teach(message, spam, account)
    return { kind: 'learned' }
  }

  /** Undefined: nobody's, for all. */
  async teach(
    message: Uint8Array,
    spam: boolean,
    account: AccountId | undefined,
  ): Promise<'learned' | 'known' | 'unreadable'> {
    const { memory, clock } = this.#parts
    const looked = await this.#lookedAt(message.subarray(0, octetsRead))
    if (!looked) return 'unreadable'
    return memory().teach({ ...looked.tokens, prints: looked.prints }, spam, account, clock.now())
  }

  /** Keeps what a message is known again by under a flag, or forgets it; tells how much that is. */
  async mark(message: Uint8Array, flag: FuzzyFlag, keeps: boolean): Promise<number | 'unreadable'> {
    const { memory, clock } = this.#parts
    const looked = await this.#lookedAt(message.subarray(0, octetsRead))
    if (!looked) return 'unreadable'
    return memory().mark({ ...looked.tokens, prints: looked.prints }, flag, keeps, clock.now())
  }

  /** What a message says by itself, and experience of it. */
  async classify(message: Uint8Array, account: AccountId | undefined): Promise<Judgement | undefined> {
    const looked = await this.#lookedAt(message.subarray(0, octetsRead))
    if (!looked) return undefined
    const rules = [...looked.content, ...applyRules(fileRules, looked.files)]
    return judgementOf({ rules, taught: await this.#experience.ofText(looked, account), personal: [] })
  }

  /** A message that cannot be read teaches nothing, and must not keep the others waiting. */
  async #lookedAt(octets: Uint8Array): Promise<Looked | undefined> {
    try {
      return await this.#looker.look({ octets, index: undefined, came: undefined })
    } catch (cause) {
      this.#parts.log.error('spam.lesson-unreadable', cause)
      return undefined
    }
  }

  async #judge(arrival: Arrival, report: AuthReport, directory: Directory): Promise<Judgement> {
    const { message } = arrival
    const octets = await this.#parts.bytes.read(message, { from: 0, to: Math.min(message.size, octetsRead) })
    const isStranger = arrival.origin.kind === 'arrived'
    const came = isStranger ? await factsOf(arrival, report, directory) : undefined
    const looked = await this.#looker.look({ octets, index: message.index, came })
    const judgement = isStranger
      ? await this.#greylisted(arrival, octets, await this.#weigh(arrival, report, looked, directory))
      : judgementOfOwn(looked.content)
    if (!isStranger && judgement.action === 'accept') this.#experience.noteWritten(arrival)
    // What comes again is noted when it does.
    if (isStranger && judgement.action !== 'later') {
      this.#experience.note(arrival, report.checks, looked, judgement)
      // From nearby come programs that ask, and mail that came another way: nobody can tell who brought it.
      if (!isNearby(arrival.client.ip)) this.#selfTeaching.note(looked.tokens, judgement)
    }
    this.#parts.tally.note(judgement)
    if (judgement.reasons.length > 0) this.#explain(arrival, judgement)
    if (isStranger || judgement.action !== 'accept') this.#keep(arrival, judgement, report)
    return judgement
  }

  async #weigh(
    arrival: Arrival,
    { checks }: AuthReport,
    looked: Looked,
    directory: Directory,
  ): Promise<Judgement> {
    const { content, arrival: ways, names, files } = looked
    const { bytes } = this.#parts
    const { message } = arrival
    const [behind, known, named, taught] = await Promise.all([
      this.#looker.lookBehind(message, (range) => bytes.read(message, range)),
      this.#lists.ask(suspectsOf(arrival, names, checks)),
      askSenderNames(arrival, checks, this.#parts),
      this.#experience.of(arrival, checks, looked, directory),
    ])
    const attached = applyRules(fileRules, [...files, ...behind])
    const rules = [...content, ...ways, ...attached, ...known, ...named]
    return judgementOf({ rules, ...taught })
  }

  /** Who looks doubtful and is unknown has to come again. */
  async #greylisted(arrival: Arrival, octets: Uint8Array, judgement: Judgement): Promise<Judgement> {
    const { memory, clock, log, greylisting } = this.#parts
    if (!greylisting) return judgement
    const { greylist } = memory()
    if (isDoubtful(judgement))
      return isAsked(arrival) && !(await greylist.mayPass(arrival, octets, clock.now()))
        ? putOff(judgement)
        : judgement
    if (judgement.action === 'accept')
      void greylist.knows(arrival, clock.now()).catch((cause) => log.error('spam.greylist-failed', cause))
    return judgement
  }

  #keep(arrival: Arrival, judgement: Judgement, { checks }: AuthReport): void {
    if (this.#parts.historyDays > 0) this.#parts.memory().history.add(arrival, judgement, checks)
  }

  #explain({ id }: Arrival, { score, reasons, forcedBy }: Judgement): void {
    const why = reasons.map(sayReason).join(' ')
    this.#parts.log.info('message.judged', { id, score, why, ...(forcedBy && { forcedBy }) })
  }
}

/** What rules look at; plain data. */
async function factsOf(
  { sender, recipients, client, receivedAt, repliesEach = false }: Arrival,
  { checks }: AuthReport,
  { domains }: Directory,
): Promise<Came> {
  const ours = new Set<string>(await domains.list())
  return { arrival: { sender, recipients, client, receivedAt, repliesEach }, checks, ours }
}

function sayReason({ name, score, parameters }: Judgement['reasons'][number]): string {
  return `${name}(${score}${parameters ? `; ${parameters.join(', ')}` : ''})`
}
