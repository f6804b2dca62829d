import { type DomainName, parseDomain } from '../../../lib/address.ts'
import type { DmarcEvaluation } from '../../../ports/mail-authentication.ts'
import type { Lookups } from '../lookups.ts'
import type { DmarcPolicy, DmarcRecord } from './record.ts'
import { type Placed, recordAt, walkTree } from './tree-walk.ts'

export interface DmarcVerdict {
  readonly result: 'none' | 'pass' | 'fail' | 'temperror' | 'permerror'
  /** What the author's domain wants done with a failure, after t= was heard; 'none' where it says nothing. */
  readonly policy: DmarcPolicy
  /** Of From; '' where nobody can say. */
  readonly author: string
  /** Whose record it is; '' where there is none. */
  readonly policyDomain: string
  readonly why: string
  /** Undefined where there is no record. */
  readonly evaluated?: DmarcEvaluation
}

/** Names that have proven to stand behind a message, and names that could not be asked. */
export interface Identities {
  readonly spf: string | undefined
  readonly dkim: readonly string[]
  /** The same, where DNS failed: nobody knows whether they would have passed. */
  readonly unknownSpf: string | undefined
  readonly unknownDkim: readonly string[]
}

/** A From of more domains than these is no letter's. */
const mostAuthors = 3

const rank: Readonly<Record<DmarcPolicy, number>> = { none: 0, quarantine: 1, reject: 2 }

/** Of several authors the one that fares worst speaks for the message. RFC 9989 §5.3.1. */
export async function checkDmarc(
  authors: readonly DomainName[] | undefined,
  identities: Identities,
  lookups: Lookups,
): Promise<DmarcVerdict> {
  if (!authors || authors.length > mostAuthors) {
    const why = authors ? 'From has too many domains' : 'From says no one author'
    return { result: 'permerror', policy: 'none', author: '', policyDomain: '', why }
  }
  const verdicts = await Promise.all(authors.map((author) => checkAuthor(author, identities, lookups)))
  return verdicts.reduce((worst, each) => (badness(each) > badness(worst) ? each : worst))
}

const results = ['pass', 'none', 'permerror', 'temperror', 'fail']
const badness = ({ result, policy }: DmarcVerdict) => results.indexOf(result) * 3 + rank[policy]

async function checkAuthor(
  author: DomainName,
  identities: Identities,
  lookups: Lookups,
): Promise<DmarcVerdict> {
  const nothing = { policy: 'none', author, policyDomain: '' } as const
  const placed = await findPolicy(author, lookups)
  if (placed === 'trouble') return { result: 'temperror', ...nothing, why: 'DNS does not answer now' }
  if (!placed) return { result: 'none', ...nothing, why: '' }
  const { record, domain: policyDomain } = placed
  const asked = await askedFor(author, placed, lookups)
  const speaks = async (dkim: readonly string[], spf: string | undefined) => {
    const [byDkim, bySpf] = await Promise.all([
      some(dkim, (name) => isAligned(name, author, record.strictDkim, lookups)),
      some([spf], (name) => isAligned(name, author, record.strictSpf, lookups)),
    ])
    return { dkim: byDkim, spf: bySpf }
  }
  const proven = await speaks(identities.dkim, identities.spf)
  const evaluated = { ...proven, published: publishedBy(record) }
  const found = { policy: record.testing ? gentler[asked] : asked, author, policyDomain, evaluated }
  if (proven.dkim || proven.spf) return { result: 'pass', ...found, why: '' }
  const unknown = await speaks(identities.unknownDkim, identities.unknownSpf)
  if (unknown.dkim || unknown.spf) return { result: 'temperror', ...found, why: 'DNS does not answer now' }
  return { result: 'fail', ...found, why: 'neither SPF nor DKIM speaks for the author' }
}

const publishedBy = ({ reportsTo, ...record }: DmarcRecord) => ({
  policy: record.policy,
  subdomainPolicy: record.subdomainPolicy,
  absentPolicy: record.absentPolicy,
  strictDkim: record.strictDkim,
  strictSpf: record.strictSpf,
  testing: record.testing,
  wantsReports: reportsTo.length > 0,
})

/** RFC 9989 §4.10.1: the author's own record, or the organisation's, or that of the registry above it. */
async function findPolicy(author: DomainName, lookups: Lookups): Promise<Placed | undefined | 'trouble'> {
  const own = await recordAt(author, lookups)
  if (own !== undefined) return own === 'trouble' ? own : { domain: author, record: own }
  const walked = await walkTree(author, lookups)
  if (walked.kind === 'trouble') return 'trouble'
  const { records, organization } = walked
  return (
    records.find(({ domain }) => domain === organization) ??
    records.find(({ record }) => record.publicSuffix === 'yes')
  )
}

const gentler: Readonly<Record<DmarcPolicy, DmarcPolicy>> = {
  reject: 'quarantine',
  quarantine: 'none',
  none: 'none',
}

async function askedFor(
  author: DomainName,
  { domain, record }: Placed,
  lookups: Lookups,
): Promise<DmarcPolicy> {
  if (domain === author) return record.policy
  if (record.absentPolicy === record.subdomainPolicy) return record.subdomainPolicy
  const found = await lookups.find(author, 'A')
  return found.kind === 'none' && found.why === 'no-name' ? record.absentPolicy : record.subdomainPolicy
}

/** RFC 9989 §4.4: the same name, or, unless that is asked for, the same organisation. A-labels on both sides. */
async function isAligned(
  name: string,
  author: DomainName,
  strict: boolean,
  lookups: Lookups,
): Promise<boolean> {
  const domain = parseDomain(name)
  if (domain === undefined) return false
  if (domain === author) return true
  if (strict || !shareEnd(domain, author)) return false
  const [theirs, ours] = await Promise.all([walkTree(domain, lookups), walkTree(author, lookups)])
  return theirs.kind === 'walked' && ours.kind === 'walked' && theirs.organization === ours.organization
}

/** Names of two top-level domains are never of one organisation: nobody is asked. */
const shareEnd = (a: string, b: string) => a.slice(a.lastIndexOf('.') + 1) === b.slice(b.lastIndexOf('.') + 1)

async function some(
  names: readonly (string | undefined)[],
  is: (name: string) => Promise<boolean>,
): Promise<boolean> {
  const known = [...new Set(names.filter((name) => name !== undefined))]
  return (await Promise.all(known.map(is))).includes(true)
}
