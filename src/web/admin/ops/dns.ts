import { Hono } from 'hono'
import { html } from 'hono/html'
import { parseDomain } from '../../../lib/address.ts'
import type { CheckedRecord } from '../../../ports/domain-records.ts'
import { manages } from '../../site/actor.ts'
import { table } from '../../site/list.ts'
import { type Content, type Frame, page } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import { mark } from './facts.ts'
import type { OpsParts } from './parts.ts'

/** What DNS should say of each domain, and what it says. */
export function dnsRoutes({ records, admin }: Pick<OpsParts, 'records' | 'admin'>): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const actor = actorHere(c)
      const rows = (await admin.domains()).filter(({ name }) => manages(actor, name))
      const home = at(c, '/dns')
      const content = html`<p>${frame.t('dns.about')}</p>
      <ul class="panel list">${rows.flatMap(({ name, alternatives }) =>
        [name, ...alternatives].map((each) => html`<li><a href="${home}/${each}">${each}</a></li>`),
      )}</ul>`
      return c.html(page(frame, frame.t('nav.dns'), content))
    })
    .get('/:domain', async (c) => {
      const { frame } = c.var
      const asked = parseDomain(c.req.param('domain'))
      const row = (await admin.domains()).find(
        ({ name, alternatives }) => name === asked || alternatives.some((each) => each === asked),
      )
      if (asked === undefined || !row || !manages(actorHere(c), row.name)) return c.notFound()
      const checked = await records.check(asked)
      if (checked.kind === 'missing') return c.notFound()
      return c.html(page(frame, frame.t('dns.of', { domain: asked }), recordList(frame, checked.records)))
    })
}

function recordList(frame: Frame, records: readonly CheckedRecord[]): Content {
  const { t } = frame
  const there = records.filter(({ state }) => state === 'published').length
  return html`<p>${t('dns.sum', { count: records.length, there })}</p>
      ${table<CheckedRecord>({
        caption: t('nav.dns'),
        none: '',
        rows: records,
        columns: [
          {
            head: t('dns.record'),
            cell: (record) =>
              html`${mark(record.state === 'published', stateOf(frame, record))}<br><strong>${purposeOf(frame, record)}</strong>`,
          },
          {
            head: t('dns.paste'),
            cell: ({ name, type, value }) =>
              html`<span><span class="hint">${t('dns.name')}</span> <code class="paste">${name}</code> <span class="badge">${type}</span><br>
              <span class="hint">${t('dns.value')}</span> <code class="paste">${value}</code></span>`,
          },
          { head: t('dns.found'), cell: (record) => foundOf(frame, record) },
        ],
      })}
      <h2>${t('dns.zone')}</h2>
      <div class="panel">
        <p>${t('dns.zone-hint')}</p>
        <textarea class="zone" readonly rows="10" aria-label="${t('dns.zone')}">
${records.map(({ name, ttl, type, value }) => `${name}. ${ttl} IN ${type} ${value}`).join('\n')}</textarea>
      </div>`
}

const states: Readonly<Record<CheckedRecord['state'], string>> = {
  published: 'dns.published',
  other: 'dns.other',
  missing: 'dns.missing',
  unknown: 'dns.unknown',
}

const stateOf = ({ t }: Frame, { state, type, secure }: CheckedRecord) =>
  state === 'published' && type === 'TLSA' && !secure ? t('dns.not-signed') : t(states[state])

/** What stands in front of what was found. */
const heads: Readonly<Record<CheckedRecord['state'], string>> = {
  published: 'dns.beside',
  other: 'dns.instead',
  missing: 'dns.instead',
  unknown: 'dns.trouble',
}

function foundOf({ t }: Frame, { state, found }: CheckedRecord): Content {
  if (found.length === 0) return ''
  const head = t(heads[state])
  return html`<span><span class="hint">${head}</span> ${found.slice(0, 5).map((each) => html`<code>${each.slice(0, 500)}</code> `)}</span>`
}

/** What a record is good for, by what names it. */
const purposes: readonly (readonly [RegExp, string])[] = [
  [/^MX /, 'dns.mx'],
  [/^TXT _report\._dmarc\.|^TXT .*\._report\._dmarc\./, 'dns.reports-wanted'],
  [/^TXT _dmarc\./, 'dns.dmarc'],
  [/^TXT .*\._domainkey\./, 'dns.dkim'],
  [/^TXT _smtp\._tls\./, 'dns.tls-reports'],
  [/^TXT _mta-sts\./, 'dns.sts'],
  [/^TXT /, 'dns.spf'],
  [/^CNAME mta-sts\./, 'dns.sts-host'],
  [/^TLSA /, 'dns.tlsa'],
  [/^CAA /, 'dns.caa'],
  [/^SRV /, 'dns.service'],
  [/^CNAME /, 'dns.finder'],
]

function purposeOf({ t }: Frame, { type, name, value }: CheckedRecord): string {
  const key = purposes.find(([mark]) => mark.test(`${type} ${name}`))?.[1] ?? 'dns.record'
  const [service = ''] = name.slice(1).split('.')
  // a target of `.` says that there is none
  if (key === 'dns.service') return t(value.endsWith(' .') ? 'dns.no-service' : key, { service })
  return t(key)
}
