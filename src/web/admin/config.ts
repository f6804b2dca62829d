import { type Context, Hono } from 'hono'
import { html, raw } from 'hono/html'
import { freshly } from '../account/fresh.ts'
import { checkBox, told } from '../site/form.ts'
import { type Content, page } from '../site/page.ts'
import { type Env, savedText, wrongRequest } from '../site/visit.ts'
import { actorHere, at } from './page.ts'
import type { AdminParts } from './parts.ts'

const mostShown = 500

/** The whole directory as a file, and back. Mailu: `config-export`, `config-import`. Hashes of passwords are in it. */
export function configRoutes({ admin, files }: Pick<AdminParts, 'admin' | 'files'>): Hono<Env> {
  return new Hono<Env>()
    .use(freshly((c) => at(c, '/config')))
    .get('/', (c) => show(c, told(savedText(c))))
    .post('/export', async (c) => {
      const form = await c.req.parseBody().catch(() => undefined)
      if (!form) return wrongRequest(c, 400)
      const secrets = form['secrets'] === 'yes'
      const text = await files.export({ full: form['full'] === 'yes', secrets })
      const columns = [{ column: 'secrets', from: undefined, to: secrets }]
      await admin.record({ on: 'file', key: 'export', did: 'created', columns }, actorHere(c).user.address)
      return c.body(text, 200, {
        'Content-Type': 'application/yaml; charset=utf-8',
        'Content-Disposition': 'attachment; filename="homepost.yml"',
        'Cache-Control': 'no-store',
      })
    })
    .post('/import', async (c) => {
      const sent = await fileIn(c)
      if (!sent) return wrongRequest(c, 400)
      const { isSure, ...file } = sent
      const actor = actorHere(c).user.address
      const done = await files.import({ ...file, dryRun: !isSure, actor })
      if (done.kind === 'refused') return show(c, mistakesOf(c, done.mistakes), 422)
      return isSure
        ? c.redirect(at(c, '/config?saved'), 303)
        : rehearsed(c, file, [...done.lines, done.summary])
    })
}

interface Sent {
  readonly text: string
  readonly replaces: boolean
}

/** A file, or what was rehearsed just now. Undefined where it is no form. */
async function fileIn(c: Context<Env>): Promise<(Sent & { readonly isSure: boolean }) | undefined> {
  const body = await c.req.parseBody().catch(() => undefined)
  if (!body) return undefined
  const { file = '', sure, replaces } = body
  if (typeof file !== 'string' && !(file instanceof File)) return undefined
  const text = typeof file === 'string' ? file : await file.text()
  return { text, replaces: replaces === 'yes', isSure: typeof file === 'string' && sure === 'yes' }
}

function show(c: Context<Env>, above: Content, status: 200 | 422 = 200) {
  const { frame } = c.var
  const { t } = frame
  const content = html`${above}
      <p>${t('config.what')}</p>
      <h2>${t('config.export')}</h2>
      <form class="panel" method="post" action="${at(c, '/config/export')}">
        ${checkBox('full', t('config.full'), false)}
        ${checkBox('secrets', t('config.secrets'), false)}
        <p class="hint">${t('config.secrets-hint')}</p>
        <button>${t('config.download')}</button>
      </form>
      <h2>${t('config.import')}</h2>
      <form class="panel" method="post" action="${at(c, '/config/import')}" enctype="multipart/form-data">
        <label for="file">${t('config.file')}</label>
        <input id="file" name="file" type="file" accept=".yml,.yaml,.json" required aria-describedby="file-hint">
        <p class="hint" id="file-hint">${t('config.file-hint')}</p>
        ${checkBox('replaces', t('config.replaces'), false)}
        <button>${t('import.rehearse')}</button>
      </form>`
  return c.html(page(frame, t('nav.config'), content), status)
}

const list = (lines: readonly string[]) =>
  html`<div class="panel"><pre lang="en">${lines.slice(0, mostShown).join('\n')}${lines.length > mostShown ? '\n…' : ''}</pre></div>`

const mistakesOf = (c: Context<Env>, mistakes: readonly string[]) =>
  html`${told(c.var.frame.t('config.not-done'), 'bad')} ${list(mistakes)}`

function rehearsed(c: Context<Env>, { text, replaces }: Sent, lines: readonly string[]) {
  const { frame } = c.var
  const { t } = frame
  const content = html`<p>${t('config.would')}</p>
      ${list(lines)}
      <form method="post" action="${at(c, '/config/import')}" enctype="multipart/form-data">
        <textarea name="file" hidden${raw(' aria-hidden="true"')}>
${text}</textarea>
        <input type="hidden" name="replaces" value="${replaces ? 'yes' : 'no'}">
        <input type="hidden" name="sure" value="yes">
        <p class="buttons"><button class="${replaces ? 'bad' : ''}">${t('import.apply')}</button> <a href="${at(c, '/config')}">${t('form.cancel')}</a></p>
      </form>`
  return c.html(page(frame, t('nav.config'), content))
}
