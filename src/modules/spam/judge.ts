import { randomUUID } from 'node:crypto'
import { indexMessage } from '../../lib/mime/indexer.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { AddressResolver } from '../../ports/addresses.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { AuthReport } from '../../ports/mail-authentication.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import type { Judgement, SpamJudge, TaughtMessage } from '../../ports/spam-judge.ts'
import { type MessageContent, readContent } from './content/message-content.ts'
import { type Tokens, tokensOf } from './learn/tokens.ts'
import type { SpamMemory } from './memory/memory.ts'
import { arrivalRules } from './rules/arrival-rules.ts'
import { collectEvidence, type Evidence } from './rules/evidence.ts'
import { applyRules, type Hit } from './rules/rule.ts'
import { contentRules } from './rules/rules.ts'

export interface JudgeParts {
  readonly memory: () => SpamMemory
  readonly addresses: AddressResolver
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** Rspamd's scores, as Mailu leaves them. */
const rejectFrom = 15
const markFrom = 6
/** Points of one unit of the classifier's score, and how far it goes. */
const pointsPerUnit = 4
const mostPoints = 14
const fewestPoints = -10
/** What is looked at of a large message: the header and the first parts. */
const octetsRead = 512 * 1024

/** Everything of strangers is weighed; who signed in, or sends from a trusted network, is not a stranger. */
export class RulesJudge implements SpamJudge {
  readonly #parts: JudgeParts

  constructor(parts: JudgeParts) {
    this.#parts = parts
  }

  /** A filter that fails lets mail pass: it is there to sort it. */
  async judge(arrival: Arrival, report: AuthReport): Promise<Judgement> {
    if (arrival.origin.kind !== 'arrived') return nothing
    const began = performance.now()
    try {
      return await this.#judge(arrival, report)
    } catch (cause) {
      this.#parts.log.error('spam.failed', cause, { id: arrival.id, error: randomUUID() })
      return nothing
    } finally {
      this.#parts.meter.observeSeconds('judge_seconds', (performance.now() - began) / 1000)
    }
  }

  /** What was told before is known by the memory itself. */
  async learn(messages: readonly TaughtMessage[]): Promise<{ kind: 'learned' }> {
    const { memory, clock } = this.#parts
    for (const { message, spam, account } of messages) {
      const tokens = this.#tokensOf(message.subarray(0, octetsRead))
      if (tokens) await memory().teach(tokens, spam, account, clock.now())
    }
    return { kind: 'learned' }
  }

  /** A message that cannot be read teaches nothing, and must not keep the others waiting. */
  #tokensOf(octets: Uint8Array): Tokens | undefined {
    try {
      return lookAt(readContent(octets, indexMessage(octets))).tokens
    } catch (cause) {
      this.#parts.log.error('spam.lesson-unreadable', cause)
      return undefined
    }
  }

  async #judge(arrival: Arrival, { checks }: AuthReport): Promise<Judgement> {
    const { bytes, memory } = this.#parts
    const { message } = arrival
    const octets = await bytes.read(message, { from: 0, to: Math.min(message.size, octetsRead) })
    const looked = lookAt(readContent(octets, message.index))
    const ways = applyRules(arrivalRules, { ...looked.evidence, arrival, checks })
    const score = await memory().score(looked.tokens, await this.#onlyAccount(arrival))
    const test = isTest(looked.evidence.content) ? [gtube] : []
    const found = judgementOf([...test, ...looked.hits, ...ways], experience(score))
    // A test asks for nothing else, whatever speaks for its sender.
    const judgement: Judgement = test.length > 0 ? { ...found, action: 'reject', headers: '' } : found
    if (judgement.reasons.length > 0) this.#explain(arrival, judgement)
    return judgement
  }

  #explain({ id }: Arrival, { score, reasons }: Judgement): void {
    const why = reasons.map((reason) => `${reason.name}(${reason.score})`).join(' ')
    this.#parts.log.info('message.judged', { id, score, why })
  }

  /** Who has taught the filter something of his own is asked where the message is for him alone. */
  async #onlyAccount({ recipients }: Arrival): Promise<AccountId | undefined> {
    const [only] = recipients
    if (recipients.length !== 1 || !only) return undefined
    const found = await this.#parts.addresses.resolve(only.address)
    const hops = found.kind === 'hops' ? found.hops : []
    return hops.length === 1 && hops[0]?.kind === 'mailbox' ? hops[0].account : undefined
  }
}

/** What a message says by itself; the same now and when somebody moves it to Junk next week. */
function lookAt(content: MessageContent): { evidence: Evidence; hits: Hit[]; tokens: Tokens } {
  const evidence = collectEvidence(content)
  const hits = applyRules(contentRules, evidence)
  return {
    evidence,
    hits,
    tokens: tokensOf(
      content,
      hits.map(({ symbol }) => symbol),
    ),
  }
}

function experience(score: number | undefined): Hit[] {
  if (score === undefined) return []
  const weight = Math.min(mostPoints, Math.max(fewestPoints, score * pointsPerUnit))
  return weight > 0
    ? [{ symbol: 'BAYES_SPAM', weight, why: 'is like what was taken for spam before' }]
    : [{ symbol: 'BAYES_HAM', weight, why: 'is like what was wanted before' }]
}

/** "This is spam", for tests of a filter. https://spamassassin.apache.org/gtube/ */
const gtubeText = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
const gtube: Hit = { symbol: 'GTUBE', weight: rejectFrom, why: 'asks to be taken for spam, as a test' }

const isTest = ({ texts }: MessageContent): boolean => texts.some(({ text }) => text.includes(gtubeText))

const nothing: Judgement = { action: 'accept', score: 0, reasons: [], headers: '' }

/** Refused is only what looks like spam to everybody: what people taught files it. */
function judgementOf(rules: readonly Hit[], taught: readonly Hit[]): Judgement {
  const hits = [...rules, ...taught]
  const score = total(hits)
  const action = score >= rejectFrom && total(rules) >= markFrom ? 'reject' : 'accept'
  const reasons = hits.map(({ symbol, weight, why }) => ({ name: symbol, score: rounded(weight), why }))
  return { action, score, reasons, headers: action === 'reject' ? '' : headersFor(score) }
}

const rounded = (points: number): number => Math.round(points * 100) / 100
const total = (hits: readonly Hit[]): number => rounded(hits.reduce((sum, { weight }) => sum + weight, 0))

/** As Mailu's rspamd writes them; nothing where there is nothing to say. */
function headersFor(score: number): string {
  if (score < 1) return ''
  const stars = Math.floor(score)
  const mark = score >= markFrom ? 'X-Spam: Yes\r\n' : ''
  return `X-Spamd-Bar: ${'+'.repeat(stars)}\r\nX-Spam-Level: ${'*'.repeat(stars)}\r\n${mark}`
}
