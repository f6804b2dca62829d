import type { DomainName } from '../../../lib/address.ts'
import type { StagedKey } from '../../../ports/dkim-keys.ts'
import type { DnsResolver } from '../../../ports/dns-resolver.ts'
import type { PublishedRecord } from '../../../ports/domain-records.ts'
import { checkRecords } from '../../directory/check-records.ts'
import { keyRecord } from '../../directory/published-records.ts'
import { domain as domainKind } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, flag, maybeArgument, type Verb, type VerbPorts, verb } from '../verb.ts'
import { missing } from './outcome.ts'

const name = argument(domainKind, 'Domain name')

/** Mail that a retired key signed may be on its way this long: five days of trying, and some of waiting in a folder. */
const keptDays = 7
const dayMs = 86_400_000

/** Keys of DKIM. A new pair takes three steps, so that no message is signed with a key that DNS does not have. */
export const dkimVerbs: Readonly<Record<string, Verb>> = {
  'dkim list': verb({
    summary: 'Lists the keys that sign mail, will sign it, or signed it',
    takes: { name: maybeArgument(domainKind, 'Only of this domain') },
    run: async (ports, values) => {
      const domains = (await ports.admin.domains()).map((row) => row.name)
      if (values.name !== undefined && !domains.includes(values.name)) return missing(values.name)
      const chosen = values.name === undefined ? domains : [values.name]
      const keys = await Promise.all(chosen.map((each) => ports.dkimKeys.all(each)))
      return listed(keys.flat())
    },
  }),
  'dkim generate': verb({
    summary: 'Makes the first keys of a domain, which sign at once',
    takes: { name },
    run: (ports, values) =>
      ofDomain(ports, values.name, async (keys) => {
        if (keys.some(({ stage }) => stage === 'signing'))
          return refused(
            `${values.name} has keys that sign. For new ones: homepost dkim prepare ${values.name}`,
          )
        const kept = await ports.dkimKeys.put(values.name, 'generate')
        if (kept.kind !== 'kept') return refused(kept.text)
        return toPublish(await ports.dkimKeys.all(values.name), 'Mail is signed from now on. Publish:')
      }),
  }),
  'dkim prepare': verb({
    summary: 'Makes the keys that will sign next, and says what to publish for them',
    takes: { name },
    run: (ports, values) =>
      ofDomain(ports, values.name, async () => {
        const next = await ports.dkimKeys.prepare(values.name)
        return toPublish(next, `Publish these, and then: homepost dkim advance ${values.name}`)
      }),
  }),
  'dkim advance': verb({
    summary: 'Signs with the prepared keys from now on, once DNS has them',
    takes: { name, unchecked: flag('Does not ask DNS whether the keys are there') },
    run: (ports, values) =>
      ofDomain(ports, values.name, async (keys) => {
        const next = keys.filter(({ stage }) => stage === 'next')
        const absent = values.unchecked ? [] : await unpublished(next, ports.dns)
        if (absent.length > 0) {
          const names = absent.map((record) => `${record.name} is ${record.state}`).join('; ')
          return refused(`Not yet: ${names}. With --unchecked the keys sign all the same.`)
        }
        const advanced = await ports.dkimKeys.advance(values.name)
        if (advanced.kind !== 'kept') return refused(advanced.text)
        const text = `The new keys sign. Keep the records of the old ones for ${keptDays} days, then: homepost dkim retire ${values.name}`
        return done(text, {
          result: 'advanced',
          name: values.name,
          signing: next.map(({ selector }) => selector),
        })
      }),
  }),
  'dkim retire': verb({
    summary: 'Deletes keys that do not sign any more',
    takes: { name, now: flag(`Also those that signed in the last ${keptDays} days`) },
    run: (ports, values) =>
      ofDomain(ports, values.name, async (keys) => {
        const retired = keys.filter(({ stage }) => stage === 'retired')
        if (retired.length === 0) return refused(`${values.name} has no keys that have stopped signing.`)
        const last = Math.max(...retired.map(({ since }) => since)) + keptDays * dayMs
        if (last > Date.now() && !values.now)
          return refused(
            `Mail they signed may still be on its way until ${dayOf(last)}. With --now they are deleted all the same.`,
          )
        const gone = await ports.dkimKeys.forget(values.name)
        const names = gone.map((selector) => `${selector}._domainkey.${values.name}`)
        return done(`Deleted. These records can go: ${names.join(', ')}`, {
          result: 'deleted',
          selectors: gone,
        })
      }),
  }),
}

async function ofDomain(
  { admin, dkimKeys }: VerbPorts,
  wanted: DomainName,
  act: (keys: readonly StagedKey[]) => Promise<Answer>,
): Promise<Answer> {
  const known = (await admin.domains()).some((row) => row.name === wanted)
  return known ? act(await dkimKeys.all(wanted)) : missing(wanted)
}

const stages: Readonly<Record<StagedKey['stage'], string>> = {
  next: 'prepared',
  signing: 'signs',
  retired: 'retired',
}
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

function listed(keys: readonly StagedKey[]): Answer {
  return {
    kind: 'table',
    columns: ['DOMAIN', 'SELECTOR', 'KIND', 'STATE', 'SINCE'],
    rows: keys.map((key) => [key.domain, key.selector, kindOf(key), stages[key.stage], dayOf(key.since)]),
    json: keys.map((key) => ({
      domain: key.domain,
      selector: key.selector,
      kind: kindOf(key),
      stage: key.stage,
      since: new Date(key.since).toISOString(),
      record: keyRecord(key).value,
    })),
  }
}

const kindOf = (key: StagedKey) => (keyRecord(key).value.includes('k=rsa') ? 'rsa' : 'ed25519')

function toPublish(keys: readonly StagedKey[], text: string): Answer {
  const records = keys.map(keyRecord)
  const lines = records.map(({ name: owner, ttl, type, value }) => `${owner}. ${ttl} IN ${type} ${value}`)
  return done([text, '', ...lines].join('\n'), {
    result: 'kept',
    records: records.map(({ name: owner, type, value }) => ({ name: owner, type, value })),
  })
}

async function unpublished(keys: readonly StagedKey[], dns: DnsResolver): Promise<readonly Unpublished[]> {
  const checked = await checkRecords(keys.map(keyRecord), dns)
  const words = {
    other: 'another key',
    missing: 'missing',
    unknown: 'not to be asked now',
    published: '',
  } as const
  return checked
    .filter(({ state }) => state !== 'published')
    .map((record) => ({ ...record, state: words[record.state] }))
}

interface Unpublished extends PublishedRecord {
  readonly state: string
}
