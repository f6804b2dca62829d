import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Added, Changed, Refusal } from '../../ports/directory-writer.ts'
import type { TryLater } from '../../ports/runtime.ts'
import { checkBox, input, select, textArea, told } from '../site/form.ts'
import { type Content, page } from '../site/page.ts'
import { type Env, fieldsOf } from '../site/visit.ts'

/** What a form asks for; `label` and `hint` are keys of texts. */
export interface Field {
  readonly name: string
  readonly label: string
  readonly kind: 'text' | 'email' | 'password' | 'number' | 'check' | 'lines' | 'choice'
  /** Of a choice. */
  readonly choices?: (t: (key: string) => string, value: string) => readonly (readonly [string, string])[]
  readonly hint?: string
  /** Those of one group stand in a frame; the key of what it is called. */
  readonly group?: string
  /** Attributes as they stand. */
  readonly more?: string
}

/** By the name of a field. A box that is checked says `yes`. */
export type Values = Readonly<Record<string, string>>
export type Mistakes = Readonly<Record<string, string>>

export interface Form {
  readonly title: string
  readonly fields: readonly Field[]
  readonly values: Values
  readonly mistakes?: Mistakes
  /** Said above, where it was not taken. */
  readonly text?: string
  readonly status?: 200 | 422 | 503
  /** Stands before and after the form. */
  readonly before?: Content
  readonly after?: Content
  /** The key of what the button says. */
  readonly button?: string
}

export function showForm(c: Context<Env>, form: Form) {
  const { frame } = c.var
  const { t } = frame
  const { title, fields, values, mistakes = {}, text, status = 200, before = '', after = '', button } = form
  const content = html`${told(text, 'bad')} ${before}
      <form class="panel" method="post">
        ${[...Map.groupBy(fields, ({ name, group }) => group ?? name).values()].map((members) => {
          const inside = members.map((field) => shown(field, { t, values, mistakes }))
          const group = members[0]?.group
          return group === undefined
            ? inside
            : html`<fieldset><legend>${t(group)}</legend>${inside}</fieldset>`
        })}
        <button>${t(button ?? 'form.save')}</button>
      </form>
      ${after}`
  return c.html(page(frame, title, content), status)
}

function shown(
  { name, label, kind, choices, hint, more = '' }: Field,
  { t, values, mistakes }: { t: (key: string) => string; values: Values; mistakes: Mistakes },
) {
  const value = values[name] ?? ''
  if (kind === 'check') return checkBox(name, t(label), value === 'yes')
  const about = { name, label: t(label), value, error: mistakes[name], more, ...(hint && { hint: t(hint) }) }
  if (kind === 'choice') return select({ ...about, choices: choices?.(t, value) ?? [] })
  return kind === 'lines' ? textArea(about) : input({ ...about, type: kind })
}

/** Nothing is kept: what is wrong stands at each field. */
export const showMistakes = (c: Context<Env>, form: Form, mistakes: Mistakes) =>
  showForm(c, { ...form, mistakes, text: c.var.frame.t('form.mistakes'), status: 422 })

/** Texts without the spaces around them; passwords as they were typed. */
export async function readForm(c: Context<Env>, fields: readonly Field[]): Promise<Values> {
  const field = await fieldsOf(c)
  return Object.fromEntries(
    fields.map(({ name, kind }) => [name, kind === 'password' ? field(name) : field(name).trim()]),
  )
}

/** What somebody typed is shown to him again, but for passwords. */
export function again(fields: readonly Field[], values: Values): Values {
  const secret = new Set(fields.filter(({ kind }) => kind === 'password').map(({ name }) => name))
  return Object.fromEntries(Object.entries(values).filter(([name]) => !secret.has(name)))
}

/** Goes on where it was done, and shows the form again where it was not. */
export function afterwards(
  c: Context<Env>,
  outcome: Added | Changed | Refusal | TryLater,
  { next, form }: { readonly next: string; readonly form: Form },
) {
  switch (outcome.kind) {
    case 'added':
    case 'changed':
      return c.redirect(next, 303)
    case 'missing':
      return c.notFound()
    case 'refused':
      return showForm(c, { ...form, text: outcome.text, status: 422 })
    case 'later':
      return showForm(c, { ...form, text: c.var.frame.t('trouble.later'), status: 503 })
  }
}

export const yesIf = (on: boolean): string => (on ? 'yes' : '')

export const isYes = (values: Values, name: string): boolean => values[name] === 'yes'
