import { randomUUID } from 'node:crypto'
import type { AddressResolver, LocalDomains } from '../../ports/addresses.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { AuthReport } from '../../ports/mail-authentication.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { Meter } from '../../ports/runtime.ts'
import type { Judgement, SpamJudge, TaughtMessage } from '../../ports/spam-judge.ts'
import type { Tokens } from './learn/tokens.ts'
import { type DnsListParts, DnsLists } from './lists/dns-lists.ts'
import { askSenderNames } from './lists/sender-names.ts'
import { suspectsOf } from './lists/suspects.ts'
import { Looker, octetsRead } from './looker.ts'
import type { Came, Looked } from './looking.ts'
import type { SpamMemory } from './memory/memory.ts'
import { accountsOf } from './recipients.ts'
import type { Hit } from './rules/rule.ts'
import { type Found, judgementOf, judgementOfOwn, unweighed } from './verdict.ts'

export interface JudgeParts extends DnsListParts {
  readonly memory: () => SpamMemory
  readonly addresses: AddressResolver
  readonly domains: LocalDomains
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly meter: Meter
}

/** Points of one unit of the classifier's score, and how far it goes. */
const pointsPerUnit = 4
const mostPoints = 14
const fewestPoints = -10

/** Everything of strangers is weighed; who signed in, or sends from a trusted network, hears only what forces. */
export class RulesJudge implements SpamJudge {
  readonly #parts: JudgeParts
  readonly #looker = new Looker()
  readonly #lists: DnsLists

  constructor(parts: JudgeParts) {
    this.#parts = parts
    this.#lists = new DnsLists(parts)
  }

  /** A filter that fails lets mail pass: it is there to sort it. */
  async judge(arrival: Arrival, report: AuthReport): Promise<Judgement> {
    const began = performance.now()
    try {
      return await this.#judge(arrival, report)
    } catch (cause) {
      this.#parts.log.error('spam.failed', cause, { id: arrival.id, error: randomUUID() })
      return unweighed
    } finally {
      this.#parts.meter.observeSeconds('judge_seconds', (performance.now() - began) / 1000)
    }
  }

  /** What was told before is known by the memory itself. */
  async learn(messages: readonly TaughtMessage[]): Promise<{ kind: 'learned' }> {
    const { memory, clock } = this.#parts
    for (const { message, spam, account } of messages) {
      const tokens = await this.#tokensOf(message.subarray(0, octetsRead))
      if (tokens) await memory().teach(tokens, spam, account, clock.now())
    }
    return { kind: 'learned' }
  }

  /** A message that cannot be read teaches nothing, and must not keep the others waiting. */
  async #tokensOf(octets: Uint8Array): Promise<Tokens | undefined> {
    try {
      return (await this.#looker.look({ octets, index: undefined, came: undefined })).tokens
    } catch (cause) {
      this.#parts.log.error('spam.lesson-unreadable', cause)
      return undefined
    }
  }

  async #judge(arrival: Arrival, report: AuthReport): Promise<Judgement> {
    const { message } = arrival
    const octets = await this.#parts.bytes.read(message, { from: 0, to: Math.min(message.size, octetsRead) })
    const isStranger = arrival.origin.kind === 'arrived'
    const came = isStranger ? await this.#factsOf(arrival, report) : undefined
    const looked = await this.#looker.look({ octets, index: message.index, came })
    const judgement = isStranger ? await this.#weigh(arrival, report, looked) : judgementOfOwn(looked.content)
    if (judgement.reasons.length > 0) this.#explain(arrival, judgement)
    return judgement
  }

  /** What rules look at; plain data. */
  async #factsOf({ sender, recipients, client, receivedAt }: Arrival, { checks }: AuthReport): Promise<Came> {
    const ours = new Set<string>(await this.#parts.domains.list())
    return { arrival: { sender, recipients, client, receivedAt }, checks, ours }
  }

  async #weigh(arrival: Arrival, { checks }: AuthReport, looked: Looked): Promise<Judgement> {
    const { content, arrival: ways, tokens, names } = looked
    const [known, named, taught] = await Promise.all([
      this.#lists.ask(suspectsOf(arrival, names, checks)),
      askSenderNames(arrival, checks, this.#parts),
      this.#taught(arrival, tokens),
    ])
    return judgementOf({ rules: [...content, ...ways, ...known, ...named], ...taught })
  }

  #explain({ id }: Arrival, { score, reasons, forcedBy }: Judgement): void {
    const why = reasons.map(sayReason).join(' ')
    this.#parts.log.info('message.judged', { id, score, why, ...(forcedBy && { forcedBy }) })
  }

  /** Who gets it alone is asked alone; among several everybody, and whoever has something of his own to say. */
  async #taught(arrival: Arrival, tokens: Tokens): Promise<Pick<Found, 'taught' | 'personal'>> {
    const memory = this.#parts.memory()
    const [only, ...others] = await accountsOf(this.#parts.addresses, arrival.recipients)
    if (only === undefined || others.length === 0)
      return { taught: experience(await memory.score(tokens, only)), personal: [] }
    const common = await memory.score(tokens, undefined)
    const personal: Found['personal'][number][] = []
    for (const account of [only, ...others]) {
      const own = await memory.score(tokens, account)
      if (own !== common) personal.push({ account, taught: experience(own) })
    }
    return { taught: experience(common), personal }
  }
}

function sayReason({ name, score, parameters }: Judgement['reasons'][number]): string {
  return `${name}(${score}${parameters ? `; ${parameters.join(', ')}` : ''})`
}

function experience(score: number | undefined): Hit[] {
  if (score === undefined) return []
  const weight = Math.min(mostPoints, Math.max(fewestPoints, score * pointsPerUnit))
  return weight > 0
    ? [{ symbol: 'BAYES_SPAM', weight, why: 'is like what was taken for spam before' }]
    : [{ symbol: 'BAYES_HAM', weight, why: 'is like what was wanted before' }]
}
