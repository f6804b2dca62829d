import { zoneText } from '../../lib/dns-record.ts'
import type { DnsOutcome, DnsResolver } from '../../ports/dns-resolver.ts'
import type { CheckedRecord, PublishedRecord } from '../../ports/domain-records.ts'

/** For all questions of a domain together. */
const patienceMs = 20_000

/** Each record as the world sees it now. */
export function checkRecords(
  records: readonly PublishedRecord[],
  dns: DnsResolver,
): Promise<readonly CheckedRecord[]> {
  const deadlineMs = Date.now() + patienceMs
  return Promise.all(
    records.map(async (record) => {
      const { name, type } = record
      return checked(record, await dns.resolve({ name, type, deadlineMs }))
    }),
  )
}

function checked(record: PublishedRecord, outcome: DnsOutcome): CheckedRecord {
  if (outcome.kind === 'bogus' || outcome.kind === 'later') {
    const [why] = outcome.why
    return { ...record, state: 'unknown', secure: false, found: why ? [why.text] : [] }
  }
  const all = outcome.kind === 'records' ? outcome.records.map(zoneText) : []
  const { mark = '' } = record
  const found = all.filter((each) => plain(each).startsWith(mark))
  const others = found.filter((each) => plain(each) !== plain(record.value))
  const secure = outcome.security === 'secure'
  if (others.length < found.length) return { ...record, state: 'published', secure, found: others }
  return { ...record, state: others.length > 0 ? 'other' : 'missing', secure, found: others }
}

/** Records are compared without what makes no difference: where texts are cut, blanks, and the case of names. */
function plain(value: string): string {
  if (!value.startsWith('"')) return value.toLowerCase()
  const whole = value.slice(1, -1).replaceAll('" "', '')
  return whole
    .replace(/\s*;\s*/g, ';')
    .replace(/;$/, '')
    .replace(/\s+/g, ' ')
    .trim()
}
