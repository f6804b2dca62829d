import { html, raw } from 'hono/html'
import type { Content } from './page.ts'

interface Field {
  readonly name: string
  /** Where two forms of a page have a field of this name. */
  readonly id?: string
  readonly label: string
  readonly value?: string | number
  readonly type?: 'text' | 'email' | 'password' | 'date' | 'number'
  readonly hint?: string
  readonly error?: string | undefined
  /** Of a text area. */
  readonly rows?: number
  /** Attributes as they stand: `required autocomplete="username"`. */
  readonly more?: string
}

/** What of a field is said by others: its hint and its mistake. */
function described({ name, id = name, hint, error }: Field): { about: Content; attributes: string } {
  const ids = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  const attributes = `${ids ? ` aria-describedby="${ids}"` : ''}${error ? ' aria-invalid="true"' : ''}`
  const about = html`${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : ''}
        ${error ? html`<p class="error" id="${id}-error">${error}</p>` : ''}`
  return { about, attributes }
}

export function input(field: Field) {
  const { name, id = name, label, value = '', type = 'text', more = '' } = field
  const { about, attributes } = described(field)
  return html`<label for="${id}">${label}</label>
        <input id="${id}" name="${name}" type="${type}" value="${value}"${raw(attributes)} ${raw(more)}>
        ${about}`
}

/** A browser leaves out the first line end: the one that is written here, not one of the text. */
export function textArea(field: Field) {
  const { name, label, value = '', more = '', rows = 8 } = field
  const { about, attributes } = described(field)
  return html`<label for="${name}">${label}</label>
        <textarea id="${name}" name="${name}" rows="${rows}"${raw(attributes)} ${raw(more)}>
${value}</textarea>
        ${about}`
}

export function select(
  field: Field & { readonly choices: readonly (readonly [value: string, text: string])[] },
) {
  const { name, label, value = '', choices } = field
  const { about, attributes } = described(field)
  return html`<label for="${name}">${label}</label>
        <select id="${name}" name="${name}"${raw(attributes)}>${choices.map(
          ([choice, text]) =>
            html`<option value="${choice}"${raw(choice === value ? ' selected' : '')}>${text}</option>`,
        )}</select>
        ${about}`
}

export const checkBox = (name: string, label: string, checked: boolean) =>
  html`<label class="check"><input type="checkbox" name="${name}" value="yes"${raw(checked ? ' checked' : '')}>
          <span>${label}</span></label>`

/** What stands in a field for many: one on each line, or with commas or blanks between them. */
export const itemsIn = (text: string): string[] => text.split(/[\s,;]+/).filter((each) => each !== '')

/** Does one thing, without asking further. */
export const postButton = (action: string, text: string, look: 'bad' | 'quiet' = 'bad') =>
  html`<form method="post" action="${action}"><button class="${look}">${text}</button></form>`

/** Said at the top of a page after something was done, or was not. */
export const told = (text: string | undefined, kind: 'good' | 'bad' = 'good') =>
  text === undefined
    ? ''
    : html`<p class="told${kind === 'bad' ? ' bad' : ''}" role="${kind === 'bad' ? 'alert' : 'status'}">${text}</p>`
