import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { indexMessage } from '../src/lib/mime/indexer.ts'
import { readContent } from '../src/modules/spam/content/message-content.ts'
import { learn, spamScore } from '../src/modules/spam/learn/classifier.ts'
import { type MailClass, TokenCounts } from '../src/modules/spam/learn/token-counts.ts'
import { type Tokens, tokensOf } from '../src/modules/spam/learn/tokens.ts'
import { collectEvidence } from '../src/modules/spam/rules/evidence.ts'
import { applyRules } from '../src/modules/spam/rules/rule.ts'
import { contentRules } from '../src/modules/spam/rules/rules.ts'
import { createRandom, type Random } from './load/random.ts'

interface Known {
  readonly as: MailClass
  readonly tokens: Tokens
  readonly weight: number
}

const seeds = [1, 2, 3, 4, 5]
const falsePositives = [0.001, 0.005]
/** What one point of the rules counts beside the classifier's. */
const weightOfRules = 0.5

/**
 * How well content alone tells spam from ham: the SpamAssassin public corpus (folders `easy-ham-1` … `spam-2`, a file a
 * message), taught on one half, judged on the other, over five seeds.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: { corpus: { type: 'string', default: '/var/tmp/spamassassin-public-corpus' } },
  })
  const corpus = String(values['corpus'])
  if (!existsSync(corpus)) {
    console.log(`judge: no corpus in ${corpus}; name the unpacked one by --corpus FOLDER`)
    return
  }
  const spent = { read: 0, rules: 0, tokens: 0 }
  const messages = readdirSync(corpus).flatMap((folder) => readFolder(join(corpus, folder), spent))
  console.log(
    `judge: ${messages.length} messages; milliseconds each for reading ${ms(spent.read, messages)}, rules ${ms(spent.rules, messages)}, tokens ${ms(spent.tokens, messages)}`,
  )
  const rows = seeds.map((seed) => judged(messages, createRandom(seed)))
  for (const [at, rate] of falsePositives.entries()) {
    const caught = rows.map((row) => row[at] ?? 0)
    const mean = caught.reduce((sum, one) => sum + one, 0) / caught.length
    console.log(
      `  spam caught where ${percent(rate)} of ham is not passed: ${percent(mean)} [${percent(Math.min(...caught))}–${percent(Math.max(...caught))}]`,
    )
  }
}

const ms = (spent: number, { length }: readonly Known[]): string => (spent / length).toFixed(2)
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

function readFolder(folder: string, spent: Record<'read' | 'rules' | 'tokens', number>): Known[] {
  const as = /spam-\d+$/.test(folder) ? 'spam' : 'ham'
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const octets = withoutTraces(readFileSync(join(folder, file)))
      const began = performance.now()
      const content = readContent(octets, indexMessage(octets))
      const read = performance.now()
      const hits = applyRules(contentRules, collectEvidence(content))
      const ruled = performance.now()
      // The bench took the dates away itself.
      const symbols = hits.map(({ symbol }) => symbol).filter((symbol) => symbol !== 'MISSING_DATE')
      const tokens = tokensOf(content, symbols)
      spent.read += read - began
      spent.rules += ruled - read
      spent.tokens += performance.now() - ruled
      return { as, tokens, weight: hits.reduce((sum, { weight }) => sum + weight, 0) }
    })
}

/** Fields by which the two classes were collected, and not written: a classifier that learns them learns nothing. */
const traces =
  /^(?:received|return-path|delivered-to|delivery-date|x-spam[^:]*|list-[^:]*|x-beenthere|x-mailman[^:]*|errors-to|sender|x-loop|precedence|date|x-egroups[^:]*|mailing-list|x-yahoo[^:]*|x-original-(?:date|to)|x-pyzor|envelope-to|x-(?:mailing)?list[^:]*|(?:x-)?status|x-keywords|x-uidl?|old-return-path|resent-[^:]*|replied|forwarded|x-mimetrack|x-authentication-warning):.*\r\n(?:[ \t].*\r\n)*/gim

function withoutTraces(file: Buffer): Buffer {
  const lines = file
    .toString('latin1')
    .replace(/^From .*\n/, '')
    .replace(/\r?\n/g, '\r\n')
  const body = lines.indexOf('\r\n\r\n') + 2
  return Buffer.from(lines.slice(0, body).replace(traces, '') + lines.slice(body), 'latin1')
}

/** Caught spam for each rate of false positives. */
function judged(messages: readonly Known[], random: Random): number[] {
  const taught: Known[] = []
  const asked: Known[] = []
  for (const message of messages) (random.next() < 0.5 ? taught : asked).push(message)
  const counts = taughtWith(taught, random)
  const score = ({ tokens, weight }: Known) => spamScore(tokens, counts) + weightOfRules * weight
  const ofClass = (as: MailClass) => asked.filter((message) => message.as === as).map(score)
  const ham = ofClass('ham').sort((one, other) => other - one)
  const spam = ofClass('spam')
  return falsePositives.map((rate) => {
    const threshold = ham[Math.floor(ham.length * rate)] ?? 0
    return spam.filter((one) => one > threshold).length / spam.length
  })
}

/** Twice through, in a random order: what was known well the first time may not be the second. */
function taughtWith(messages: readonly Known[], random: Random): TokenCounts {
  const counts = new TokenCounts()
  const learned = new Set<Known>()
  for (const message of [...shuffled(messages, random), ...shuffled(messages, random)])
    if (!learned.has(message) && learn(message.tokens, message.as, counts)) learned.add(message)
  return counts
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, order: random.next() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item)
}
