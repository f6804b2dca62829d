import { type DnsRecord, zoneText } from '../../../lib/dns-record.ts'
import type { DnsExplanation, DnsOutcome, DnsReason, DnsType } from '../../../ports/dns-resolver.ts'
import type { Kind } from '../../settings/kinds.ts'
import { type Answer, done } from '../answer.ts'
import { argument, type Verb, verb } from '../verb.ts'

const name: Kind<string> = {
  expected: 'a name, such as example.org',
  read: (value) => (/^[\w.*\-\u{80}-\u{10ffff}]{1,253}$/u.test(value) ? { value } : undefined),
}

const type: Kind<DnsType> = {
  expected: 'a type of records, such as MX or TYPE257',
  read: (value) => (/^[A-Za-z]+\d{0,5}$/.test(value) ? { value: value.toUpperCase() as DnsType } : undefined),
}

/** Enough for a name that hangs on many others. */
const patienceMs = 30_000

export const dnsVerbs: Readonly<Record<string, Verb>> = {
  'dns explain': verb({
    summary: 'Shows how a name is found: who vouches for it, and which link is broken',
    takes: {
      name: argument(name, 'A name, such as example.org'),
      type: argument(type, 'What is asked for: MX, A, AAAA, TLSA, TXT …'),
    },
    run: async ({ dns }, question) =>
      said(await dns.explain({ ...question, deadlineMs: Date.now() + patienceMs })),
  }),
}

function said(explanation: DnsExplanation): Answer {
  const { outcome, chain, steps, asked } = explanation
  const lines = [
    ...headline(outcome),
    ...section(
      'Who vouches for it',
      chain.map(({ zone, state, keys, ds, why }) => {
        const numbers = keys.length > 0 ? ` keys ${keys.join(', ')}` : ''
        const vouched = ds.length > 0 ? `; its parent vouches for ${ds.join(', ')}` : ''
        return `${zone} ${state}${numbers}${vouched}${because(why)}`
      }),
    ),
    ...section(
      'Names on the way',
      steps.map(({ name: at, found, security, signer, fromCache, why }) => {
        const by = signer === undefined ? '' : `, signed by ${signer}`
        return `${at} ${found}, ${security}${by}${fromCache ? ', known already' : ''}${because(why)}`
      }),
    ),
    ...section(
      'Asked of others',
      asked.map(
        ({ server, zone, name: about, type: of, transport, said: answer, milliseconds }) =>
          `${server} (${zone}) ${about} ${of} over ${transport}: ${answer}, ${milliseconds} ms`,
      ),
    ),
  ]
  return done(lines.join('\n'), { ...explanation, outcome: readable(outcome) })
}

/** For machines: octets in hexadecimal. */
function readable(outcome: DnsOutcome): object {
  if (outcome.kind !== 'records') return outcome
  const records = outcome.records.map((record) => {
    if ('association' in record) return { ...record, association: hex(record.association) }
    return 'data' in record ? { ...record, data: hex(record.data) } : record
  })
  return { ...outcome, records }
}

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex')

function headline(outcome: DnsOutcome): readonly string[] {
  switch (outcome.kind) {
    case 'records':
      return [
        `${outcome.canonicalName}: ${outcome.security}${because(outcome.why)}`,
        ...outcome.records.map((record) => `  ${typeOf(record)} ${zoneText(record)}`),
      ]
    case 'no-data':
      return [`${outcome.canonicalName} has no such records: ${outcome.security}${because(outcome.why)}`]
    case 'no-name':
      return [`There is no ${outcome.canonicalName}: ${outcome.security}${because(outcome.why)}`]
    case 'bogus':
      return [`Bogus: this answer must not be used${because(outcome.why)}`]
    case 'later':
      return [`Nobody knows now: ${outcome.text}${because(outcome.why)}`]
  }
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)]
}

const because = (why: readonly DnsReason[]) =>
  why.length === 0 ? '' : ` (${why.map(({ text }) => text).join('; ')})`

const typeOf = (record: DnsRecord) => (record.type === 'other' ? `TYPE${record.typeNumber}` : record.type)
