import { Hono } from 'hono'
import { html } from 'hono/html'
import type { PartState, SystemReport } from '../../../ports/system-state.ts'
import { type Column, table } from '../../site/list.ts'
import { moment } from '../../site/moment.ts'
import { type Content, type Frame, page } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import { localeOf } from '../../texts/texts.ts'
import { at } from '../page.ts'
import { bytes } from '../sizes.ts'
import { facts, mark, span, whole } from './facts.ts'
import type { OpsParts } from './parts.ts'

/** How the server is. */
export function systemRoutes({ system }: Pick<OpsParts, 'system'>): Hono<Env> {
  return new Hono<Env>().get('/', async (c) => {
    const { frame } = c.var
    const { t } = frame
    const report = await system.now()
    const content = html`<p class="actions"><a href="${at(c, '/certificates')}">${t('certificates.title')}</a> <a href="${at(c, '/sign-ins')}">${t('locks.title')}</a> <a href="${at(c, '/resolver')}">${t('resolver.title')}</a></p>
      <h2>${t('system.parts')}</h2>
      ${partTable(frame, report.parts)}
      <h2>${t('system.machine')}</h2>
      <div class="panel">${machine(frame, report)}</div>
      <h2>${t('system.files')}</h2>
      <div class="panel">${facts(report.files.map((file) => [file.name, bytes(frame.language, file.bytes)] as const))}</div>`
    return c.html(page(frame, t('nav.system'), content))
  })
}

const names: Readonly<Record<PartState['name'], string>> = {
  directory: 'system.directory',
  mail: 'system.mail',
  resolver: 'system.resolver',
  spam: 'system.spam',
  antivirus: 'system.antivirus',
  reports: 'system.reports',
}

function partTable(frame: Frame, parts: readonly PartState[]): Content {
  const { t } = frame
  const columns: Column<PartState>[] = [
    { head: t('system.part'), cell: ({ name }) => t(names[name]) },
    { head: t('system.state'), cell: (part) => stateOf(frame, part) },
  ]
  return table({ caption: t('system.parts'), none: '', rows: parts, columns })
}

function stateOf({ t }: Frame, { state, milliseconds, why }: PartState): Content {
  switch (state) {
    case 'works':
      return html`<span>${mark(true, t('system.works'))} <span class="hint">${milliseconds} ms</span></span>`
    case 'fails':
      return html`<span>${mark(false, t('system.fails'))} <span class="hint" lang="en">${why.slice(0, 300)}</span></span>`
    case 'off':
      return html`<span class="off">${t('system.off')}</span>`
    case 'elsewhere':
      return html`<span class="off">${t('system.elsewhere')}</span>`
  }
}

/** Less than this is soon nothing. */
const littleRoom = 1e9

function machine(frame: Frame, report: SystemReport): Content {
  const { t, language } = frame
  const { versions, startedAt, memory, openFiles, busy, disk, listening } = report
  const of = (part: number, all: number) =>
    t('system.of', { part: bytes(language, part), all: bytes(language, all) })
  const ports = [...new Set(listening.map(({ name, port }) => `${name} ${port}`))]
  return facts([
    ['Homepost', versions.homepost],
    ['Node.js', versions.node],
    [t('system.system'), versions.system],
    [
      t('system.runs'),
      t('system.since', { span: span(frame, Date.now() - startedAt), date: moment(frame, startedAt) }),
    ],
    [t('system.memory'), of(memory.used, memory.machine)],
    [
      t('system.busy'),
      busy.toLocaleString(localeOf(language), { style: 'percent', maximumFractionDigits: 1 }),
    ],
    [
      t('system.disk'),
      html`${mark(disk.free >= littleRoom, of(disk.free, disk.total))} <span class="hint"><code>${disk.folder}</code></span>`,
    ],
    [
      t('system.open-files'),
      openFiles ? `${whole(frame, openFiles.used)} / ${whole(frame, openFiles.most)}` : '',
    ],
    [t('system.ports'), ports.join(', ')],
  ])
}
