import { z } from 'zod'
import type { DomainName } from '../../lib/address.ts'
import { readableName } from '../../lib/readable-name.ts'
import { Mutex } from '../../platform/sqlite/mutex.ts'
import type { DirectoryReader } from '../../ports/directory-reader.ts'
import type { DomainRow, Grant } from '../../ports/directory-rows.ts'
import type { CheckedRecord, PublishedRecord } from '../../ports/domain-records.ts'
import { type Answer, done, duplicate, json, later, list, missing, outcome, withoutNulls } from './answer.ts'
import { bytes, comment, count, domainName, flag, said, text } from './fields.ts'
import { type ApiPorts, type Operation, operation } from './operation.ts'
import { outOfReach } from './reach.ts'

const params = { domain: domainName }
const settings = {
  comment: comment.optional(),
  max_users: count('Most users; -1 is unlimited').optional(),
  max_aliases: count('Most aliases; -1 is unlimited').optional(),
  max_quota_bytes: bytes('Largest quota of one user; 0 is unlimited').optional(),
  signup_enabled: flag('Anybody may make an account here').optional(),
  alternatives: z.array(domainName).meta({ description: 'Other names' }).optional(),
  old_server: text("The server that still has its people's mail").optional(),
}

const domainGet = z.object({
  name: text('Its name'),
  comment,
  managers: z.array(text('Address of a manager')),
  max_users: count('Most users'),
  max_aliases: count('Most aliases'),
  max_quota_bytes: bytes('Largest quota of one user'),
  signup_enabled: flag('Anybody may make an account here'),
  alternatives: z.array(text('Another name')),
  dns_autoconfig: z.array(text('Record by which mail programs find their settings')),
  dns_mx: text('MX record').nullable(),
  dns_spf: text('SPF record').nullable(),
  dns_dkim: text('DKIM record').nullable(),
  dns_dmarc: text('DMARC record').nullable(),
  dns_dmarc_report: text('Record that asks for the reports of DMARC').nullable(),
  dns_tlsa: z.array(text('TLSA record')).nullable(),
  old_server: settings.old_server,
})

const checkedRecord = z.object({
  purpose: text('What it is good for'),
  name: text('Its name'),
  type: text('MX, TXT …'),
  ttl: z.int(),
  value: text('What it should say, as a zone has it'),
  state: z.enum(['published', 'other', 'missing', 'unknown']),
  secure: flag('Signed with DNSSEC'),
  found: z.array(text('What is there instead')),
})

/** Alternatives are read, and written with one more or less. */
const names = new Mutex()

export const domainOperations: readonly Operation[] = [
  operation({
    area: 'domain',
    method: 'get',
    path: '/domain',
    summary: 'Lists all domains',
    answers: z.array(domainGet),
    run: async ({ ports }) => list(allDomains(ports)),
  }),
  operation({
    area: 'domain',
    method: 'post',
    path: '/domain',
    summary: 'Adds a domain',
    body: z.object({ name: domainName, ...settings }),
    run: async ({ ports, actor, scopes, body }) => {
      const { alternatives = [] } = body
      const barred = await outOfReach(ports, scopes, { oldServer: body.old_server })
      if (barred) return barred
      if (new Set(alternatives).size < alternatives.length) return duplicate('An alternative is named twice.')
      const row = { name: body.name, ...settingsOf(body), ...(alternatives.length > 0 && { alternatives }) }
      return outcome(await ports.admin.add('domain', row, actor), `Domain ${body.name}`, 'created')
    },
  }),
  operation({
    area: 'domain',
    method: 'get',
    path: '/domain/{domain}',
    summary: 'Shows a domain, with its managers and DNS records',
    params,
    answers: domainGet,
    run: async ({ ports, params: { domain } }) => {
      const row = await findDomain(ports.admin, domain)
      return row ? json(await shown(ports, row, await ports.admin.managers())) : missing(`domain ${domain}`)
    },
  }),
  operation({
    area: 'domain',
    method: 'patch',
    path: '/domain/{domain}',
    summary: 'Changes a domain; alternatives are added to those it has',
    params,
    body: z.object(settings),
    run: ({ ports, actor, scopes, params: { domain }, body }) =>
      names.run(async () => {
        const barred = await outOfReach(ports, scopes, { oldServer: body.old_server })
        if (barred) return barred
        const row = await findDomain(ports.admin, domain)
        if (!row) return missing(`domain ${domain}`)
        const all = [...row.alternatives, ...(body.alternatives ?? [])]
        if (new Set(all).size < all.length)
          return duplicate('An alternative is named twice, or there already.')
        const to = { ...settingsOf(body), ...(body.alternatives && { alternatives: all }) }
        return outcome(await ports.admin.set('domain', domain, to, actor), `Domain ${domain}`, 'updated')
      }),
  }),
  operation({
    area: 'domain',
    method: 'delete',
    path: '/domain/{domain}',
    summary: 'Deletes a domain with its users, their mail, and its aliases',
    params,
    run: async ({ ports, actor, scopes, params: { domain } }) =>
      (await outOfReach(ports, scopes, { domain })) ??
      outcome(await ports.admin.delete('domain', domain, actor), `Domain ${domain}`, 'deleted'),
  }),
  operation({
    area: 'domain',
    method: 'get',
    path: '/domain/{domain}/dns',
    summary:
      'Shows every DNS record that a domain, or another name of one, should have, and what DNS says now',
    params,
    answers: z.array(checkedRecord),
    run: async ({ ports, params: { domain } }) => {
      const found = await ports.records.check(domain)
      return found.kind === 'missing' ? missing(`domain ${domain}`) : list(found.records.map(shownRecord))
    },
  }),
  operation({
    area: 'domain',
    method: 'post',
    path: '/domain/{domain}/dkim',
    summary: 'Makes new keys of DKIM, which sign at once',
    params,
    run: ({ ports, actor, params: { domain } }) => newKeys(ports, domain, actor),
  }),
]

const alternativeBody = z.object({ name: domainName, domain: domainName })
const alternative = { alt: domainName }

export const alternativeOperations: readonly Operation[] = [
  operation({
    area: 'alternative',
    method: 'get',
    path: '/alternative',
    summary: 'Lists the other names of all domains',
    answers: z.array(z.object({ name: text('Another name'), domain: text('Of this domain') })),
    run: async ({ ports }) => list((await ports.admin.domains()).flatMap(alternativesOf)),
  }),
  operation({
    area: 'alternative',
    method: 'post',
    path: '/alternative',
    summary: 'Gives a domain another name',
    body: alternativeBody,
    run: ({ ports, actor, body: { name, domain } }) =>
      names.run(async () => {
        const row = await findDomain(ports.admin, domain)
        if (!row) return missing(`domain ${domain}`)
        if (row.alternatives.includes(name)) return duplicate(`${name} is a name of ${domain} already.`)
        const to = { alternatives: [...row.alternatives, name] }
        return outcome(await ports.admin.set('domain', domain, to, actor), `Alternative ${name}`, 'created')
      }),
  }),
  operation({
    area: 'alternative',
    method: 'get',
    path: '/alternative/{alt}',
    summary: 'Shows whose other name it is',
    params: alternative,
    answers: z.object({ name: text('Another name'), domain: text('Of this domain') }),
    run: async ({ ports, params: { alt } }) => {
      const row = (await ports.admin.domains()).find(({ alternatives }) => alternatives.includes(alt))
      return row
        ? json({ name: readableName(alt), domain: readableName(row.name) })
        : missing(`alternative ${alt}`)
    },
  }),
  operation({
    area: 'alternative',
    method: 'delete',
    path: '/alternative/{alt}',
    summary: 'Takes the other name away from its domain',
    params: alternative,
    run: ({ ports, actor, params: { alt } }) =>
      names.run(async () => {
        const row = (await ports.admin.domains()).find(({ alternatives }) => alternatives.includes(alt))
        if (!row) return missing(`alternative ${alt}`)
        const to = { alternatives: row.alternatives.filter((name) => name !== alt) }
        return outcome(await ports.admin.set('domain', row.name, to, actor), `Alternative ${alt}`, 'deleted')
      }),
  }),
]

export async function findDomain(
  admin: Pick<DirectoryReader, 'domains'>,
  name: DomainName,
): Promise<DomainRow | undefined> {
  return (await admin.domains()).find((row) => row.name === name)
}

const alternativesOf = ({ name, alternatives }: DomainRow) =>
  alternatives.map((other) => ({ name: readableName(other), domain: readableName(name) }))

type Said = {
  readonly [Name in Exclude<keyof typeof settings, 'alternatives'>]?: z.output<(typeof settings)[Name]>
}

const settingsOf = (body: Said) =>
  said({
    comment: body.comment,
    maxUsers: body.max_users,
    maxAliases: body.max_aliases,
    maxQuotaBytes: body.max_quota_bytes,
    signupEnabled: body.signup_enabled,
    oldServer: body.old_server,
  })

async function* allDomains(ports: ApiPorts) {
  const managers = await ports.admin.managers()
  for (const row of await ports.admin.domains()) yield withoutNulls(await shown(ports, row, managers))
}

async function shown(ports: ApiPorts, row: DomainRow, managers: readonly Grant[]) {
  const found = await ports.records.list(row.name)
  return {
    name: readableName(row.name),
    comment: row.comment,
    managers: managers.filter(({ domain }) => domain === row.name).map(({ user }) => readableName(user)),
    max_users: row.maxUsers,
    max_aliases: row.maxAliases,
    max_quota_bytes: row.maxQuotaBytes,
    signup_enabled: row.signupEnabled,
    alternatives: row.alternatives.map(readableName),
    ...recordsOf(row.name, found.kind === 'records' ? found.records : []),
    // Not Mailu's: whoever has none sees what Mailu shows.
    ...(row.oldServer !== '' && { old_server: row.oldServer }),
  }
}

const shownRecord = ({ purpose, name, type, ttl, value, state, secure, found }: CheckedRecord) => ({
  purpose,
  name,
  type,
  ttl,
  value,
  state,
  secure,
  found,
})

/** The lines of a zone that Mailu shows. */
function recordsOf(domain: DomainName, records: readonly PublishedRecord[]) {
  const lines = (is: (record: PublishedRecord) => boolean) =>
    records.filter(is).map(({ name, ttl, type, value }) => `${name}. ${ttl} IN ${type} ${value}`)
  const first = (is: (record: PublishedRecord) => boolean) => lines(is)[0] ?? null
  const finders = [`autoconfig.${domain}`, `autodiscover.${domain}`]
  return {
    dns_autoconfig: lines(({ type, name }) => type === 'SRV' || finders.includes(name)),
    dns_mx: first(({ type }) => type === 'MX'),
    dns_spf: first(({ mark }) => mark === 'v=spf1'),
    dns_dkim: first(({ name }) => name.endsWith(`._domainkey.${domain}`)),
    dns_dmarc: first(({ name }) => name === `_dmarc.${domain}`),
    dns_dmarc_report: first(({ name }) => name.startsWith(`${domain}._report._dmarc.`)),
    dns_tlsa: lines(({ type }) => type === 'TLSA'),
  }
}

async function newKeys({ admin, dkimKeys }: ApiPorts, domain: DomainName, actor: string): Promise<Answer> {
  if (!(await findDomain(admin, domain))) return missing(`domain ${domain}`)
  const kept = await dkimKeys.put(domain, 'generate')
  if (kept.kind === 'refused') return outcome(kept, domain, '')
  const noted = await admin.record({ on: 'dkim', key: domain, did: 'modified', columns: [] }, actor)
  if (noted.kind === 'later') return later(noted)
  return done(`DKIM keys of ${domain} have been generated`)
}
