import { BadSyntax } from '../../../lib/bad-syntax.ts'

/** Text in which `%{…}` is filled in. RFC 7208 §7.1. */
export type MacroString = readonly (string | Macro)[]

interface Macro {
  readonly letter: MacroLetter
  /** How many of the right-hand parts are kept; undefined: all. */
  readonly parts: number | undefined
  readonly reversed: boolean
  readonly delimiters: string
  /** A capital letter: for use in a URL. */
  readonly escaped: boolean
}

type MacroLetter = 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'v' | 'h' | 'c' | 'r' | 't'

const piece = /%\{([a-z])(\d*)(r?)([-.+,/_=]*)\}|%([%_-])|([!-$&-~]+)/iy
const explanationPiece = /%\{([a-z])(\d*)(r?)([-.+,/_=]*)\}|%([%_-])|([ -$&-~]+)/iy
const fixed: Readonly<Record<string, string>> = { '%': '%', _: ' ', '-': '%20' }
const everywhere = new Set('slodipvh')
const inExplanations = new Set('slodipvhcrt')

/** Throws `BadSyntax`. In an explanation blanks are text, and there are more letters. */
export function parseMacros(text: string, of: 'name' | 'explanation'): MacroString {
  const pattern = of === 'name' ? piece : explanationPiece
  const letters = of === 'name' ? everywhere : inExplanations
  const pieces: (string | Macro)[] = []
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    const made = found && (found[6] ?? fixed[found[5] ?? ''] ?? macro(found, letters))
    if (!made) throw new BadSyntax('no macro of SPF', at)
    pieces.push(made)
  }
  return pieces
}

function macro(
  [, letter = '', digits = '', reverse = '', delimiters = '']: RegExpExecArray,
  letters: ReadonlySet<string>,
): Macro | undefined {
  const small = letter.toLowerCase()
  if (!letters.has(small) || Number(digits || 1) === 0) return undefined
  return {
    letter: small as MacroLetter,
    parts: digits === '' ? undefined : Number(digits),
    reversed: reverse !== '',
    delimiters: delimiters || '.',
    escaped: letter !== small,
  }
}

const topLabel = /\.(?:[a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9-]*[a-z0-9])\.?$/i

/** `domain-spec`: ends with a label that can be a top-level domain, or with a macro. */
export function parseDomainSpec(text: string): MacroString {
  const macros = parseMacros(text, 'name')
  if (!topLabel.test(text) && typeof macros.at(-1) !== 'object') throw new BadSyntax('no domain name', 0)
  return macros
}

export type MacroValues = (letter: MacroLetter) => Promise<string>

export async function expandMacros(macros: MacroString, values: MacroValues): Promise<string> {
  const texts: string[] = []
  for (const one of macros)
    texts.push(typeof one === 'string' ? one : transformed(await values(one.letter), one))
  return texts.join('')
}

function transformed(value: string, { parts, reversed, delimiters, escaped }: Macro): string {
  const all = splitAt(value, delimiters)
  if (reversed) all.reverse()
  const text = all.slice(parts === undefined ? 0 : -parts).join('.')
  return escaped
    ? encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
    : text
}

function splitAt(value: string, delimiters: string): string[] {
  const parts = ['']
  for (const character of value) {
    if (delimiters.includes(character)) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}
