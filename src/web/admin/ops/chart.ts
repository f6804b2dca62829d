import { html } from 'hono/html'
import type { ReportedDay } from '../../../ports/mail-reports.ts'
import { dayOf } from '../../site/moment.ts'
import type { Content, Frame } from '../../site/page.ts'
import { whole } from './facts.ts'

const dayMs = 86_400_000
/** Of the drawing, which is stretched to its place: words stand around it, not in it. */
const [barWidth, gap, height] = [8, 2, 100]

interface DayChart {
  readonly days: readonly ReportedDay[]
  /** UTC milliseconds. */
  readonly since: number
  readonly until: number
  /** What is counted, in words. */
  readonly good: string
  readonly bad: string
  readonly label: string
}

/** A bar for each day: what was well above, what failed on top of it. */
export function dayChart(frame: Frame, { days, since, until, good, bad, label }: DayChart): Content {
  const byDay = new Map(days.map((each) => [each.day, each]))
  const shown = Array.from({ length: Math.round((until - since) / dayMs) }, (_, n) => {
    const day = dayAt(until - n * dayMs)
    return byDay.get(day) ?? { day, count: 0, failed: 0 }
  }).reverse()
  const most = Math.max(1, ...shown.map(({ count }) => count))
  const [first, last] = [shown[0], shown.at(-1)]
  return html`<figure class="chart">
        <figcaption><span class="number"><span class="key good-fill"></span> ${good}</span> <span class="number"><span class="key bad-fill"></span> ${bad}</span></figcaption>
        <p class="hint number">${whole(frame, most)}</p>
        <svg viewBox="0 0 ${shown.length * (barWidth + gap)} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}">
          ${shown.map((each, at) => bar(frame, each, at, most))}
        </svg>
        <p class="hint ends"><span>${first && dayName(frame, first.day)}</span><span>${last && dayName(frame, last.day)}</span></p>
      </figure>`
}

function bar(frame: Frame, { day, count, failed }: ReportedDay, at: number, most: number): Content {
  if (count === 0) return ''
  const x = at * (barWidth + gap)
  const [all, top] = [scaled(count, most), scaled(failed, most)]
  return html`<g><title>${dayName(frame, day)}: ${whole(frame, count - failed)} + ${whole(frame, failed)}</title><rect class="good-fill" x="${x}" y="${height - all}" width="${barWidth}" height="${all}"/>${
    failed > 0
      ? html`<rect class="bad-fill" x="${x}" y="${height - all}" width="${barWidth}" height="${top}"/>`
      : ''
  }</g>`
}

/** What there is can be seen, however little it is. */
const scaled = (n: number, most: number) => (n === 0 ? 0 : Math.max(2, Math.round((n / most) * height)))

/** How much of the whole is well. */
export function shareBar({ good, all, label }: { good: number; all: number; label: string }): Content {
  const width = all === 0 ? 0 : (good / all) * 100
  return html`<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="bad-fill" width="${all === 0 ? 0 : 100}" height="10"/><rect class="good-fill" width="${width.toFixed(1)}" height="10"/></svg>`
}

const dayAt = (at: number) => new Date(at).toISOString().slice(0, 10)

const dayName = ({ language }: Frame, day: string) => dayOf({ language, timeZone: 'UTC' }, Date.parse(day))
