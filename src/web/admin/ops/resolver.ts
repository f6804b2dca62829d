import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import { type DnsRecord, zoneText } from '../../../lib/dns-record.ts'
import type { DnsExplanation, DnsOutcome, DnsReason, KnownDnsType } from '../../../ports/dns-resolver.ts'
import { told } from '../../site/form.ts'
import { type Content, type Frame, page } from '../../site/page.ts'
import { inEnglish, reason } from '../../site/reason.ts'
import type { Env } from '../../site/visit.ts'
import type { OpsParts } from './parts.ts'

const types: readonly KnownDnsType[] = [
  'MX',
  'TXT',
  'A',
  'AAAA',
  'CNAME',
  'TLSA',
  'SRV',
  'CAA',
  'NS',
  'SOA',
  'PTR',
  'DS',
  'DNSKEY',
]
/** Enough for a name that hangs on many others. */
const patienceMs = 30_000

/** How a name is found, and whether it can be believed: `homepost dns explain`. */
export function resolverRoutes({ dns }: Pick<OpsParts, 'dns'>): Hono<Env> {
  return new Hono<Env>().get('/', async (c) => {
    const { frame } = c.var
    const { t } = frame
    const name = (c.req.query('name') ?? '').trim()
    const type = types.find((each) => each === c.req.query('type')) ?? 'MX'
    const form = searchOf(frame, name, type)
    const show = (content: Content, status: 200 | 422 = 200) =>
      c.html(page(frame, t('resolver.title'), html`<p>${t('resolver.about')}</p>${form}${content}`), status)
    if (name === '') return show('')
    if (!/^[\w.*\-\u{80}-\u{10ffff}]{1,253}$/u.test(name))
      return show(told(t('resolver.no-name'), 'bad'), 422)
    return show(explained(frame, await dns.explain({ name, type, deadlineMs: Date.now() + patienceMs })))
  })
}

const searchOf = ({ t }: Frame, name: string, type: KnownDnsType) =>
  html`<form class="search" role="search">
        <div><label for="name">${t('resolver.name')}</label>
        <input id="name" name="name" value="${name}" maxlength="253" required placeholder="example.org"></div>
        <div><label for="type">${t('resolver.type')}</label>
        <select id="type" name="type">${types.map((each) => html`<option${raw(each === type ? ' selected' : '')}>${each}</option>`)}</select></div>
        <button class="quiet">${t('resolver.ask')}</button>
      </form>`

function explained(frame: Frame, { outcome, chain, steps, asked }: DnsExplanation): Content {
  const { t } = frame
  return html`<div class="panel">${headline(frame, outcome)}</div>
      ${section(
        t('resolver.chain'),
        chain.map(
          ({ zone, state, keys, why }) =>
            html`<strong>${zone}</strong> <span class="badge${state === 'bogus' ? ' bad' : ''}">${state}</span> <span class="hint">${keys.join(', ')}${because(frame, why)}</span>`,
        ),
      )}
      ${section(
        t('resolver.steps'),
        steps.map(
          ({ name, found, security, signer, fromCache, why }) =>
            html`<strong>${name}</strong> <span class="badge">${found}</span> <span class="badge">${security}</span> <span class="hint">${[signer ?? '', fromCache ? t('resolver.known') : ''].filter(Boolean).join(', ')}${because(frame, why)}</span>`,
        ),
      )}
      ${section(
        t('resolver.asked'),
        asked
          .slice(0, 200)
          .map(
            ({ server, zone, name, type, transport, said, milliseconds }) =>
              html`<code>${server}</code> (${zone}) ${name} ${type} <span class="hint">${transport}: ${said}, ${milliseconds} ms</span>`,
          ),
      )}`
}

const section = (title: string, lines: readonly Content[]) =>
  lines.length === 0
    ? ''
    : html`<h2>${title}</h2><ul class="panel plain">${lines.map((line) => html`<li>${line}</li>`)}</ul>`

function headline(frame: Frame, outcome: DnsOutcome): Content {
  const { t } = frame
  switch (outcome.kind) {
    case 'records':
      return html`<p>${outcome.canonicalName}: <span class="badge">${outcome.security}</span>${because(frame, outcome.why)}</p>
        <ul class="plain">${outcome.records.slice(0, 200).map((record) => html`<li><code>${typeOf(record)} ${zoneText(record).slice(0, 1000)}</code></li>`)}</ul>`
    case 'no-data':
      return html`<p>${t('resolver.no-data', { name: outcome.canonicalName })} <span class="badge">${outcome.security}</span>${because(frame, outcome.why)}</p>`
    case 'no-name':
      return html`<p>${t('resolver.missing', { name: outcome.canonicalName })} <span class="badge">${outcome.security}</span>${because(frame, outcome.why)}</p>`
    case 'bogus':
      return html`<p class="error">${t('resolver.bogus')}${because(frame, outcome.why)}</p>`
    case 'later':
      return html`<p class="error">${t('resolver.later')} <span lang="en">${outcome.text}</span>${because(frame, outcome.why)}</p>`
  }
}

const typeOf = (record: DnsRecord) => (record.type === 'other' ? `TYPE${record.typeNumber}` : record.type)

function because(frame: Frame, why: readonly DnsReason[]): Content {
  const said = why.map(
    ({ code, text }) => html` ${reason(frame, `dns.${code}`) ?? ''} ${inEnglish(`(${text})`)}`,
  )
  return html`${said}`
}
