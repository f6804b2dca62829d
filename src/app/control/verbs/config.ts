import type { DomainName } from '../../../lib/address.ts'
import { type DnsRecords, dnsRecords, reportTags } from '../../directory/dns.ts'
import { applyPlan, deletionText } from '../../directory/file/apply.ts'
import { currentOf } from '../../directory/file/current.ts'
import { exportFile } from '../../directory/file/export.ts'
import { readFilters } from '../../directory/file/filter.ts'
import { Mistakes } from '../../directory/file/mistakes.ts'
import type { Node } from '../../directory/file/node.ts'
import { type Plan, plan } from '../../directory/file/plan.ts'
import { planLegacy } from '../../directory/file/plan-legacy.ts'
import type { Current } from '../../directory/file/planning.ts'
import { readFile } from '../../directory/file/read-file.ts'
import { listOf, text } from '../../settings/kinds.ts'
import { type Answer, done, mistake, refused } from '../answer.ts'
import { configuration, flag, maybeRest, output, type Verb, type VerbPorts, verb } from '../verb.ts'
import { warned } from './last-admin.ts'

const file = configuration('A YAML or JSON file; - or nothing is standard input')

/** The directory as a file, in Mailu's format. */
export const configVerbs: Readonly<Record<string, Verb>> = {
  'config export': verb({
    summary: 'Writes the directory as Mailu’s config-export does: YAML, or with --json JSON',
    takes: {
      filter: maybeRest(listOf(text), 'Only a section or attribute: domain, user.email, domain.dns_mx'),
      full: flag('Also what has its standard value'),
      secrets: flag('Also DKIM keys and passwords of fetches; hashes of passwords are always there'),
      dns: flag('Also the DNS records of each domain'),
      output: output('Writes to a file that only its owner may read'),
    },
    run: async (ports, { filter = [], full = false, secrets = false, dns = false }) => {
      const filters = readFilters(filter)
      if (filters.kind === 'mistakes') return mistake(filters.mistakes.join('\n'))
      const current = await currentOf(ports)
      const named = filter.some((name) => /\.(dns_|dkim_publickey)/.test(name))
      const records = dns || named ? await recordsOf(ports) : new Map<DomainName, DnsRecords>()
      const sections = exportFile({ full, secrets, dns, wanted: filters.wanted, current, records })
      return { kind: 'document', sections }
    },
  }),
  'config import': verb({
    summary: 'Makes the directory what a file of Mailu’s config-export says, or with --update merges it in',
    takes: {
      file,
      update: flag('Keeps what the file does not name'),
      'dry-run': flag('Changes nothing, and shows what would be changed'),
      'delete-users': flag('Deletes users that the file does not name, and their mail'),
      verbose: flag('Shows every change'),
      secrets: flag('Taken for Mailu’s sake: what is secret stays hidden'),
    },
    run: async (ports, values) => {
      const current = await currentOf(ports)
      const mistakes = new Mistakes()
      const reading = { mode: values.update ? ('update' as const) : ('replace' as const), mistakes }
      const planned = plan(readFile(JSON.parse(values.file) as Node, reading), reading, current)
      return carryOut(ports, planned, {
        current,
        mistakes,
        dryRun: values['dry-run'] ?? false,
        deleteUsers: values['delete-users'] ?? false,
        verbose: values.verbose ?? false,
      })
    },
  }),
  'config update': verb({
    summary: 'Takes a file of Mailu’s older config-update: domains, users, aliases, managers',
    takes: {
      file,
      'delete-objects': flag(
        'Deletes users with their mail, aliases and domains that the file does not name',
      ),
      'dry-run': flag('Changes nothing, and shows what would be changed'),
      verbose: flag('Shows every change'),
    },
    run: async (ports, values) => {
      const current = await currentOf(ports)
      const mistakes = new Mistakes()
      const planned = planLegacy(JSON.parse(values.file) as Node, {
        mode: 'replace',
        mistakes,
        current,
        deleteObjects: values['delete-objects'] ?? false,
      })
      return carryOut(ports, planned, {
        current,
        mistakes,
        dryRun: values['dry-run'] ?? false,
        deleteUsers: true,
        verbose: values.verbose ?? false,
      })
    },
  }),
}

interface How {
  readonly current: Current
  readonly mistakes: Mistakes
  readonly dryRun: boolean
  readonly deleteUsers: boolean
  readonly verbose: boolean
}

async function carryOut(ports: VerbPorts, planned: Plan, how: How): Promise<Answer> {
  if (!how.mistakes.none) return mistake(how.mistakes.texts().join('\n'))
  const imported = await applyPlan(planned, ports, { ...how, actor: 'import' })
  if (imported.kind === 'refused') return refused(imported.texts.join('\n'))
  const { lines, summary, counts } = imported.report
  const last = how.dryRun ? 'Dry run. Not committing changes.' : 'Committing changes.'
  const warning = imported.wouldDelete.length > 0 ? [deletionText(imported.wouldDelete)] : []
  const told = [
    ...planned.remarks,
    ...(how.dryRun || how.verbose ? lines : []),
    ...warning,
    `${last} ${summary}`,
  ]
  const answer = done(told.join('\n'), {
    result: how.dryRun ? 'dry run' : 'imported',
    counts,
    changes: lines,
    remarks: planned.remarks,
  })
  return how.dryRun ? answer : warned(ports.admin, how.current.rows.users, answer)
}

async function recordsOf(ports: VerbPorts): Promise<ReadonlyMap<DomainName, DnsRecords>> {
  const records = new Map<DomainName, DnsRecords>()
  const { DOMAIN, HOSTNAMES, DMARC_RUA, DMARC_RUF } = ports.settings
  const [hostname = DOMAIN] = HOSTNAMES
  const reports = reportTags(DOMAIN, DMARC_RUA, DMARC_RUF)
  for (const { name } of await ports.admin.domains()) {
    const [key] = await ports.dkimKeys.signing(name)
    records.set(name, dnsRecords(name, hostname, key, reports))
  }
  return records
}
