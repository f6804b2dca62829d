import type { CheckedRecord, PublishedRecord } from '../../../ports/domain-records.ts'
import { domain as domainKind } from '../../settings/kinds.ts'
import { type Answer, done } from '../answer.ts'
import { argument, flag, type Verb, verb } from '../verb.ts'
import { missing } from './outcome.ts'

export const domainDnsVerbs: Readonly<Record<string, Verb>> = {
  'domain dns': verb({
    summary: 'Lists every DNS record that a domain should have, and what DNS says now',
    takes: {
      name: argument(domainKind, 'Domain name, or another name of one'),
      zone: flag('Prints lines for a zone file, and asks nobody'),
    },
    run: async ({ domainRecords }, { name, zone }) => {
      const answer = await (zone ? domainRecords.list(name) : domainRecords.check(name))
      switch (answer.kind) {
        case 'missing':
          return missing(name)
        case 'records':
          return zoneFile(answer.records)
        case 'checked':
          return table(answer.records)
      }
    },
  }),
}

const zoneLine = ({ name, ttl, type, value }: PublishedRecord) => `${name}. ${ttl} IN ${type} ${value}`

const zoneFile = (records: readonly PublishedRecord[]): Answer =>
  done(records.map(zoneLine).join('\n'), records.map(shown))

const shown = ({ purpose, name, type, ttl, value }: PublishedRecord) => ({ purpose, name, type, ttl, value })

function table(records: readonly CheckedRecord[]): Answer {
  return {
    kind: 'table',
    columns: ['STATE', 'RECORD', 'FOR'],
    rows: records.map((record) => [stateOf(record), zoneLine(record), record.purpose]),
    json: records.map((record) => ({
      ...shown(record),
      state: record.state,
      secure: record.secure,
      found: record.found,
    })),
  }
}

function stateOf({ state, type, secure, found }: CheckedRecord): string {
  switch (state) {
    case 'published':
      return type === 'TLSA' && !secure ? 'there, but DNS is not signed' : 'there'
    case 'missing':
      return 'missing'
    case 'other':
      return `other: ${found.join(', ').slice(0, 60)}`
    case 'unknown':
      return 'DNS does not answer'
  }
}
