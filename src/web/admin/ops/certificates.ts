import { Hono } from 'hono'
import { html } from 'hono/html'
import type {
  CertificateRenewal,
  CertificateSource,
  CertificateTrouble,
  ShownCertificate,
} from '../../../ports/certificate-care.ts'
import { told } from '../../site/form.ts'
import { table } from '../../site/list.ts'
import { dayOf, moment } from '../../site/moment.ts'
import { type Content, type Frame, page } from '../../site/page.ts'
import { inEnglish, reason } from '../../site/reason.ts'
import type { Env } from '../../site/visit.ts'
import { actorHere, at } from '../page.ts'
import { mark } from './facts.ts'
import type { OpsParts } from './parts.ts'

const sources: Readonly<Record<CertificateSource, string>> = {
  authority: 'certificates.authority',
  files: 'certificates.files',
  traefik: 'certificates.traefik',
  'self-signed': 'certificates.self-signed',
  none: 'certificates.none',
}

const renewals: Readonly<Record<CertificateRenewal['kind'], string>> = {
  done: 'certificates.renewed',
  troubled: 'certificates.troubled',
  'not-ours': 'certificates.not-ours',
  stopped: 'certificates.not-ours',
}

/** Which certificates serve, until when, and what is in the way of others. */
export function certificateRoutes({
  certificates,
  admin,
}: Pick<OpsParts, 'certificates' | 'admin'>): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const { frame } = c.var
      const { t } = frame
      const { source, shown, troubles } = await certificates.status()
      const asked = c.req.query('asked') ?? ''
      const result = Object.hasOwn(renewals, asked)
        ? renewals[asked as CertificateRenewal['kind']]
        : undefined
      const content = html`${told(result && t(result), asked === 'done' ? 'good' : 'bad')}
      <p>${t(sources[source])}</p>
      ${troubles.map((trouble) => troublePanel(frame, trouble))}
      ${source === 'none' ? '' : shownTable(frame, shown, Date.now())}
      ${
        source === 'authority'
          ? html`<form method="post" action="${at(c, '/certificates')}"><button class="quiet">${t('certificates.renew')}</button> <span class="hint">${t('certificates.renew-hint')}</span></form>`
          : ''
      }`
      return c.html(page(frame, t('certificates.title'), content))
    })
    .post('/', async (c) => {
      const { kind } = await certificates.renew()
      const done = { on: 'certificates', key: kind, did: 'modified', columns: [] } as const
      await admin.record(done, actorHere(c).user.address)
      return c.redirect(`${at(c, '/certificates')}?asked=${kind}`, 303)
    })
}

const fewDays = 14 * 86_400_000

function shownTable(frame: Frame, shown: readonly ShownCertificate[], now: number): Content {
  const { t } = frame
  return table<ShownCertificate>({
    caption: t('certificates.title'),
    none: t('certificates.nothing'),
    rows: shown,
    columns: [
      { head: t('certificates.names'), cell: ({ names }) => names.join(', ') },
      { head: t('certificates.key'), cell: ({ key }) => key },
      { head: t('certificates.issuer'), cell: ({ issuer }) => issuer },
      {
        head: t('certificates.until'),
        cell: ({ until }) => mark(until - now > fewDays, dayOf(frame, until)),
      },
      {
        head: t('certificates.next'),
        cell: ({ nextTry }) => (nextTry === undefined ? '' : moment(frame, nextTry)),
      },
    ],
  })
}

const troublePanel = (frame: Frame, trouble: CertificateTrouble): Content =>
  html`<div class="told bad" role="status">
        <p><strong>${trouble.names.join(', ')}</strong> <span class="hint">${moment(frame, trouble.at)}</span></p>
        <p>${sentences(frame, trouble)}</p>
        <p class="hint">${frame.t('certificates.tried-again', { date: moment(frame, trouble.nextTry) })}</p>
      </div>`

function sentences(frame: Frame, { text, todo, said }: CertificateTrouble): Content {
  const what = said && reason(frame, `certificate.${said.what}`, said.values)
  const next = said && reason(frame, `todo.${said.todo}`, said.values)
  return html`${what ?? inEnglish(text)}<br>${next ?? inEnglish(todo)}`
}
