import { namedEntity } from './html-entities.ts'

/** Elements whose content nobody reads. */
const silent = new Set(['style', 'script', 'title', 'template'])

/** Elements that do not part words. */
const inline = new Set([
  'a',
  'abbr',
  'b',
  'big',
  'code',
  'del',
  'em',
  'font',
  'i',
  'ins',
  'mark',
  'o:p',
  's',
  'small',
  'span',
  'strike',
  'strong',
  'sub',
  'sup',
  'tt',
  'u',
])

/** The text of HTML, to be searched and for previews, not for display: roughly the first `enough` characters. */
export function htmlText(html: string, enough: number): string {
  let out = ''
  let at = 0
  while (at < html.length && out.length < enough) {
    const open = html.indexOf('<', at)
    if (open < 0) return out + readEntities(html.slice(at))
    if (open > at) out += singleBlanks(readEntities(html.slice(at, open)))
    const tag = readTag(html, open)
    out += tag.text
    at = tag.end
  }
  return out
}

/** `text.replace(/\s+/g, ' ')` */
export const singleBlanks = (text: string): string => text.replace(oddBlanks, ' ')

// Not every single blank: there are ten times as many.
const oddBlanks = /[^\S ]\s*| \s+/g

const tagName = /<(\/?)([a-z][a-z0-9:]*)/iy

function readTag(html: string, open: number): { readonly text: string; readonly end: number } {
  if (html.startsWith('<!--', open)) return { text: '', end: after(html, '-->', open + 4) }
  tagName.lastIndex = open
  const match = tagName.exec(html)
  if (match === null) {
    const declaration = html.charAt(open + 1) === '!' || html.charAt(open + 1) === '?'
    return declaration ? { text: '', end: after(html, '>', open) } : { text: '<', end: open + 1 }
  }
  const name = (match[2] ?? '').toLowerCase()
  const end = after(html, '>', open)
  const text = inline.has(name) ? '' : ' '
  return { text, end: match[1] === '' && silent.has(name) ? silentEnd(html, name, end) : end }
}

/** After the closing tag. */
function silentEnd(html: string, name: string, from: number): number {
  const close = new RegExp(`</${name}`, 'gi')
  close.lastIndex = from
  const match = close.exec(html)
  return match === null ? html.length : after(html, '>', match.index)
}

function after(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from)
  return at < 0 ? html.length : at + mark.length
}

export function readEntities(text: string): string {
  return text.includes('&')
    ? text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]{1,7}));?/gi, entity)
    : text
}

function entity(whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return namedEntity(name) ?? whole
  const code = decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal)
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' '
}
