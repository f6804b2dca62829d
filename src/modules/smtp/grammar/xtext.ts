import type { Scanner } from '../../../lib/scanner.ts'

/** RFC 3461 §4: printable ASCII but `+` and `=`, which come as `+` and two hexadecimal digits. */
export function decodeXtext(text: string, d: Scanner): string {
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})*$/.test(text)) d.fail('Expected xtext')
  return text.replace(/\+(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** RFC 6533 §3: utf-8-addr-xtext (`\x{20AC}` for a character) or the characters as they are. */
export function decodeUtf8Xtext(text: string, d: Scanner): string {
  if (/[\x00-\x20\x7f+=]/.test(text)) d.fail('Expected utf-8-addr-xtext')
  return text.replace(/\\x\{([0-9A-Fa-f]{2,6})\}/g, (_, hex: string) => {
    const point = Number.parseInt(hex, 16)
    return point > 0x10ffff ? d.fail('No such character') : String.fromCodePoint(point)
  })
}
