import type { Context } from 'hono'
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { UserRow, UserSettings } from '../../ports/directory-rows.ts'
import { told } from '../site/form.ts'
import { type Content, type Frame, page } from '../site/page.ts'
import { type Env, fieldsOf } from '../site/visit.ts'

type Field = (name: string) => string
export type Mistakes = Readonly<Record<string, string>>

/** A page of a few settings of somebody. */
export interface SettingsPage<Values> {
  readonly title: (frame: Frame) => string
  readonly form: (frame: Frame, values: Values, mistakes: Mistakes) => Content
  /** What the form shows first. */
  readonly of: (user: UserRow) => Values
  readonly read: (field: Field) => Values
  /** By the name of a field; where there are none, `to` is written. */
  readonly check: (values: Values, frame: Frame) => Mistakes
  readonly to: (values: Values) => Partial<UserSettings>
  /** What the values would come to, shown below the form on demand. */
  readonly preview?: {
    readonly button: (frame: Frame) => string
    readonly show: (c: Context<Env>, values: Values) => Promise<Content>
  }
}

interface Said {
  readonly mistakes?: Mistakes
  readonly text?: string
  readonly below?: Content
  readonly status?: 200 | 422 | 503
}

/** Of `whose` it is: the one who is signed in, or whom somebody looks after; undefined is not found. */
export function settingsPage<Values>(
  admin: DirectoryAdmin,
  about: SettingsPage<Values>,
  whose: (c: Context<Env>) => Promise<UserRow | undefined> = async (c) => here(c),
): Hono<Env> {
  const show = (c: Context<Env>, values: Values, { mistakes = {}, text, below = '', status = 200 }: Said) => {
    const { frame } = c.var
    const form = html`<form class="panel" method="post">
        ${about.form(frame, values, mistakes)}
        <p class="buttons">
          <button>${frame.t('form.save')}</button>
          ${about.preview ? html`<button class="quiet" name="do" value="preview">${about.preview.button(frame)}</button>` : ''}
        </p>
      </form>`
    const content = html`${told(text, status === 200 ? 'good' : 'bad')} ${form} ${below}`
    return c.html(page(frame, about.title(frame), content), status)
  }

  return new Hono<Env>()
    .get('/', async (c) => {
      const user = await whose(c)
      if (!user) return c.notFound()
      const text = c.req.query('saved') === undefined ? {} : { text: c.var.frame.t('form.saved') }
      return show(c, about.of(user), text)
    })
    .post('/', async (c) => {
      const user = await whose(c)
      if (!user) return c.notFound()
      const field = await fieldsOf(c)
      const values = about.read(field)
      const { frame } = c.var
      const mistakes = about.check(values, frame)
      if (Object.keys(mistakes).length > 0)
        return show(c, values, { mistakes, text: frame.t('form.mistakes'), status: 422 })
      if (about.preview && field('do') === 'preview')
        return show(c, values, { below: await about.preview.show(c, values) })
      const done = await admin.set('user', user.address, about.to(values), here(c).address)
      if (done.kind === 'refused') return show(c, values, { text: done.text, status: 422 })
      if (done.kind !== 'changed') return show(c, values, { text: frame.t('trouble.later'), status: 503 })
      return c.redirect(`${new URL(c.req.url).pathname}?saved`, 303)
    })
}

/** Behind `signedIn`. */
export function here(c: Context<Env>): UserRow {
  const user = c.get('user')
  if (!user) throw new Error('a page of an account without anybody signed in')
  return user
}
