import { Hono } from 'hono'
import { html } from 'hono/html'
import type { AccountId } from '../../../ports/accounts.ts'
import { told } from '../../site/form.ts'
import { type Frame, page } from '../../site/page.ts'
import type { Env } from '../../site/visit.ts'
import { here } from '../settings-page.ts'
import { type ExportParts, everythingOf } from './everything.ts'

/** Of all people: each reads disks and fills a line. */
const atOnce = 3
/** One that was not read from for so long is over; so long after one the same person waits for another. */
const pauseMs = 60_000

/** Takes all that somebody has here with him. */
export function exportRoutes(parts: ExportParts): Hono<Env> {
  const running = new Map<AccountId, number>()
  return new Hono<Env>()
    .get('/', (c) => c.html(exportPage(c.var.frame)))
    .post('/', (c) => {
      const { frame } = c.var
      const user = here(c)
      const now = Date.now()
      for (const [account, at] of running) if (now - at > pauseMs) running.delete(account)
      if (running.has(user.account) || running.size >= atOnce) {
        c.header('Retry-After', String(pauseMs / 1000))
        return c.html(exportPage(frame, frame.t('export.busy')), 429)
      }
      const noted = noting(everythingOf(parts, user, now), () => running.set(user.account, Date.now()))
      running.set(user.account, now)
      const name = `${user.address.replaceAll(/[^\w.@+-]/g, '_')}.tar`
      return c.body(ReadableStream.from(noted), 200, {
        'Content-Type': 'application/x-tar',
        'Content-Disposition': `attachment; filename="${name}"`,
      })
    })
}

async function* noting(pieces: AsyncIterable<Uint8Array>, note: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    note()
    yield piece
  }
}

const exportPage = (frame: Frame, mistake?: string) =>
  page(
    frame,
    frame.t('export.title'),
    html`${told(mistake, 'bad')}
      <form class="panel" method="post" action="/account/export">
        <p>${frame.t('export.what')}</p>
        <p class="hint">${frame.t('export.hint')}</p>
        <button>${frame.t('export.button')}</button>
      </form>`,
  )
