import type { Text, TextPiece } from '../language/spec.ts'
import { fromOctets } from '../match/octets.ts'

export interface TextRules {
  readonly encodedCharacter: boolean
  readonly variables: boolean
  readonly namespaces: ReadonlySet<string>
}

/** A string of a script as it is meant; `error` says what is wrong with it. */
export type ReadText = { readonly text: Text } | { readonly error: string }

const largestMatch = 99

export function readText(raw: string, rules: TextRules): ReadText {
  if (!raw.includes('${')) return { text: raw }
  const decoded = rules.encodedCharacter ? decodeCharacters(raw) : { text: raw }
  if ('error' in decoded || !rules.variables) return decoded
  return splitVariables(decoded.text, rules.namespaces)
}

const encoded = /\$\{(hex|unicode):([\s0-9a-f]*)\}/gi

/** RFC 5228 §2.4.2.4. What does not fit the grammar stays as it is. */
function decodeCharacters(raw: string): { readonly text: string } | { readonly error: string } {
  let error: string | undefined
  const pieces: Buffer[] = []
  let end = 0
  for (const match of raw.matchAll(encoded)) {
    const numbers = (match[2] ?? '').trim().split(/\s+/)
    const isHex = match[1]?.toLowerCase() === 'hex'
    if (!numbers.every((digits) => (isHex ? /^[0-9a-f]{1,2}$/i : /^[0-9a-f]+$/i).test(digits))) continue
    pieces.push(Buffer.from(raw.slice(end, match.index)))
    end = match.index + match[0].length
    const codes = numbers.map((digits) => Number.parseInt(digits, 16))
    const wrong = isHex
      ? undefined
      : codes.find((code) => code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    if (wrong !== undefined) error ??= `${wrong.toString(16)} is no Unicode character`
    else
      pieces.push(
        isHex ? Buffer.from(codes) : Buffer.from(codes.map((code) => String.fromCodePoint(code)).join('')),
      )
  }
  if (error !== undefined) return { error }
  return { text: end === 0 ? raw : fromOctets(Buffer.concat([...pieces, Buffer.from(raw.slice(end))])) }
}

const reference = /\$\{([a-z_][a-z0-9_]*(?:\.(?:[a-z_][a-z0-9_]*|\d+))*|\d+)\}/gi

/** RFC 5229 §3: what is no variable reference stays as it is. */
function splitVariables(text: string, namespaces: ReadonlySet<string>): ReadText {
  const pieces: TextPiece[] = []
  let end = 0
  for (const match of text.matchAll(reference)) {
    if (match.index > end) pieces.push(text.slice(end, match.index))
    end = match.index + match[0].length
    const name = (match[1] ?? '').toLowerCase()
    if (/^\d/.test(name)) {
      if (Number(name) > largestMatch) return { error: `match variable ${name} is beyond ${largestMatch}` }
      pieces.push({ match: Number(name) })
      continue
    }
    const dot = name.lastIndexOf('.')
    if (dot > 0 && !namespaces.has(name.slice(0, dot)))
      return { error: `unknown namespace '${name.slice(0, dot)}'` }
    pieces.push({ variable: name })
  }
  if (end === 0) return { text }
  if (end < text.length) pieces.push(text.slice(end))
  return { text: pieces }
}
