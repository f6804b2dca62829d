import { html } from 'hono/html'
import type { SieveProblem } from '../../../ports/sieve.ts'
import { input, textArea, told } from '../../site/form.ts'
import { type Content, type Frame, page } from '../../site/page.ts'

export interface Edited {
  readonly name: string
  readonly text: string
  /** Nothing of that name is kept yet. */
  readonly isNew: boolean
}

interface Shown extends Edited {
  readonly said?: string
  readonly mistake?: string | undefined
  readonly nameMistake?: string | undefined
  readonly errors?: readonly SieveProblem[]
  readonly warnings?: readonly SieveProblem[]
  /** What stands below the form: a rehearsal. */
  readonly below?: Content
}

export const editPath = (name: string) => `/account/filters/edit?name=${encodeURIComponent(name)}`

/** A script to be written, with what is wrong at its line. */
export function editor(frame: Frame, shown: Shown) {
  const { t } = frame
  const { name, text, isNew, said, mistake, nameMistake, errors = [], warnings = [], below = '' } = shown
  const title = isNew ? t('filters.new') : name
  return page(
    frame,
    title,
    html`<p><a href="/account/filters">${t('filters.back')}</a></p>
      ${told(said)} ${told(mistake, 'bad')}
      ${problems(frame, shown, errors, 'bad')} ${problems(frame, shown, warnings, 'warning')}
      <form class="panel" method="post" action="/account/filters/edit">
        ${
          isNew
            ? html`<input type="hidden" name="new" value="yes">
        ${input({ name: 'name', label: t('filters.name'), value: name, error: nameMistake, more: 'required maxlength="256"' })}`
            : html`<input type="hidden" name="name" value="${name}">`
        }
        ${textArea({
          name: 'text',
          label: t('filters.script'),
          value: text,
          hint: t('filters.hint'),
          error: errors.length > 0 ? t('filters.mistakes') : undefined,
          more: 'class="code" spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"',
          rows: 18,
        })}
        <p class="buttons">
          <button name="do" value="save">${t('form.save')}</button>
          <button name="do" value="activate">${t('filters.save-and-activate')}</button>
          <button class="quiet" name="do" value="rehearse">${t('filters.rehearse')}</button>
        </p>
      </form>
      ${below} ${isNew ? '' : renaming(frame, name)}`,
  )
}

const renaming = ({ t }: Frame, name: string) =>
  html`<details>
        <summary>${t('filters.rename')}</summary>
        <form class="panel" method="post" action="/account/filters/rename">
          <input type="hidden" name="name" value="${name}">
          ${input({ name: 'to', label: t('filters.new-name'), value: name, more: 'required maxlength="256"' })}
          <button>${t('filters.rename')}</button>
        </form>
      </details>`

const mostShown = 20

/** Each with its line, as it stands in the script. */
function problems(
  { t }: Frame,
  { name, text }: Edited,
  found: readonly SieveProblem[],
  kind: 'bad' | 'warning',
): Content {
  if (found.length === 0) return ''
  const lines = text.split(/\r?\n/)
  return html`<ul class="panel problems ${kind}">${found.slice(0, mostShown).map(
    ({ script, line, column, message }) => html`
        <li>${t(script === name ? 'filters.place' : 'filters.place-in', { line, column, script })} ${message}${
          script === name
            ? html`<pre><code><span>${line}</span> ${(lines[line - 1] ?? '').slice(0, 200)}</code></pre>`
            : ''
        }</li>`,
  )}
      </ul>`
}
