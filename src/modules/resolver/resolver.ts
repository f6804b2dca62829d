import type {
  DnsExplanation,
  DnsOutcome,
  DnsQuestion,
  DnsReason,
  DnsResolver,
  DnsSecurity,
} from '../../ports/dns-resolver.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { Finding } from './cache.ts'
import type { Finder } from './finder.ts'
import { reason } from './reasons.ts'
import { typedRecords } from './records.ts'
import { Trace } from './trace.ts'
import { type Name, parseName } from './wire/name.ts'
import { isQueryOnly, typeNumber } from './wire/types.ts'

/** Aliases that are followed for one question. */
export const mostAliases = 11

/** The whole way of one question: each step but the last is an alias. */
type Way =
  | { readonly kind: 'found'; readonly steps: readonly Finding[]; readonly last: Finding }
  | { readonly kind: 'failed'; readonly steps: readonly Finding[]; readonly why: readonly DnsReason[] }

export async function followed(finder: Finder, name: Name, type: number, trace?: Trace): Promise<Way> {
  const steps: Finding[] = []
  let at: Name | undefined = name
  while (at !== undefined && steps.length <= mostAliases) {
    const found = await finder.find(at, type, trace)
    if (found.kind === 'failed') return { kind: 'failed', steps, why: found.why }
    const { finding, fromCache } = found
    const { found: what, security, signer, why } = finding
    trace?.steps.push({ name: at, found: what, security, signer, fromCache, why })
    steps.push(finding)
    // A forged alias leads nowhere.
    if (what !== 'alias' || security === 'bogus') return { kind: 'found', steps, last: finding }
    at = finding.target
  }
  const why = [reason('other', `${name} is an alias of an alias and so on, more than ${mostAliases} times.`)]
  return { kind: 'failed', steps, why }
}

/** RFC 4035 §4.9.3: a chain of answers is worth as much as its weakest. */
export function weakest(steps: readonly Finding[]): Finding['security'] {
  const rank = ['bogus', 'indeterminate', 'insecure', 'secure'] as const
  return rank[Math.min(...steps.map(({ security }) => rank.indexOf(security)))] ?? 'indeterminate'
}

export function resolverOn(finder: Finder, clock: Clock): DnsResolver {
  return {
    resolve: (question) => {
      const type = typeNumber(question.type)
      const kept = finder.known(question.name, type)
      // Most questions end here: a plain answer from memory.
      if (kept && kept.found !== 'alias' && !isQueryOnly(type)) return Promise.resolve(plain(kept, clock))
      return withinTime(answer(finder, clock, question), question, clock)
    },
    explain: async (question) => {
      const trace = new Trace()
      const outcome = await withinTime(answer(finder, clock, question, trace), question, clock)
      return explanation(outcome, trace)
    },
  }
}

async function answer(
  finder: Finder,
  clock: Clock,
  question: DnsQuestion,
  trace?: Trace,
): Promise<DnsOutcome> {
  const name = parseName(question.name)
  const type = typeNumber(question.type)
  if (name === undefined || isQueryOnly(type)) return impossible(question)
  const way = await followed(finder, name, type, trace)
  if (way.kind === 'failed') return later(way.why, `${name} cannot be found now.`)
  const security = weakest(way.steps)
  const why = way.steps.flatMap((step) => step.why)
  if (security === 'bogus') return { kind: 'bogus', security, why }
  return way.steps.length === 1
    ? plain(way.last, clock)
    : outcomeOf(way.last, { security, why, ttl: ttlOf(way.steps, clock) })
}

/** The outcome of a single step is the same object for all who ask, until its time is over by another second. */
function plain(finding: Finding, clock: Clock): DnsOutcome {
  const ttl = ttlOf([finding], clock)
  const kept = finding.outcome
  if (kept && (!('ttl' in kept) || kept.ttl === ttl)) return kept
  const { security, why } = finding
  const outcome: DnsOutcome =
    security === 'bogus' ? { kind: 'bogus', security, why } : outcomeOf(finding, { security, why, ttl })
  finding.outcome = outcome
  return outcome
}

function outcomeOf(
  last: Finding,
  facts: { readonly security: DnsSecurity; readonly why: readonly DnsReason[]; readonly ttl: number },
): DnsOutcome {
  const common = { ...facts, canonicalName: last.name }
  if (last.found !== 'records' || !last.set)
    return { kind: last.found === 'no-name' ? 'no-name' : 'no-data', ...common }
  last.typed ??= typedRecords(last.set)
  return { kind: last.typed.length > 0 ? 'records' : 'no-data', records: last.typed, ...common }
}

/** Whole seconds that are left of the shortest. */
export function ttlOf(steps: readonly Finding[], clock: Clock): number {
  const now = clock.now()
  const left = steps.map(({ freshUntil, ttl }) => Math.min(ttl, Math.ceil((freshUntil - now) / 1000)))
  return Math.max(0, Math.min(...left))
}

/** No server in the world has an answer to this. */
function impossible({ name, type }: DnsQuestion): DnsOutcome {
  const why = [reason('notSupported', `${type} of ${name} is nothing that can be asked for.`)]
  return { kind: 'no-name', security: 'indeterminate', why, ttl: 0, canonicalName: name }
}

function later(why: readonly DnsReason[], text: string): DnsOutcome {
  return { kind: 'later', reason: 'unreachable', text, why }
}

async function withinTime(
  work: Promise<DnsOutcome>,
  question: DnsQuestion,
  clock: Clock,
): Promise<DnsOutcome> {
  const over = new AbortController()
  const text = `There was not enough time to find ${question.name}.`
  const late = clock
    .sleep(Math.max(0, question.deadlineMs - clock.now()), over.signal)
    .then(() => later([reason('noReachableAuthority', text)], text))
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort()
  }
}

function explanation(outcome: DnsOutcome, trace: Trace): DnsExplanation {
  return { outcome, chain: [...trace.links], steps: [...trace.steps], asked: [...trace.asked] }
}
