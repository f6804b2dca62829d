import { html } from 'hono/html'
import type {
  DmarcAdvice,
  DmarcSource,
  DmarcSummary,
  Reporter,
  TlsAdvice,
  TlsFailure,
  TlsSummary,
} from '../../../ports/mail-reports.ts'
import { type Cell, table } from '../../site/list.ts'
import type { Content, Frame } from '../../site/page.ts'
import { dayChart, shareBar } from './chart.ts'
import { whole } from './facts.ts'

interface Around {
  /** UTC milliseconds. */
  readonly since: number
  readonly until: number
  /** The page of the domain's records. */
  readonly dns: string
}

const mostSources = 50

export function dmarcView(frame: Frame, summary: DmarcSummary, around: Around): Content {
  const { t } = frame
  const { domain, messages, passed, days, next, policy } = summary
  if (summary.reporters.length === 0)
    return html`<h2>${t('reports.dmarc')}</h2><div class="panel">${askForReports(frame, around)}</div>`
  const values = {
    all: whole(frame, messages),
    good: whole(frame, passed),
    bad: whole(frame, messages - passed),
  }
  const label = t('reports.dmarc-sum', values)
  return html`<h2>${t('reports.dmarc')}</h2>
      <div class="panel">
        <p><strong>${label}</strong> ${policy && t('reports.policy', { policy })}</p>
        ${dayChart(frame, { days, ...around, good: t('reports.good'), bad: t('reports.bad'), label })}
        <p class="hint">${toldBy(frame, summary.reporters)}</p>
        <h3>${t('reports.next')}</h3>
        <ul>${next.map((advice) => html`<li>${dmarcAdvice(frame, advice, domain, around)}</li>`)}</ul>
      </div>
      ${summary.sources.length === 0 ? '' : sourceTable(frame, summary)}`
}

function sourceTable(frame: Frame, { sources, sourcesLeftAway }: DmarcSummary): Content {
  const { t } = frame
  const shown = sources.slice(0, mostSources)
  const left = sources.length - shown.length + sourcesLeftAway
  return html`${table<DmarcSource>({
    caption: t('reports.sources'),
    none: '',
    rows: shown,
    columns: [
      { head: t('reports.source'), cell: ({ ip }) => html`<code>${ip || t('reports.other-sources')}</code>` },
      {
        head: t('reports.messages'),
        cell: ({ messages }) => html`<span class="number">${whole(frame, messages)}</span>`,
      },
      {
        head: t('reports.proven'),
        cell: ({ passed, messages }) =>
          html`<span class="number">${whole(frame, passed)}</span> ${shareBar({ good: passed, all: messages, label: t('reports.of', { part: passed, all: messages }) })}`,
      },
      { head: t('reports.signed-by'), cell: ({ signedBy }) => signedBy.join(' ') || '–' },
      { head: t('reports.vouched-by'), cell: ({ vouchedBy }) => vouchedBy.join(' ') || '–' },
      {
        head: t('reports.fate'),
        cell: ({ quarantined, rejected }) => t('reports.fate-of', { quarantined, rejected }),
      },
    ],
  })}${left > 0 ? html`<p class="hint">${t('reports.left', { count: left })}</p>` : ''}`
}

function dmarcAdvice(frame: Frame, advice: DmarcAdvice, domain: string, around: Around): Cell {
  const { t } = frame
  switch (advice.kind) {
    case 'ask-for-reports':
      return askForReports(frame, around)
    case 'be-stricter':
      return t('reports.be-stricter', { policy: advice.policy })
    case 'sign-as-us':
      return t('reports.sign-as-us', { ip: advice.ip, count: advice.messages, as: advice.as, domain })
    case 'know-it':
      return t('reports.know-it', { ip: advice.ip, count: advice.messages })
    case 'mend':
      return t('reports.mend', { ip: advice.ip, count: advice.messages })
    case 'fine':
      return t('reports.dmarc-fine')
  }
}

export function tlsView(frame: Frame, summary: TlsSummary, around: Around): Content {
  const { t } = frame
  const { sessions, failed, failures, days, next, policies, domain } = summary
  if (summary.reporters.length === 0)
    return html`<h2>${t('reports.tls')}</h2><div class="panel">${askForReports(frame, around)}</div>`
  const label = t('reports.tls-sum', { all: whole(frame, sessions), bad: whole(frame, failed) })
  return html`<h2>${t('reports.tls')}</h2>
      <div class="panel">
        <p><strong>${label}</strong> ${t('reports.policies', { policies: policies.join(', ') || '–' })}</p>
        ${dayChart(frame, { days, ...around, good: t('reports.encrypted'), bad: t('reports.failed'), label })}
        <p class="hint">${toldBy(frame, summary.reporters)}</p>
        <h3>${t('reports.next')}</h3>
        <ul>${next.map((advice) => html`<li>${tlsAdvice(frame, advice, domain, around)}</li>`)}</ul>
      </div>
      ${failures.length === 0 ? '' : failureTable(frame, failures)}`
}

const failureTable = (frame: Frame, failures: readonly TlsFailure[]): Content =>
  table<TlsFailure>({
    caption: frame.t('reports.failures'),
    none: '',
    rows: failures.slice(0, mostSources),
    columns: [
      { head: frame.t('reports.failure'), cell: ({ type }) => html`<code>${type}</code>` },
      { head: frame.t('reports.our-server'), cell: ({ host }) => host || '–' },
      {
        head: frame.t('reports.connections'),
        cell: ({ sessions }) => html`<span class="number">${whole(frame, sessions)}</span>`,
      },
      { head: frame.t('reports.told-by'), cell: ({ reporters }) => reporters.slice(0, 10).join(' ') },
      { head: frame.t('reports.said'), cell: ({ text }) => text.slice(0, 300) },
    ],
  })

/** RFC 8460 §4.3. */
const failureMeanings: Readonly<Record<string, string>> = {
  'starttls-not-supported': 'reports.no-starttls',
  'certificate-host-mismatch': 'reports.wrong-name',
  'certificate-expired': 'reports.expired',
  'certificate-not-trusted': 'reports.not-trusted',
  'validation-failure': 'reports.not-validated',
  'tlsa-invalid': 'reports.tlsa-invalid',
  'dnssec-invalid': 'reports.dnssec-invalid',
  'dane-required': 'reports.dane-required',
  'sts-policy-fetch-error': 'reports.sts-fetch',
  'sts-policy-invalid': 'reports.sts-invalid',
  'sts-webpki-invalid': 'reports.sts-webpki',
}

function tlsAdvice(frame: Frame, advice: TlsAdvice, domain: string, around: Around): Cell {
  const { t } = frame
  switch (advice.kind) {
    case 'ask-for-reports':
      return askForReports(frame, around)
    case 'failure':
      return `${advice.host || domain}: ${Object.hasOwn(failureMeanings, advice.type) ? t(failureMeanings[advice.type] ?? '') : advice.type}`
    case 'no-policy':
      return html`${t('reports.no-policy')} <a href="${around.dns}">${t('reports.see-dns')}</a>`
    case 'fine':
      return t('reports.tls-fine')
  }
}

const askForReports = ({ t }: Frame, { dns }: Around) =>
  html`<p>${t('reports.ask')} <a href="${dns}">${t('reports.see-dns')}</a></p>`

const mostNamed = 10

/** By the domain that has proven to have sent them, and what it calls itself. */
function toldBy({ t }: Frame, reporters: readonly Reporter[]): string {
  const names = reporters
    .slice(0, mostNamed)
    .map(({ domain, name, reports }) =>
      name ? t('reports.reporter', { domain, name: name.slice(0, 60), reports }) : `${domain} (${reports})`,
    )
  return t('reports.told', { names: names.join(', ') + (reporters.length > mostNamed ? ', …' : '') })
}
